//! Rules of security groups as accounts really have them, judged by the whole check: those that cannot matter to TCP
//! never do, and what cannot be read is named where it can.

use ackcheck_core::catalogue::Selection;
use ackcheck_core::fault::Fault;
use ackcheck_core::record::Ending;
use ackcheck_lab::LabOptions;

use crate::support::whole_run;

const RULES: &str = "/cloud/security_groups/0/rules";

/// How the check ends with these changes to the account.
fn ending(faults: &[Fault]) -> Ending {
    let selection = Selection { only: vec!["security-group-ports".to_owned()], ..Selection::default() };
    let options = LabOptions { faults: faults.to_vec(), ..LabOptions::default() };
    let report = whole_run::run_on(&options, &selection).unwrap();
    report.cases.into_iter().find(|case| case.id.check == "security-group-ports").unwrap().ending
}

/// A rule of the DSS host's group.
macro_rules! rule {
    ($($text:literal)*) => {
        Fault::Add(RULES, concat!(r#"{"id": "sgr-bp1labodd000000001", "direction": "ingress", "#, $($text,)* "}"))
    };
}

#[test]
fn what_cannot_matter_to_tcp_does_not() {
    let odd = [
        rule!(r#""protocol": "ICMP", "ports": "8/0", "policy": "Drop", "priority": "1", "range": "0.0.0.0/0""#),
        rule!(r#""protocol": "icmp", "ports": "13/65536", "policy": "Accept", "priority": 1, "range": "0.0.0.0/0""#),
        rule!(r#""protocol": "ICMPv6", "ports": "any", "policy": "Drop", "priority": "1", "ipv6_range": "::/0""#),
        rule!(r#""protocol": "GRE", "ports": "0/0", "policy": "Drop", "priority": null, "range": "everywhere""#),
        rule!(r#""protocol": "udp", "ports": "53", "policy": "Drop", "priority": "first", "range": "0.0.0.0/0""#),
        rule!(r#""protocol": "47", "ports": "x", "policy": "Drop", "priority": "1""#),
        rule!(r#""protocol": "TCP", "ports": "22/22", "policy": "Drop", "priority": "1", "ipv6_range": "::/0""#),
        rule!(
            r#""protocol": "TCP", "ports": "1/65535", "policy": "Drop", "priority": "1", "range": "0.0.0.0/0", "own_range": "10.0.0.21""#
        ),
        rule!(
            r#""protocol": "TCP", "ports": "-1/-1", "policy": "Drop", "priority": "1", "range": "0.0.0.0/0", "source_ports": "1/1023""#
        ),
    ];
    for fault in odd {
        assert_eq!(ending(&[fault]), Ending::Pass, "{fault:?}");
    }
}

#[test]
fn a_rule_for_the_hosts_own_address_lets_pods_in() {
    let narrowed = [
        Fault::Set("/cloud/security_groups/0/rules/0/own_range", r#""10.0.0.20""#),
        Fault::Set("/cloud/security_groups/0/rules/1/own_range", r#""10.0.0.20/32""#),
        Fault::Set("/cloud/security_groups/0/rules/1/source_ports", r#""1024/65535""#),
    ];
    assert_eq!(ending(&narrowed), Ending::Pass);
}

#[test]
fn what_cannot_be_read_of_a_rule_that_can_matter_is_named() {
    let unclear = [
        (
            rule!(r#""protocol": "TCP", "ports": "80", "policy": "Drop", "priority": "1", "range": "0.0.0.0/0""#),
            "its ports are",
        ),
        (
            rule!(
                r#""protocol": "TCP,UDP", "ports": "80/80", "policy": "Drop", "priority": "1", "range": "0.0.0.0/0""#
            ),
            "its protocol is",
        ),
        (
            rule!(r#""protocol": "TCP", "ports": "80/80", "policy": "Drop", "priority": "high", "range": "0.0.0.0/0""#),
            "its priority is",
        ),
        (
            rule!(r#""protocol": "ALL", "ports": "-1/-1", "policy": "Drop", "priority": "1", "range": "10.0.0.0/33""#),
            "no range of addresses",
        ),
        (
            rule!(
                r#""protocol": "TCP", "ports": "-1/-1", "policy": "Drop", "priority": "1", "range": "0.0.0.0/0", "source_ports": "1024/9999""#
            ),
            "source ports 1024-9999",
        ),
    ];
    for (fault, why) in unclear {
        match ending(&[fault]) {
            Ending::Broken { why: told } if told.contains("sgr-bp1labodd000000001") && told.contains(why) => {}
            other => panic!("{fault:?}: {other:?}"),
        }
    }
    // One that something stronger decides is of no matter.
    let weak = rule!(r#""protocol": "TCP", "ports": "odd", "policy": "Drop", "priority": "100", "range": "0.0.0.0/0""#);
    assert_eq!(ending(&[weak]), Ending::Pass);
}
