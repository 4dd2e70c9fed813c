//! The two properties beside each other.

use super::*;
use crate::spark::driver::tests::configuration;

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
