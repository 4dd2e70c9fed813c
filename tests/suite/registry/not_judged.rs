//! What Docker of the host may take and ackcheck does not: it is not judged, and never blamed on the deployment.

use ackcheck_core::catalogue::Selection;
use ackcheck_core::fault::{Fault, LabFile};
use ackcheck_core::record::Ending;
use ackcheck_lab::LabOptions;

use crate::support::whole_run::run_on;

const NO_TLS: Fault =
    Fault::Add("/gateway/broken", r#"{"host":"lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com","how":"no-tls"}"#);

/// How a check ends in a lab with these faults.
fn ending(check: &str, faults: Vec<Fault>) -> Ending {
    let selection = Selection { only: vec![check.to_owned()], ..Selection::default() };
    let report = run_on(&LabOptions { faults, ..LabOptions::default() }, &selection).unwrap();
    report.cases.iter().find(|case| case.id.check == check).unwrap().ending.clone()
}

fn login(faults: Vec<Fault>) -> Ending {
    ending("registry-login", faults)
}

fn settings(json: &'static str) -> Fault {
    Fault::Set("/host/files/~1etc~1docker~1daemon.json", json)
}

#[test]
fn a_registry_that_docker_is_set_to_use_without_tls() {
    let listed = r#""{\"insecure-registries\": [\"lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com\"]}""#;
    let ending = login(vec![NO_TLS, settings(listed)]);
    assert!(matches!(&ending, Ending::Broken { why, .. } if why.contains("insecure-registries")), "{ending:?}");
    for others in [r#""{\"insecure-registries\": [\"other.example.com\"]}""#, "\"{}\"", "\"no JSON\""] {
        let ending = login(vec![NO_TLS, settings(others)]);
        assert!(matches!(&ending, Ending::Fail(finding) if finding.code == "plain-http"), "{others}: {ending:?}");
    }
}

#[test]
fn a_token_service_that_would_have_the_password_in_clear() {
    let challenge = Fault::Add(
        "/registry/answers",
        r#"{"method":"GET","path":"/v2/","status":401,"headers":{"www-authenticate":"Bearer realm=\"http://tokens.example.com/auth\""}}"#,
    );
    let ending = login(vec![challenge]);
    assert!(matches!(&ending, Ending::Broken { why, .. } if why.contains("not https")), "{ending:?}");
}

#[test]
fn attestations_that_dss_may_have_turned_off() {
    let export = "export DKU_BACKEND_EXT_HOST={{/deployment/host/name}}";
    let turned_off = "export DKU_BACKEND_EXT_HOST={{/deployment/host/name}}\nexport BUILDX_NO_DEFAULT_ATTESTATIONS=1";
    let refused = Fault::Add(
        "/registry/answers",
        r#"{"method":"PUT","path":"/v2/*/manifests/*","holds":"application/vnd.in-toto+json","status":400}"#,
    );
    let faults = |more: Vec<Fault>| [vec![refused], more].concat();
    let site = Fault::Replace(LabFile::Data("bin/env-site.sh"), export, turned_off);
    let containerd = Fault::Set("/host/docker/store", "\"containerd\"");
    // The lab's DSS does not run, so that nobody knows what it made of the line.
    let found = ending("registry-takes-builds", faults(vec![site, containerd]));
    assert!(matches!(&found, Ending::Broken { why } if why.contains("BUILDX_NO_DEFAULT_ATTESTATIONS")), "{found:?}");
    let found = ending("registry-takes-builds", faults(vec![containerd]));
    assert!(matches!(&found, Ending::Fail(finding) if finding.code == "attestation-refused"), "{found:?}");
    let found = ending("registry-takes-builds", faults(vec![site]));
    assert!(matches!(&found, Ending::Warn(finding) if finding.code == "no-attestations"), "{found:?}");
}

#[test]
fn what_another_run_removed_meanwhile() {
    let gone = Fault::Add(
        "/registry/answers",
        r#"{"method":"PUT","path":"/v2/*/manifests/*","holds":"vnd.oci.image.index","status":400,"body":"{\"errors\":[{\"code\":\"DIGEST_INVALID\",\"message\":\"provided digest did not match uploaded content\"},{\"code\":\"MANIFEST_BLOB_UNKNOWN\",\"message\":\"blob unknown to registry\"}]}"}"#,
    );
    let ending = ending("registry-takes-builds", vec![gone]);
    assert!(matches!(&ending, Ending::Broken { why } if why.contains("MANIFEST_BLOB_UNKNOWN")), "{ending:?}");
}
