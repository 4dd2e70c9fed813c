//! What of the outside Calico's rules can refer to by labels: network sets and machines, each with addresses.

use std::collections::BTreeMap;

use ipnet::IpNet;
use serde_json::Value;

use super::calico_selector::{self, NAMESPACE};
use super::labels::{Label, range};
use ackcheck_core::seat::host::firewall::Holds;

/// A kind of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Network,
    GlobalNetwork,
    HostEndpoint,
}

/// All that were read.
#[derive(Debug, Default)]
pub(super) struct Sets {
    all: Vec<Set>,
    /// There can be more.
    pub(super) incomplete: bool,
}

#[derive(Debug)]
struct Set {
    /// None where it is of the whole cluster.
    namespace: Option<String>,
    labels: BTreeMap<String, String>,
    ranges: Vec<IpNet>,
}

/// What a rule refers to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reference<'a> {
    pub(super) selector: &'a str,
    pub(super) namespaces: Option<&'a str>,
    /// That of the policy, unless it is of the whole cluster.
    pub(super) of: Option<&'a str>,
}

/// The addresses that a rule refers to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Addresses {
    pub(super) surely: Vec<IpNet>,
    pub(super) perhaps: Vec<IpNet>,
}

impl Sets {
    /// Adds objects of a kind.
    pub(super) fn add(&mut self, items: &[Value], kind: Kind) {
        for item in items {
            let list = if kind == Kind::HostEndpoint { &item["spec"]["expectedIPs"] } else { &item["spec"]["nets"] };
            let ranges = list.as_array().into_iter().flatten().filter_map(|text| text.as_str().and_then(range));
            let labels = item["metadata"]["labels"].as_object().into_iter().flatten();
            let namespace = item["metadata"]["namespace"].as_str().filter(|_| kind == Kind::Network);
            self.all.push(Set {
                namespace: namespace.map(str::to_owned),
                labels: labels.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect(),
                ranges: ranges.collect(),
            });
        }
    }

    /// The addresses of those that a rule refers to.
    pub(super) fn of(&self, reference: Reference<'_>) -> Addresses {
        let mut addresses = Addresses::default();
        for set in &self.all {
            let holds = set.is_within(reference);
            match holds.and(calico_selector::holds(reference.selector, &|key| set.label(key))) {
                Holds::Yes => addresses.surely.extend(&set.ranges),
                Holds::Perhaps => addresses.perhaps.extend(&set.ranges),
                Holds::No => {}
            }
        }
        addresses
    }
}

impl Set {
    fn label(&self, key: &str) -> Label<'_> {
        match (self.labels.get(key), &self.namespace) {
            (Some(value), _) => Label::Is(value),
            (None, Some(namespace)) if key == NAMESPACE => Label::Is(namespace),
            // Those of its namespace.
            (None, Some(_)) if key.starts_with("pcns.") => Label::Unknown,
            (None, _) => Label::Absent,
        }
    }

    /// Whether a rule refers to what is in its namespace, or in none.
    fn is_within(&self, reference: Reference<'_>) -> Holds {
        match (reference.namespaces, &self.namespace) {
            (None, namespace) => reference.of.is_none_or(|of| Some(of) == namespace.as_deref()).into(),
            (Some(selector), None) => match selector.trim() {
                "global()" => Holds::Yes,
                other => {
                    if other.contains("global") {
                        Holds::Perhaps
                    } else {
                        Holds::No
                    }
                }
            },
            (Some(selector), Some(namespace)) => calico_selector::holds(selector, &|key| of_namespace(key, namespace)),
        }
    }
}

/// What is known of the labels of a namespace: Calico gives it its name as one, and others are not read.
pub(super) fn of_namespace<'a>(key: &str, namespace: &'a str) -> Label<'a> {
    match key {
        "projectcalico.org/name" | NAMESPACE => Label::Is(namespace),
        _ => Label::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sets() -> Sets {
        let mut sets = Sets::default();
        let object = |namespace: Value, role: &str, spec: Value| json!({"metadata": {"namespace": namespace, "labels": {"role": role}}, "spec": spec});
        sets.add(&[object(json!("dss"), "host", json!({"nets": ["10.0.0.1"]}))], Kind::Network);
        sets.add(&[object(json!("other"), "host", json!({"nets": ["10.0.0.2/32"]}))], Kind::Network);
        sets.add(&[object(Value::Null, "host", json!({"nets": ["10.0.0.3/32", "x"]}))], Kind::GlobalNetwork);
        sets.add(&[object(Value::Null, "host", json!({"expectedIPs": ["10.0.0.4"]}))], Kind::HostEndpoint);
        sets
    }

    #[test]
    fn a_rule_refers_to_sets_of_its_namespace_of_others_or_of_none() {
        let hosts = |namespaces: Option<&str>, of: Option<&str>| {
            let addresses = sets().of(Reference { selector: "role == 'host'", namespaces, of });
            let last = |ranges: Vec<IpNet>| -> Vec<u8> {
                ranges.iter().map(|range| range.to_string().as_bytes()[7] - b'0').collect()
            };
            (last(addresses.surely), last(addresses.perhaps))
        };
        assert_eq!(hosts(None, Some("dss")), (vec![1], vec![]));
        assert_eq!(hosts(None, None), (vec![1, 2, 3, 4], vec![]));
        assert_eq!(hosts(Some("global()"), Some("dss")), (vec![3, 4], vec![]));
        assert_eq!(hosts(Some("all()"), Some("dss")), (vec![1, 2], vec![]));
        assert_eq!(hosts(Some("projectcalico.org/name == 'other'"), None), (vec![2], vec![]));
        assert_eq!(hosts(Some("team == 'x'"), None), (vec![], vec![1, 2]));
        assert_eq!(hosts(Some("team == 'x' || global()"), None), (vec![], vec![1, 2, 3, 4]));
        let none = sets().of(Reference { selector: "role == 'x'", namespaces: None, of: None });
        assert_eq!(none, Addresses::default());
    }
}
