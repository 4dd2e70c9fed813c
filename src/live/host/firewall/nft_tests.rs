//! What the JSON of nft comes to.

use ackcheck_core::seat::Ports;
use ackcheck_core::seat::host::firewall::{Action, Condition, Rule};
use serde_json::json;

use super::*;

fn rules_of(expr: Value, more: Vec<Value>) -> Vec<Rule> {
    let mut objects = vec![
        json!({"table": {"family": "inet", "name": "t"}}),
        json!({"chain": {"family": "inet", "table": "t", "name": "in", "type": "filter", "hook": "input", "prio": -5, "policy": "drop"}}),
        json!({"rule": {"family": "inet", "table": "t", "chain": "in", "handle": 7, "expr": expr}}),
    ];
    objects.extend(more);
    let read = read(&json!({"nftables": objects}).to_string()).unwrap();
    let chain = read.chains.into_iter().next().unwrap();
    assert_eq!(chain.hook, Some(Hook { at: At::Input, priority: -5, drops: true }));
    assert_eq!((chain.table.as_str(), chain.name.as_str()), ("inet t", "in"));
    chain.rules
}

fn conditions(matched: Value) -> Vec<Condition> {
    rules_of(json!([{"match": matched}, {"drop": null}]), Vec::new()).remove(0).conditions
}

fn ports(first: u16, last: u16) -> Ports {
    Ports::new(first, last).unwrap()
}

fn of_payload(protocol: &str, field: &str, op: &str, right: Value) -> Vec<Condition> {
    conditions(json!({"op": op, "left": {"payload": {"protocol": protocol, "field": field}}, "right": right}))
}

#[test]
fn ports_and_addresses_are_read_in_each_of_their_forms() {
    let to = |not, ports| vec![Condition::Ports { ports, not }];
    assert_eq!(of_payload("tcp", "dport", "==", json!(22)), to(false, vec![ports(22, 22)]));
    assert_eq!(of_payload("tcp", "dport", "!=", json!({"range": [1, 5]})), to(true, vec![ports(1, 5)]));
    assert_eq!(
        of_payload("tcp", "dport", "==", json!({"set": [0, 80, {"range": [90, 99]}, {"elem": {"val": 443}}]})),
        to(false, vec![ports(80, 80), ports(90, 99), ports(443, 443)])
    );
    assert_eq!(of_payload("tcp", "dport", ">=", json!(1024)), to(false, vec![ports(1024, 65_535)]));
    assert_eq!(of_payload("tcp", "dport", "<", json!(1024)), to(false, vec![ports(1, 1023)]));
    assert_eq!(of_payload("tcp", "dport", ">", json!(65_535)), [Condition::Never]);
    let from = |not, ranges: &[&str]| {
        vec![Condition::Source { ranges: ranges.iter().map(|range| range.parse().unwrap()).collect(), not }]
    };
    assert_eq!(of_payload("ip", "saddr", "==", json!("10.0.0.1")), from(false, &["10.0.0.1/32"]));
    assert_eq!(
        of_payload("ip", "saddr", "!=", json!({"prefix": {"addr": "10.0.0.0", "len": 8}})),
        from(true, &["10.0.0.0/8"])
    );
    assert_eq!(
        of_payload("ip", "saddr", "==", json!({"set": [{"range": ["10.0.0.0", "10.0.0.11"]}]})),
        from(false, &["10.0.0.0/29", "10.0.0.8/30"])
    );
    assert_eq!(of_payload("tcp", "dport", "==", json!("ssh")), [Condition::Perhaps]);
    assert_eq!(of_payload("ip6", "saddr", "!=", json!("::1")), [Condition::Never]);
    assert_eq!(of_payload("udp", "dport", "==", json!(53)), [Condition::Never]);
}

#[test]
fn what_a_new_connection_from_another_machine_has_is_decided() {
    let ct = |op: &str, right: Value| conditions(json!({"op": op, "left": {"ct": {"key": "state"}}, "right": right}));
    assert_eq!(ct("in", json!(["established", "related"])), [Condition::Never]);
    assert_eq!(ct("==", json!({"set": ["established", "new"]})), []);
    assert_eq!(ct("==", json!("invalid")), [Condition::Never]);
    let meta = |key: &str, op: &str, right: Value| {
        conditions(json!({"op": op, "left": {"meta": {"key": key}}, "right": right}))
    };
    assert_eq!(meta("iifname", "==", json!("lo")), [Condition::Never]);
    assert_eq!(meta("iifname", "!=", json!("lo")), []);
    assert_eq!(meta("iifname", "==", json!("docker0")), [Condition::Never]);
    assert_eq!(meta("iifname", "==", json!("eth0")), [Condition::Perhaps]);
    assert_eq!(meta("l4proto", "==", json!({"set": ["icmp", "ipv6-icmp"]})), [Condition::Never]);
    assert_eq!(meta("l4proto", "==", json!({"set": ["tcp", "udp"]})), []);
    assert_eq!(meta("mark", "==", json!(1)), [Condition::Perhaps]);
    let fib = json!({"op": "==", "left": {"fib": {"result": "type", "flags": "daddr"}}, "right": "local"});
    assert_eq!(conditions(fib), []);
    let flags = |right: &str| {
        conditions(json!({"op": "==", "left": {"&": [{"payload": {"protocol": "tcp", "field": "flags"}},
            {"|": [{"|": [{"|": ["fin", "syn"]}, "rst"]}, "ack"]}]}, "right": right}))
    };
    assert_eq!(flags("syn"), []);
    assert_eq!(flags("ack"), [Condition::Never]);
}

#[test]
fn verdicts_maps_and_what_is_not_known() {
    let one = |expr: Value| rules_of(expr, Vec::new()).remove(0);
    assert_eq!(one(json!([{"jump": {"target": "x"}}])).action, Action::Jump("x".to_owned()));
    let limited = one(json!([{"limit": {"rate": 5, "per": "second"}}, {"counter": null}, {"accept": null}]));
    assert_eq!((limited.action, limited.conditions), (Action::Accept, vec![Condition::Perhaps]));
    assert_eq!(one(json!([{"xt": {"type": "target", "name": "NFQUEUE"}}])).action, Action::Unknown);
    assert_eq!(one(json!([{"dnat": {"addr": "172.17.0.2", "port": 80}}])).action, Action::Divert);
    assert_eq!(one(json!([{"log": {"prefix": "x"}}])).action, Action::Continue);
    let dport = json!({"payload": {"protocol": "tcp", "field": "dport"}});
    let map = json!([{"vmap": {"key": dport, "data": {"set": [[22, {"accept": null}], [{"range": [80, 90]}, {"goto": {"target": "web"}}]]}}}]);
    let rules = rules_of(map, Vec::new());
    let actions: Vec<&Action> = rules.iter().map(|rule| &rule.action).collect();
    assert_eq!(actions, [&Action::Accept, &Action::Goto("web".to_owned())]);
    assert_eq!(rules[1].conditions, [Condition::Ports { ports: vec![ports(80, 90)], not: false }]);
    assert_eq!(rules[1].words, "handle 7: tcp dport 80-90 goto web");
}

#[test]
fn a_named_set_counts_unless_it_changes_by_itself() {
    let blocked = |flags: Value| {
        let set = json!({"set": {"family": "inet", "table": "t", "name": "blocked", "type": "inet_service", "flags": flags, "elem": [25, 26]}});
        let expr = json!([{"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": "@blocked"}}, {"drop": null}]);
        rules_of(expr, vec![set]).remove(0).conditions
    };
    assert_eq!(
        blocked(json!(["interval"])),
        [Condition::Ports { ports: vec![ports(25, 25), ports(26, 26)], not: false }]
    );
    assert_eq!(blocked(json!(["dynamic", "timeout"])), [Condition::Perhaps]);
    assert_eq!(blocked(json!("timeout")), [Condition::Perhaps]);
}

#[test]
fn what_is_not_a_ruleset_is_refused_and_nothing_panics() {
    assert!(read("").is_err() && read("{}").is_err());
    for odd in
        [json!(null), json!([]), json!({"rule": 1}), json!({"chain": {"family": "ip"}}), json!({"set": {"elem": 3}})]
    {
        assert!(read(&json!({"nftables": [odd]}).to_string()).is_ok());
    }
    assert_eq!(rules_of(json!([1, {}, {"match": 3}, {"vmap": {}}]), Vec::new()).len(), 1);
}
