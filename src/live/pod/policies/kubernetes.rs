//! Kubernetes' own policies.

use k8s_openapi::api::networking::v1 as networking;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde::Deserialize as _;
use serde_json::Value;

use super::labels::{Selected, selects};
use ackcheck_core::seat::Ports;
use ackcheck_core::seat::host::firewall::{Condition, Holds};
use ackcheck_core::seat::pod::{DEFAULT_TIER, EgressPolicy, EgressRule, KUBERNETES_ORDER, PolicyKind, RuleAction};

pub(super) const API_VERSION: &str = "networking.k8s.io/v1";

/// The policy, where it is for egress and perhaps selects the pod.
pub(super) fn of_egress(object: &Value, pod: Selected<'_>) -> Result<Option<EgressPolicy>, String> {
    let policy = networking::NetworkPolicy::deserialize(object).map_err(|error| format!("a NetworkPolicy: {error}"))?;
    let Some(spec) = policy.spec else { return Ok(None) };
    let for_egress = match spec.policy_types.as_deref() {
        Some([]) | None => spec.egress.is_some(),
        Some(types) => types.iter().any(|one| one == "Egress"),
    };
    let selector = spec.pod_selector.unwrap_or_default();
    let holds = selects(&selector, |key| pod.label(key));
    if !for_egress || holds == Holds::No {
        return Ok(None);
    }
    let rules = spec.egress.iter().flatten().enumerate().flat_map(|(at, rule)| {
        let allow =
            move |conditions| EgressRule { place: format!("egress[{at}]"), conditions, does: RuleAction::Allow };
        allowed(rule).into_iter().map(allow)
    });
    Ok(Some(EgressPolicy {
        kind: PolicyKind::Kubernetes,
        api_version: API_VERSION,
        name: policy.metadata.name.unwrap_or_default(),
        pods: serde_json::to_string(&selector).unwrap_or_default(),
        surely: holds == Holds::Yes,
        isolates: true,
        tier: DEFAULT_TIER.to_owned(),
        order: Some(KUBERNETES_ORDER),
        rules: rules.collect(),
    }))
}

/// One for each address range; peers that are pods are never the DSS host.
fn allowed(rule: &networking::NetworkPolicyEgressRule) -> Vec<Vec<Condition>> {
    let ports = match rule.ports.as_deref() {
        None | Some([]) => vec![Ports::ALL],
        Some(ports) => ports.iter().filter_map(tcp).collect(),
    };
    let to_ports = Condition::Ports { ports, not: false };
    match rule.to.as_deref() {
        None | Some([]) => vec![vec![to_ports]],
        Some(peers) => {
            let blocks = peers.iter().filter_map(|peer| peer.ip_block.as_ref());
            let ranges = blocks.filter_map(|block| {
                let except = block.except.iter().flatten().filter_map(|range| range.parse().ok()).collect();
                let within = Condition::Destination { ranges: vec![block.cidr.parse().ok()?], not: false };
                Some(vec![within, Condition::Destination { ranges: except, not: true }, to_ports.clone()])
            });
            ranges.collect()
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
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    fn read(spec: Value) -> Option<EgressPolicy> {
        let policy = json!({"metadata": {"name": "p"}, "spec": spec});
        let labels = BTreeMap::from([("app".to_owned(), "probe".to_owned())]);
        of_egress(&policy, Selected { namespace: "dss", labels: &labels }).unwrap()
    }

    fn ports(first: u16, last: u16) -> Ports {
        Ports::new(first, last).unwrap()
    }

    #[test]
    fn a_policy_is_for_egress_by_its_types_or_by_having_rules() {
        let allows = |spec: Value| read(spec).map(|policy| policy.rules.len());
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
    fn an_operator_that_is_not_known_decides_nothing() {
        let selector = json!({"matchExpressions": [{"key": "app", "operator": "Like", "values": ["p"]}]});
        assert!(!read(json!({"podSelector": selector, "policyTypes": ["Egress"]})).unwrap().surely);
    }

    #[test]
    fn rules_allow_ranges_of_ports_to_ranges_of_addresses() {
        let policy = read(json!({"podSelector": {}, "egress": [
            {"to": [{"ipBlock": {"cidr": "10.0.0.0/24", "except": ["10.0.0.128/25"]}}, {"podSelector": {}}],
             "ports": [{"port": 22}, {"protocol": "TCP", "port": 100, "endPort": 200}, {"protocol": "UDP", "port": 53}, {"port": "web"}]},
            {"to": [{"namespaceSelector": {}}]},
        ]}));
        let range = |text: &str, not| Condition::Destination { ranges: vec![text.parse().unwrap()], not };
        let to_ports = Condition::Ports { ports: vec![ports(22, 22), ports(100, 200)], not: false };
        let rules = policy.unwrap().rules;
        assert_eq!(rules.len(), 1);
        assert_eq!(rules[0].conditions, [range("10.0.0.0/24", false), range("10.0.0.128/25", true), to_ports]);
    }
}
