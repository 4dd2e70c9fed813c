//! The two properties beside each other.

use ackcheck_core::seat::dss::PropertyValue;
use ackcheck_core::seat::dss::containers::ConfigurationKind;
use ackcheck_core::seat::dss::pods::PodSettings;

use super::*;

fn configuration(host: Option<&str>, bind: Option<&str>) -> Configuration {
    let property = |key: &str, value: &str| (key.to_owned(), PropertyValue::Clear(value.to_owned()));
    let host = host.map(|host| property(spark::DRIVER_HOST, host));
    let bind = bind.map(|bind| property(spark::BIND_ADDRESS, bind));
    Configuration {
        kind: ConfigurationKind::Spark,
        name: "ack".to_owned(),
        managed: true,
        repositories: Vec::new(),
        namespace: None,
        kubeconfig: None,
        context: None,
        pushed_with: None,
        base_image: None,
        pull_secret: None,
        conf: host.into_iter().chain(bind).collect(),
        pods: PodSettings::default(),
    }
}

fn code(host: Option<&str>, bind: Option<&str>) -> &'static str {
    of_text(&configuration(host, bind)).map_or("none", |finding| finding.code.name)
}

#[test]
fn what_executors_are_given_and_what_the_driver_listens_on_are_judged_apart() {
    let name = Some("dss.corp.example");
    assert_eq!(code(name, None), "none");
    assert_eq!(code(None, None), "none");
    assert_eq!(code(name, Some("0.0.0.0")), "none");
    assert_eq!(code(name, Some("127.0.0.1")), "loopback");
    assert_eq!(code(Some("127.0.0.1"), Some("0.0.0.0")), "loopback");
    assert_eq!(code(Some("0.0.0.0"), None), "loopback");
    assert_eq!(code(None, Some("0.0.0.0")), "wildcard-alone");
    assert_eq!(code(None, Some("::")), "wildcard-alone");
    assert_eq!(code(Some("dss"), Some("0.0.0.0")), "short-name");
    assert_eq!(code(Some("my.host.name"), None), "placeholder");
    assert_eq!(code(Some("http://dss.corp.example"), None), "malformed");
    // Java keeps a non-breaking space, and takes other white space away.
    assert_eq!(code(Some("dss.corp.example\u{a0}"), None), "malformed");
    assert_eq!(code(Some(" dss.corp.example\n"), None), "none");
}

#[test]
fn without_a_bind_address_the_driver_listens_on_what_executors_are_given() {
    let listens = |host, bind| listens_on(&configuration(host, bind)).map(|(key, address)| (key, address.to_string()));
    let (own, other) = ("10.0.0.20".to_owned(), "10.0.0.99".to_owned());
    assert_eq!(listens(Some("10.0.0.20"), None), Some((spark::DRIVER_HOST, own.clone())));
    assert_eq!(listens(Some("10.0.0.99"), Some("10.0.0.20")), Some((spark::BIND_ADDRESS, own)));
    assert_eq!(listens(Some("dss.corp.example"), Some("10.0.0.99")), Some((spark::BIND_ADDRESS, other)));
    // An address in front of the host is fine where the driver listens on all of its own.
    assert_eq!(listens(Some("47.96.10.20"), Some("0.0.0.0")), None);
    assert_eq!(listens(Some("dss.corp.example"), None), None);
}
