//! The network policies of the probes' namespace that select the probe.

use std::collections::BTreeMap;

use k8s_openapi::api::networking::v1 as networking;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kube::Api;
use kube::api::ListParams;

use crate::cluster::{Kubernetes, Silence};
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::pod::{Allowed, EgressPolicy, LIST_POLICIES};
use ackcheck_core::seat::{Ports, Seen};
use ackcheck_core::verdict::Unseen;

/// More than these are not looked at.
const MOST_POLICIES: u32 = 500;

/// Those for egress; none where this account is not allowed to list them.
pub(super) async fn egress_policies(
    kubernetes: &Kubernetes,
    namespace: &str,
    labels: &BTreeMap<String, String>,
    journal: &Journal,
) -> Seen<Option<Vec<EgressPolicy>>> {
    let asked = format!("GET networkpolicies in {namespace}");
    let request = |client: kube::Client| {
        let api: Api<networking::NetworkPolicy> = Api::namespaced(client, namespace);
        async move { api.list(&ListParams::default().limit(MOST_POLICIES)).await }
    };
    let told = |list: &kube::api::ObjectList<networking::NetworkPolicy>| {
        let names: Vec<String> = list.items.iter().filter_map(|policy| policy.metadata.name.clone()).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    };
    match kubernetes.ask(journal, Vantage::Node, &asked, request, told).await {
        Ok(list) if list.metadata.continue_.as_ref().is_some_and(|more| !more.is_empty()) => {
            Err(Unseen::unreadable("the network policies", format!("there are more than {MOST_POLICIES}")))
        }
        Ok(list) => Ok(Some(list.items.iter().filter_map(|policy| of_egress(policy, labels)).collect())),
        Err(Silence::Status { code: 401 | 403 | 404, .. }) => Ok(None),
        Err(silence) => Err(silence.unseen("the network policies", [kubernetes.of_probes(LIST_POLICIES)])),
    }
}

fn of_egress(policy: &networking::NetworkPolicy, labels: &BTreeMap<String, String>) -> Option<EgressPolicy> {
    let spec = policy.spec.as_ref()?;
    let for_egress = match spec.policy_types.as_deref() {
        Some([]) | None => spec.egress.is_some(),
        Some(types) => types.iter().any(|kind| kind == "Egress"),
    };
    // A policy without a selector selects every pod.
    if !for_egress || !spec.pod_selector.as_ref().is_none_or(|selector| selects(selector, labels)) {
        return None;
    }
    let allows = spec.egress.iter().flatten().flat_map(allowed).collect();
    let selector = serde_json::to_string(&spec.pod_selector.clone().unwrap_or_default()).ok()?;
    Some(EgressPolicy { name: policy.metadata.name.clone().unwrap_or_default(), pods: selector, allows })
}

/// By the rules of label selectors: everything it names must hold.
fn selects(selector: &LabelSelector, labels: &BTreeMap<String, String>) -> bool {
    let equal = selector.match_labels.iter().flatten().all(|(key, value)| labels.get(key) == Some(value));
    let holds = selector.match_expressions.iter().flatten().all(|one| {
        let (value, values) = (labels.get(&one.key), one.values.as_deref().unwrap_or_default());
        match one.operator.as_str() {
            "In" => value.is_some_and(|value| values.contains(value)),
            "NotIn" => !value.is_some_and(|value| values.contains(value)),
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            _ => false,
        }
    });
    equal && holds
}

/// One for each address range; peers that are pods are never the DSS host.
fn allowed(rule: &networking::NetworkPolicyEgressRule) -> Vec<Allowed> {
    let ports = match rule.ports.as_deref() {
        None | Some([]) => vec![Ports::ALL],
        Some(ports) => ports.iter().filter_map(tcp).collect(),
    };
    match rule.to.as_deref() {
        None | Some([]) => vec![Allowed { to: None, ports }],
        Some(peers) => {
            let blocks = peers.iter().filter_map(|peer| peer.ip_block.as_ref());
            let ranges = blocks.filter_map(|block| {
                let except = block.except.iter().flatten().filter_map(|range| range.parse().ok()).collect();
                Some((block.cidr.parse().ok()?, except))
            });
            ranges.map(|range| Allowed { to: Some(range), ports: ports.clone() }).collect()
        }
    }
}

/// The TCP ports of a port; a name is a pod's own, and no other machine has it.
fn tcp(port: &networking::NetworkPolicyPort) -> Option<Ports> {
    if port.protocol.as_deref().unwrap_or("TCP") != "TCP" {
        return None;
    }
    let number = |number: i32| u16::try_from(number).ok();
    match &port.port {
        None => Some(Ports::ALL),
        Some(IntOrString::Int(first)) => {
            let first = number(*first)?;
            Ports::new(first, port.end_port.map_or(Some(first), number)?).ok()
        }
        Some(IntOrString::String(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(spec: Value) -> Option<EgressPolicy> {
        let policy = json!({"metadata": {"name": "p"}, "spec": spec});
        let labels = BTreeMap::from([("app".to_owned(), "probe".to_owned())]);
        of_egress(&serde_json::from_value(policy).unwrap(), &labels)
    }

    fn ports(first: u16, last: u16) -> Ports {
        Ports::new(first, last).unwrap()
    }

    #[test]
    fn a_policy_is_for_egress_by_its_types_or_by_having_rules() {
        let allows = |spec: Value| read(spec).map(|policy| policy.allows.len());
        assert_eq!(allows(json!({"podSelector": {}, "policyTypes": ["Egress"]})), Some(0));
        assert_eq!(allows(json!({"podSelector": {}, "policyTypes": ["Ingress"], "egress": [{}]})), None);
        assert_eq!(allows(json!({"podSelector": {}})), None);
        assert_eq!(allows(json!({"podSelector": {}, "egress": [{}]})), Some(1));
    }

    #[test]
    fn selectors_hold_where_all_of_them_do() {
        let selects = |selector: Value| read(json!({"podSelector": selector, "policyTypes": ["Egress"]})).is_some();
        assert!(selects(json!({"matchLabels": {"app": "probe"}})));
        assert!(!selects(json!({"matchLabels": {"app": "other"}})));
        let expression = |operator: &str, key: &str, values: Value| {
            selects(json!({"matchExpressions": [{"key": key, "operator": operator, "values": values}]}))
        };
        assert!(expression("In", "app", json!(["x", "probe"])) && !expression("In", "none", json!(["x"])));
        assert!(expression("NotIn", "none", json!(["x"])) && !expression("NotIn", "app", json!(["probe"])));
        assert!(expression("Exists", "app", json!(null)) && expression("DoesNotExist", "none", json!(null)));
    }

    #[test]
    fn rules_allow_ranges_of_ports_to_ranges_of_addresses() {
        let policy = read(json!({"podSelector": {}, "egress": [
            {"to": [{"ipBlock": {"cidr": "10.0.0.0/24", "except": ["10.0.0.128/25"]}}, {"podSelector": {}}],
             "ports": [{"port": 22}, {"protocol": "TCP", "port": 100, "endPort": 200}, {"protocol": "UDP", "port": 53}, {"port": "web"}]},
            {"to": [{"namespaceSelector": {}}]},
        ]}));
        let allows = policy.unwrap().allows;
        assert_eq!(allows.len(), 1);
        assert_eq!(allows[0].ports, [ports(22, 22), ports(100, 200)]);
        assert!(allows[0].is_for("10.0.0.20".parse().unwrap()) && !allows[0].is_for("10.0.0.200".parse().unwrap()));
    }
}
