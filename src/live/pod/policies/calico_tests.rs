//! Tables of Calico's policies and rules.

use std::collections::BTreeMap;

use ackcheck_core::seat::host::firewall::Holds::{No, Perhaps, Yes};
use serde_json::json;

use super::super::calico_sets::Kind;
use super::super::cilium::tests::is_for;
use super::*;

fn read(kind: PolicyKind, name: &str, spec: Value) -> Result<Option<Policy>, String> {
    let labels = BTreeMap::from([("app".to_owned(), "probe".to_owned())]);
    let object = json!({"metadata": {"name": name, "namespace": "dss"}, "spec": spec});
    Policy::of_egress(&object, kind, "crd.projectcalico.org/v1", Selected { namespace: "dss", labels: &labels })
}

#[test]
fn a_policy_is_for_egress_by_its_types_and_selects_by_its_selectors() {
    let table = [
        (json!({"types": ["Egress"]}), Yes),
        (json!({"types": ["Ingress"], "egress": [{"action": "Deny"}]}), No),
        (json!({"types": ["ingress", "egress"], "selector": "app == 'probe'"}), Yes),
        (json!({"egress": [{"action": "Deny"}]}), Yes),
        (json!({"ingress": [{"action": "Deny"}]}), Perhaps),
        (json!({"types": ["Egress"], "selector": "app == 'other'"}), No),
        (
            json!({"types": ["Egress"], "selector": "projectcalico.org/namespace == 'dss' && projectcalico.org/orchestrator == 'k8s'"}),
            Yes,
        ),
        (json!({"types": ["Egress"], "selector": "pcns.team == 'x'"}), Perhaps),
        (json!({"types": ["Egress"], "namespaceSelector": "projectcalico.org/name == 'dss'"}), Yes),
        (json!({"types": ["Egress"], "namespaceSelector": "projectcalico.org/name == 'other'"}), No),
        (json!({"types": ["Egress"], "namespaceSelector": "team == 'x'"}), Perhaps),
        (json!({"types": ["Egress"], "serviceAccountSelector": "all()"}), Perhaps),
        (json!({"types": ["Egress"], "preDNAT": true}), No),
        (json!({"types": ["Egress"], "doNotTrack": true, "applyOnForward": true}), No),
    ];
    for (spec, expected) in table {
        let policy = read(PolicyKind::CalicoGlobal, "p", spec.clone()).unwrap();
        let found = policy.map_or(No, |policy| if policy.policy.surely { Yes } else { Perhaps });
        assert_eq!(found, expected, "{spec}");
    }
    assert!(read(PolicyKind::Calico, "p", json!({"types": ["Egress"], "stage": 1})).is_err());
    assert!(read(PolicyKind::Calico, "knp.default.p", json!({"types": ["Egress"]})).unwrap().is_none());
}

#[test]
fn rules_are_for_the_dss_host_by_protocol_addresses_and_ports() {
    let to = |destination: Value| json!({"action": "Deny", "protocol": "TCP", "destination": destination});
    let table = [
        (json!({"action": "Allow"}), Yes),
        (json!({"action": "Allow", "protocol": "UDP"}), No),
        (json!({"action": "Allow", "protocol": 6}), Yes),
        (json!({"action": "Allow", "protocol": "tcp", "metadata": {}, "ipVersion": 4}), Yes),
        (json!({"action": "Allow", "protocol": "X"}), Perhaps),
        (json!({"action": "Allow", "notProtocol": "UDP"}), Yes),
        (json!({"action": "Allow", "notProtocol": "TCP"}), No),
        (json!({"action": "Allow", "ipVersion": 6}), No),
        (json!({"action": "Allow", "http": {"methods": ["GET"]}}), Perhaps),
        (json!({"action": "Allow", "source": {}}), Yes),
        (json!({"action": "Allow", "source": {"nets": ["10.0.0.0/8"]}}), Perhaps),
        (json!({"action": "Count"}), Perhaps),
        (json!({"action": "Allow", "rate": 3}), Perhaps),
        (to(json!({})), Yes),
        (to(json!({"nets": ["10.0.0.0/24"]})), Yes),
        (to(json!({"nets": ["10.0.1.0/24", "10.0.0.20"]})), Yes),
        (to(json!({"nets": ["10.0.1.0/24"]})), No),
        (to(json!({"nets": ["x"]})), Perhaps),
        (to(json!({"notNets": ["10.0.0.0/24"]})), No),
        (to(json!({"nets": ["10.0.0.0/8"], "notNets": ["10.0.1.0/24"]})), Yes),
        (to(json!({"ports": [443]})), Yes),
        (to(json!({"ports": ["400:500", 80]})), Yes),
        (to(json!({"ports": ["80", "web"]})), Perhaps),
        (to(json!({"ports": [80]})), No),
        (to(json!({"notPorts": ["443"]})), No),
        (to(json!({"notPorts": [80]})), Yes),
        (to(json!({"notPorts": ["web"]})), Perhaps),
        (to(json!({"serviceAccounts": {"names": ["x"]}})), No),
        (to(json!({"services": {"name": "x", "namespace": "y"}})), Perhaps),
        (to(json!({"domains": ["x"]})), Perhaps),
        (to(json!({"selector": "role == 'host'"})), Yes),
        (to(json!({"selector": "role == 'other'"})), No),
        (to(json!({"selector": "all()", "nets": ["10.0.1.0/24"]})), No),
        (to(json!({"selector": "pcns.team == 'x'"})), Perhaps),
        (to(json!({"namespaceSelector": "all()"})), Yes),
        (to(json!({"namespaceSelector": "global()", "selector": "role == 'host'"})), No),
        (to(json!({"namespaceSelector": "team == 'x'"})), Perhaps),
        (to(json!({"notSelector": "role == 'host'"})), No),
        (to(json!({"notSelector": "role == 'other'"})), Yes),
        (to(json!({"notSelector": "pcns.team == 'x'"})), Perhaps),
    ];
    let mut sets = Sets::default();
    let object =
        json!({"metadata": {"namespace": "dss", "labels": {"role": "host"}}, "spec": {"nets": ["10.0.0.16/28"]}});
    sets.add(&[object], Kind::Network);
    for (rule, expected) in table {
        assert_eq!(is_for(&conditions(&rule, Some("dss"), &sets)), expected, "{rule}");
    }
    sets.incomplete = true;
    assert_eq!(is_for(&conditions(&to(json!({"selector": "role == 'other'"})), Some("dss"), &sets)), Perhaps);
    assert_eq!(is_for(&conditions(&to(json!({"notSelector": "role == 'other'"})), Some("dss"), &sets)), Perhaps);
    assert_eq!(is_for(&conditions(&to(json!({"nets": ["10.0.0.0/8"]})), Some("dss"), &sets)), Yes);
}

#[test]
fn a_rule_that_logs_does_nothing_and_sets_are_read_where_a_rule_on_tcp_refers_to_them() {
    let policy = |rules: Value| read(PolicyKind::Calico, "p", json!({"order": 7.5, "egress": rules})).unwrap().unwrap();
    let refers = |rule: Value| policy(json!([rule])).refers_to_sets();
    assert!(refers(json!({"action": "Allow", "destination": {"selector": "all()"}})));
    assert!(!refers(json!({"action": "Allow", "protocol": "UDP", "destination": {"selector": "all()"}})));
    assert!(!refers(json!({"action": "Allow", "destination": {"nets": ["10.0.0.0/8"]}})));
    let read = policy(json!([{"action": "Log"}, {"action": "next-tier"}, {"action": "Deny"}])).with(&Sets::default());
    let rules: Vec<(&str, RuleAction)> = read.rules.iter().map(|rule| (rule.place.as_str(), rule.does)).collect();
    assert_eq!(rules, [("egress[1]", RuleAction::Pass), ("egress[2]", RuleAction::Deny)]);
    assert_eq!((read.order, read.tier.as_str()), (Some(7.5), DEFAULT_TIER));
}

#[test]
fn tiers_are_asked_by_order_then_by_name_and_the_default_one_is_always_there() {
    let tier = |name: &str, order: Value, action: Value| json!({"metadata": {"name": name}, "spec": {"order": order, "defaultAction": action}});
    let read = [
        tier("none", Value::Null, json!("Pass")),
        tier("default", json!(1_000_000), Value::Null),
        tier("b", json!(5), json!("Deny")),
        tier("a", json!(5.0), json!("Pass")),
    ];
    let told = |tiers: Vec<Tier>| -> Vec<String> {
        tiers.into_iter().map(|tier| format!("{}{}", tier.name, if tier.passes { "+" } else { "" })).collect()
    };
    assert_eq!(told(in_order(&read)), ["a+", "b", "default", "none+"]);
    assert_eq!(told(in_order(&[])), ["default"]);
}
