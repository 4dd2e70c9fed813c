//! What Docker of the host may take and ackcheck does not: it is not judged, and never blamed on the deployment.

use ackcheck_core::catalogue::Selection;
use ackcheck_core::fault::Fault;
use ackcheck_core::record::Ending;
use ackcheck_lab::LabOptions;

use crate::support::whole_run::run_on;

const NO_TLS: Fault =
    Fault::Add("/gateway/broken", r#"{"host":"lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com","how":"no-tls"}"#);

/// How the login ends in a lab with these faults.
fn login(faults: Vec<Fault>) -> Ending {
    let selection = Selection { only: vec!["registry-login".to_owned()], ..Selection::default() };
    let report = run_on(&LabOptions { faults, ..LabOptions::default() }, &selection).unwrap();
    let case = report.cases.iter().find(|case| case.id.check == "registry-login");
    case.unwrap().ending.clone()
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
