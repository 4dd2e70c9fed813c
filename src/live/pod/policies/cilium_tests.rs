//! Tables of Cilium's policies and rules.

use std::collections::BTreeMap;

use ackcheck_core::seat::host::firewall::Holds::{self, No, Perhaps, Yes};
use serde_json::json;

use super::*;

fn labels() -> BTreeMap<String, String> {
    [("app.kubernetes.io/name", "probe"), ("run", "1"), ("batch.kubernetes.io/job-name", "j")]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
}

fn read(kind: PolicyKind, spec: Value) -> Result<Vec<EgressPolicy>, String> {
    let object = json!({"metadata": {"name": "p", "namespace": "dss"}, "spec": spec});
    of_egress(&object, kind, Selected { namespace: "dss", labels: &labels() })
}

/// Whether a rule is for a connection to port 443 of 10.0.0.20.
pub(in super::super) fn is_for(conditions: &[Vec<Condition>]) -> Holds {
    let address = "10.0.0.20".parse::<std::net::IpAddr>().unwrap();
    let holds = |condition: &Condition| match condition {
        Condition::Destination { ranges, not } => {
            Holds::from(ranges.iter().any(|range| range.contains(&address))).negated(*not)
        }
        Condition::Ports { ports, not } => {
            Holds::from(ports.iter().any(|ports| (ports.first()..=ports.last()).contains(&443))).negated(*not)
        }
        Condition::Never => No,
        Condition::Perhaps => Perhaps,
        other => panic!("{other:?} is not made here"),
    };
    let each = conditions.iter().map(|all| all.iter().map(holds).fold(Yes, Holds::and));
    each.fold(No, Holds::or)
}

#[test]
fn a_policy_selects_by_labels_as_cilium_knows_them() {
    let table = [
        (json!({}), Yes),
        (json!({"matchLabels": {"app.kubernetes.io/name": "probe"}}), Yes),
        (json!({"matchLabels": {"k8s:run": "1", "any:run": "1"}}), Yes),
        (json!({"matchLabels": {"k8s:run": "2"}}), No),
        (json!({"matchLabels": {"app.kubernetes.io/none": "x"}}), No),
        (json!({"matchLabels": {"reserved:host": ""}}), No),
        (json!({"matchLabels": {"k8s:io.kubernetes.pod.namespace": "dss"}}), Yes),
        (json!({"matchLabels": {"io.kubernetes.pod.namespace": "other"}}), No),
        (json!({"matchLabels": {"io.cilium.k8s.namespace.labels.team": "x"}}), Perhaps),
        (json!({"matchLabels": {"io.cilium.k8s.policy.serviceaccount": "default"}}), Perhaps),
        (json!({"matchLabels": {"batch.kubernetes.io/job-name": "j"}}), Perhaps),
        (
            json!({"matchExpressions": [{"key": "k8s:io.kubernetes.pod.namespace", "operator": "NotIn", "values": ["kube-system"]}]}),
            Yes,
        ),
        (json!({"matchExpressions": [{"key": "run", "operator": "Exists"}]}), Yes),
        (json!({"matchExpressions": [{"key": "run", "operator": "DoesNotExist"}]}), No),
    ];
    for (selector, expected) in table {
        let policies =
            read(PolicyKind::CiliumClusterwide, json!({"endpointSelector": selector, "egress": [{}]})).unwrap();
        let found = policies.first().map_or(No, |policy| if policy.surely { Yes } else { Perhaps });
        assert_eq!(found, expected, "{selector}");
    }
}

#[test]
fn a_policy_isolates_by_having_rules_for_egress_unless_it_says_otherwise() {
    let isolates = |spec: Value| read(PolicyKind::Cilium, spec).unwrap().first().map(|policy| policy.isolates);
    assert_eq!(isolates(json!({"endpointSelector": {}, "egress": [{}]})), Some(true));
    assert_eq!(isolates(json!({"endpointSelector": {}, "egressDeny": [{}]})), Some(true));
    assert_eq!(isolates(json!({"endpointSelector": {}, "egress": []})), None);
    assert_eq!(isolates(json!({"endpointSelector": {}, "ingress": [{}]})), None);
    assert_eq!(isolates(json!({"nodeSelector": {}, "egress": [{}]})), None);
    let lenient = json!({"endpointSelector": {}, "egress": [{}], "enableDefaultDeny": {"egress": false}});
    assert_eq!(isolates(lenient), Some(false));
    assert!(read(PolicyKind::Cilium, json!({"endpointSelector": {}, "egress": [{}], "priority": 1})).is_err());
    let several = json!({"metadata": {"name": "p"}, "specs": [
        {"endpointSelector": {}, "egress": [{}]}, {"endpointSelector": {}, "egressDeny": [{}]}]});
    let pod_labels = labels();
    let pod = Selected { namespace: "dss", labels: &pod_labels };
    assert_eq!(of_egress(&several, PolicyKind::Cilium, pod).unwrap().len(), 2);
}

#[test]
fn rules_are_for_the_dss_host_by_peers_and_ports() {
    let world = |ports: Value| json!({"toEntities": ["world"], "toPorts": ports});
    let port = |port: Value| world(json!([{"ports": [port]}]));
    let table = [
        (json!({}), No),
        (json!({"toEntities": ["world"]}), Yes),
        (json!({"toEntities": ["cluster", "all"]}), Yes),
        (json!({"toEntities": ["cluster", "host", "remote-node", "kube-apiserver"]}), No),
        (json!({"toEntities": ["moon"]}), Perhaps),
        (json!({"toEntities": []}), Perhaps),
        (json!({"toCIDR": ["10.0.0.0/8"]}), Yes),
        (json!({"toCIDR": ["10.0.0.20"]}), Yes),
        (json!({"toCIDR": ["10.0.1.0/24", "fd00::/8"]}), No),
        (json!({"toCIDR": ["all"]}), Perhaps),
        (json!({"toCIDRSet": [{"cidr": "10.0.0.0/8", "except": ["10.0.0.20/32"]}]}), No),
        (json!({"toCIDRSet": [{"cidr": "10.0.0.0/8", "except": ["10.0.1.0/24"]}]}), Yes),
        (json!({"toCIDRSet": [{"cidrGroupRef": "hosts"}]}), Perhaps),
        (json!({"toCIDRSet": [{"cidrGroupRef": "hosts"}, {"cidr": "0.0.0.0/0"}]}), Yes),
        (json!({"toEndpoints": [{}]}), No),
        (json!({"toEndpoints": [{"matchLabels": {"app": "x"}}]}), No),
        (json!({"toEndpoints": [{"matchLabels": {"reserved:world": ""}}]}), Perhaps),
        (
            json!({"toEndpoints": [{"matchExpressions": [{"key": "k8s:io.kubernetes.pod.namespace", "operator": "NotIn", "values": ["a"]}]}]}),
            Perhaps,
        ),
        (json!({"toFQDNs": [{"matchName": "x"}]}), Perhaps),
        (json!({"toServices": [{}]}), Perhaps),
        (json!({"toNodes": [{}]}), No),
        (json!({"toPlanets": ["mars"]}), Perhaps),
        (json!({"icmps": [{"fields": [{"type": 8}]}]}), No),
        (json!({"toEntities": ["world"], "icmps": [{"fields": [{"type": 8}]}]}), No),
        (json!({"toPorts": [{"ports": [{"port": "443", "protocol": "TCP"}]}]}), Yes),
        (world(json!([])), Yes),
        (port(json!({"port": "443", "protocol": "TCP"})), Yes),
        (port(json!({"port": "443"})), Yes),
        (port(json!({"port": "443", "protocol": "UDP"})), No),
        (port(json!({"port": "400", "endPort": 500, "protocol": "ANY"})), Yes),
        (port(json!({"port": "1", "endPort": 442})), No),
        (port(json!({"port": "0", "protocol": "TCP"})), Yes),
        (port(json!({"port": "https", "protocol": "TCP"})), Perhaps),
        (port(json!({"port": "443", "protocol": "QUIC"})), Perhaps),
        (world(json!([{"ports": [{"port": "80"}]}, {"ports": [{"port": "443"}], "rules": {"http": [{}]}}])), Yes),
        (world(json!([{"serverNames": ["x"]}])), Perhaps),
    ];
    for (rule, expected) in table {
        assert_eq!(is_for(&rule_of(&rule, PolicyKind::Cilium)), expected, "{rule}");
    }
    let anything = json!({"toEndpoints": [{}]});
    assert_eq!(is_for(&rule_of(&anything, PolicyKind::CiliumClusterwide)), Perhaps);
}
