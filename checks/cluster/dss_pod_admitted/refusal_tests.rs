//! What API servers of 1.20 and of 1.33 and well-known policy engines answer.

use ackcheck_core::seat::dss::pods::PodOfDss;

use super::*;

fn code(status: u16, said: &str) -> Option<&'static str> {
    let pod = PodOfDss::with_nothing_set().remove(0);
    finding("dss", &pod, &Refused { code: status, said: said.to_owned() }).ok().map(|finding| finding.code.name)
}

const REFUSALS: &[(u16, &str, &str)] = &[
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
    (403, r#"pods "p" is forbidden: minimum memory usage per Container is 64Mi, but request is 32Mi"#, "limit-range"),
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
    // Engines have words of their own.
    (403, r#"admission webhook "quota.corp.example" denied the request: exceeded quota: team, requested: 1"#, "policy"),
    (
        403,
        r#"admission webhook "limits.corp.example" denied the request: maximum memory usage per Container is 1Gi"#,
        "policy",
    ),
    (
        403,
        r#"admission webhook "guard.corp.example" denied the request: failed calling webhook of the scanner"#,
        "policy",
    ),
    (400, r#"admission webhook "w.example.com" denied the request without explanation"#, "policy"),
    (
        403,
        r#"pods "p" is forbidden: ValidatingAdmissionPolicy 'q' with binding 'q' denied request: exceeded quota: 5"#,
        "policy",
    ),
    (
        403,
        r#"pods "p" is forbidden: pod node label selector conflicts with its namespace node label selector"#,
        "policy",
    ),
    (403, r#"pods "p" is forbidden: pod rejected: RuntimeClass "kata" not found"#, "policy"),
    (403, r#"pods "p" is forbidden: insufficient quota to match these scopes: [{PriorityClass In [high]}]"#, "quota"),
    (
        403,
        r#"pods "p" is forbidden: maximum ephemeral-storage usage per Container is 1Gi. No limit is specified"#,
        "limit-range",
    ),
    (
        500,
        r#"Internal error occurred: failed calling webhook "w.example.com": failed to call webhook: Post "https://w.istio-system.svc:443/inject?timeout=10s": tls: failed to verify certificate: x509: certificate signed by unknown authority"#,
        "webhook-silent",
    ),
    (403, r#"pods "p" is forbidden: no PriorityClass with name high was found"#, "policy"),
];

#[test]
fn each_refusal_is_told_by_its_words() {
    for (status, said, name) in REFUSALS {
        assert_eq!(code(*status, said), Some(*name), "{said}");
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
        (429, "the server has received too many requests and has asked us to try again later"),
        // A proxy before the API.
        (403, "<html><head><title>403 Forbidden</title></head></html>"),
        (403, "Forbidden"),
    ] {
        assert_eq!(code(status, said), None, "{said}");
    }
}

#[test]
fn a_limit_that_dss_did_not_set_is_a_default_of_the_namespace() {
    let mut pod = PodOfDss::with_nothing_set().remove(0);
    pod.settings.placement.requests.insert("cpu".to_owned(), "2".to_owned());
    let refused = |pod: &PodOfDss, resource: &str, of: &str| {
        let said = format!(
            r#"Pod "p" is invalid: spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to {resource} limit{of}"#
        );
        finding("dss", pod, &Refused { code: 422, said }).ok().map(|finding| finding.code.name)
    };
    // Since 1.27 the limit is told.
    assert_eq!(refused(&pod, "cpu", ""), Some("limit-range"));
    assert_eq!(refused(&pod, "cpu", " of 500m"), Some("limit-range"));
    assert_eq!(refused(&pod, "memory", ""), None);
    pod.settings.limits.insert("cpu".to_owned(), "1".to_owned());
    assert_eq!(refused(&pod, "cpu", " of 1"), None);
}
