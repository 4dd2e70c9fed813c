//! What API servers of 1.20 and of 1.33 and well-known policy engines answer.

use ackcheck_core::seat::dss::pods::PodOfDss;

use super::*;

fn code(status: u16, said: &str) -> Option<&'static str> {
    let pod = PodOfDss::with_nothing_set().remove(0);
    finding("dss", &pod, &Refused { code: status, said: said.to_owned() }).ok().map(|finding| finding.code.name)
}

#[test]
fn each_refusal_is_told_by_its_words() {
    for (status, said, name) in [
        (404, r#"namespaces "dss" not found"#, "namespace-missing"),
        (
            403,
            r#"pods "p" is forbidden: unable to create new content in namespace dss because it is being terminated"#,
            "terminating",
        ),
        (403, r#"pods "p" is forbidden: exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0"#, "quota"),
        (403, r#"pods "p" is forbidden: failed quota: q: must specify limits.cpu,limits.memory"#, "quota"),
        (403, r#"pods "p" is forbidden: failed quota: q: must specify limits.cpu for: c"#, "quota"),
        (403, r#"pods "p" is forbidden: status unknown for quota: q, resources: pods"#, "quota"),
        (
            403,
            r#"pods "p" is forbidden: minimum memory usage per Container is 64Mi, but request is 32Mi"#,
            "limit-range",
        ),
        (
            403,
            r#"pods "p" is forbidden: [maximum cpu usage per Pod is 1, but limit is 2, maximum memory usage per Container is 1Gi. No limit is specified]"#,
            "limit-range",
        ),
        (
            403,
            r#"pods "p" is forbidden: cpu max limit to request ratio per Container is 2, but provided ratio is 10.000000"#,
            "limit-range",
        ),
        (
            403,
            r#"pods "p" is forbidden: error looking up service account dss/spark: serviceaccount "spark" not found"#,
            "service-account-missing",
        ),
        (
            500,
            r#"Internal error occurred: failed calling webhook "w.example.com": Post "https://w.kube-system.svc:443/v?timeout=10s": context deadline exceeded"#,
            "webhook-silent",
        ),
        (
            500,
            r#"Internal error occurred: failed calling webhook "w.example.com": failed to call webhook: Post "https://w.kube-system.svc:443/v?timeout=10s": no endpoints available for service "w""#,
            "webhook-silent",
        ),
        (403, r#"admission webhook "validation.gatekeeper.sh" denied the request: [allowed-repos] no"#, "policy"),
        (
            400,
            "admission webhook \"validate.kyverno.svc-fail\" denied the request: \n\nresource Pod/dss/p was blocked due to the following policies",
            "policy",
        ),
        (403, r#"pods "p" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true"#, "policy"),
        (403, r#"pods "p" is forbidden: PodSecurityPolicy: unable to admit pod: []"#, "policy"),
        (
            422,
            r#"pods "p" is forbidden: ValidatingAdmissionPolicy 'no' with binding 'no' denied request: failed expression"#,
            "policy",
        ),
        (403, r#"pods "p" is forbidden: no PriorityClass with name high was found"#, "policy"),
    ] {
        assert_eq!(code(status, said), Some(name), "{said}");
    }
}

#[test]
fn what_says_nothing_about_dss_is_not_judged() {
    for (status, said) in [
        (400, r#"admission webhook "w.example.com" does not support dry run"#),
        (
            422,
            r#"Pod "p" is invalid: spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit"#,
        ),
        (504, "Timeout: request did not complete within requested timeout 34s"),
        (500, "Internal error occurred: etcdserver: request timed out"),
    ] {
        assert_eq!(code(status, said), None, "{said}");
    }
}
