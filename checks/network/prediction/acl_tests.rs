//! The four passes of a connection, one by one.

use super::*;

fn entry(accept: bool, range: &str, ports: &str) -> AclEntry {
    let (id, ranges) = (format!("{accept} {range}"), vec![range.parse().unwrap()]);
    AclEntry { id, accept, ranges, ports: ports.parse().unwrap(), of_system: false, unread: None }
}

fn acl(vswitch: &str, ingress: Vec<AclEntry>, egress: Vec<AclEntry>) -> VSwitchAcl {
    VSwitchAcl { vswitch: vswitch.to_owned(), acl: Some(NetworkAcl { id: vswitch.to_owned(), ingress, egress }) }
}

fn open() -> Vec<AclEntry> {
    vec![entry(true, "0.0.0.0/0", "1-65535")]
}

fn source(range: &str, vswitch: &str) -> Source {
    let range: Ipv4Net = range.parse().unwrap();
    let vswitches = vec![vswitch.to_owned()];
    Source { what: "pods".to_owned(), range, to_admit: range, vswitches, groups: Vec::new(), pods: true }
}

fn seen(source: &Source, acls: &[VSwitchAcl], taken: Taken) -> Vec<(Pass, String, u64)> {
    let towards = Towards { address: "10.0.0.20".parse().unwrap(), vswitch: "host" };
    let dropped = droppings(source, towards, acls, taken).unwrap();
    dropped.iter().map(|dropping| (dropping.pass, dropping.ports.to_string(), dropping.addresses)).collect()
}

const PODS: &str = "10.0.128.0/18";

#[test]
fn each_pass_is_judged_by_its_own_list() {
    let none = acl("pods", Vec::new(), Vec::new());
    let through = acl("host", open(), open());
    let source = source(PODS, "pods");
    let all = "1-65535".to_owned();
    let answers = "32768-60999".to_owned();
    let shut = [(Pass::Out, all.clone(), 1), (Pass::AnswerIn, answers.clone(), 1)];
    assert_eq!(seen(&source, &[none, through.clone()], Taken::ForOpen), shut);
    let none = acl("host", Vec::new(), Vec::new());
    let shut = [(Pass::In, all, 1 << 14), (Pass::AnswerOut, answers, 1 << 14)];
    assert_eq!(seen(&source, &[acl("pods", open(), open()), none], Taken::ForOpen), shut);
    assert_eq!(seen(&source, &[acl("pods", open(), open()), through], Taken::ForOpen), []);
}

#[test]
fn nothing_is_filtered_within_a_vswitch_or_without_an_acl() {
    let none = acl("host", Vec::new(), Vec::new());
    assert_eq!(seen(&source("10.0.0.11/32", "host"), std::slice::from_ref(&none), Taken::ForOpen), []);
    let unbound = |id: &str| VSwitchAcl { vswitch: id.to_owned(), acl: None };
    assert_eq!(seen(&source(PODS, "pods"), &[unbound("pods"), unbound("host")], Taken::ForOpen), []);
    // A sender elsewhere has no ACL of its own, but the host's counts.
    assert_eq!(seen(&source("192.168.0.7/32", ""), &[none], Taken::ForOpen).len(), 2);
}

#[test]
fn the_first_entry_that_matches_decides() {
    let ingress = vec![
        entry(true, "10.0.128.0/19", "1-65535"),
        entry(false, "10.0.128.0/18", "80-90"),
        entry(true, "10.0.0.0/8", "1-65535"),
    ];
    let acls = [acl("host", ingress, open()), acl("pods", open(), open())];
    assert_eq!(seen(&source(PODS, "pods"), &acls, Taken::ForOpen), [(Pass::In, "80-90".to_owned(), 1 << 13)]);
    assert_eq!(
        seen(&source("10.0.160.0/19", "pods"), &acls, Taken::ForOpen),
        [(Pass::In, "80-90".to_owned(), 1 << 13)]
    );
}

#[test]
fn answers_go_to_the_ports_that_connections_come_from() {
    let egress = |ports| vec![entry(true, "10.0.0.0/8", ports)];
    for (ports, lost) in [("32768-60999", None), ("32768-60000", Some("60001-60999")), ("1024-65535", None)] {
        let acls = [acl("host", open(), egress(ports)), acl("pods", open(), open())];
        let dropped = lost.map(|ports| (Pass::AnswerOut, ports.to_owned(), 1 << 14));
        assert_eq!(seen(&source(PODS, "pods"), &acls, Taken::ForOpen), Vec::from_iter(dropped), "{ports}");
    }
}

#[test]
fn what_cannot_be_read_is_taken_for_either_and_ipv6_for_neither() {
    let unread =
        |accept| AclEntry { unread: Some("its port is odd".to_owned()), ..entry(accept, "0.0.0.0/0", "1-65535") };
    for accept in [true, false] {
        let acls = [
            acl("host", vec![unread(accept), entry(!accept, "0.0.0.0/0", "1-65535")], open()),
            acl("pods", open(), open()),
        ];
        assert_eq!(seen(&source(PODS, "pods"), &acls, Taken::ForOpen), []);
        assert_eq!(seen(&source(PODS, "pods"), &acls, Taken::ForClosed).len(), 1);
    }
    let acls = [acl("host", vec![entry(true, "::/0", "1-65535")], open()), acl("pods", open(), open())];
    assert_eq!(seen(&source(PODS, "pods"), &acls, Taken::ForOpen).len(), 1);
}

#[test]
fn an_acl_that_was_not_asked_for_is_not_taken_for_none() {
    let towards = Towards { address: "10.0.0.20".parse().unwrap(), vswitch: "host" };
    assert!(droppings(&source(PODS, "pods"), towards, &[], Taken::ForOpen).is_err());
}
