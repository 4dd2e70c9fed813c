//! Cilium's policies, by <https://docs.cilium.io/en/stable/security/policy/>.
//!
//! Policies add up with those of Kubernetes, a rule that denies wins over every rule that allows, and a pod that a policy
//! with rules for egress selects is denied what nothing allows. The DSS host is not in the cluster: it is an address, and
//! of the entity `world`.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use serde::Deserialize as _;
use serde_json::Value;

use super::labels::{Label, Selected, range, selects};
use ackcheck_core::seat::Ports;
use ackcheck_core::seat::host::firewall::{Condition, Holds};
use ackcheck_core::seat::pod::{EgressPolicy, EgressRule, PolicyKind, RuleAction};

pub(super) const API_VERSION: &str = "cilium.io/v2";

/// What a policy can consist of. Another word can change what all policies together mean.
const OF_POLICY: [&str; 10] = [
    "endpointSelector",
    "nodeSelector",
    "ingress",
    "ingressDeny",
    "egress",
    "egressDeny",
    "labels",
    "description",
    "enableDefaultDeny",
    "log",
];
/// What says which peers a rule is for.
const PEERS: [&str; 8] =
    ["toEndpoints", "toCIDR", "toCIDRSet", "toEntities", "toServices", "toGroups", "toNodes", "toFQDNs"];
/// What else a rule can consist of.
const OF_RULE: [&str; 3] = ["toPorts", "icmps", "authentication"];
/// Labels with these in their names are not among those that select a pod, as Cilium comes; others of its own are.
const NOT_ITS_OWN: [&str; 4] = ["io.kubernetes", "kubernetes.io", "k8s.io", "io.cilium"];

/// The policies of an object that are for egress and perhaps select the pod; why it is not understood.
pub(super) fn of_egress(object: &Value, kind: PolicyKind, pod: Selected<'_>) -> Result<Vec<EgressPolicy>, String> {
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    let specs = object["specs"].as_array().into_iter().flatten();
    let mut policies = Vec::new();
    for spec in object.get("spec").into_iter().filter(|spec| !spec.is_null()).chain(specs) {
        let policy = of_spec(spec, name, kind, pod).map_err(|why| format!("{kind} {name}: {why}"))?;
        policies.extend(policy);
    }
    Ok(policies)
}

fn of_spec(spec: &Value, name: &str, kind: PolicyKind, pod: Selected<'_>) -> Result<Option<EgressPolicy>, String> {
    let words = spec.as_object().into_iter().flatten().map(|(word, _)| word);
    if let Some(word) = words.into_iter().find(|word| !OF_POLICY.contains(&word.as_str())) {
        return Err(format!("{word} is not known"));
    }
    // One for nodes is not for pods.
    let Some(selector) = spec.get("endpointSelector").filter(|selector| !selector.is_null()) else { return Ok(None) };
    let parsed = LabelSelector::deserialize(selector).map_err(|error| format!("its endpointSelector: {error}"))?;
    let holds = selects(&parsed, |key| label(key, pod));
    let list = |key: &str| spec[key].as_array().map(Vec::as_slice).unwrap_or_default();
    let (allow, deny) = (list("egress"), list("egressDeny"));
    if holds == Holds::No || (allow.is_empty() && deny.is_empty()) {
        return Ok(None);
    }
    let mut rules = Vec::new();
    for (key, all, does) in [("egressDeny", deny, RuleAction::Deny), ("egress", allow, RuleAction::Allow)] {
        for (at, rule) in all.iter().enumerate() {
            let place = format!("{key}[{at}]");
            rules.extend(rule_of(rule, kind).into_iter().map(|conditions| EgressRule {
                place: place.clone(),
                conditions,
                does,
            }));
        }
    }
    Ok(Some(EgressPolicy {
        kind,
        api_version: API_VERSION,
        name: name.to_owned(),
        pods: selector.to_string(),
        surely: holds == Holds::Yes,
        isolates: spec["enableDefaultDeny"]["egress"].as_bool().unwrap_or(true),
        tier: String::new(),
        order: None,
        rules,
    }))
}

/// A label that Cilium knows the pod by: those of its own, its namespace, and more that is not read.
fn label<'a>(key: &str, pod: Selected<'a>) -> Label<'a> {
    let key = match key.split_once(':') {
        None => key,
        Some(("k8s" | "any", key)) => key,
        // Of the world, of ranges, of the host: none of them is a pod's.
        Some(_) => return Label::Absent,
    };
    if key == "io.kubernetes.pod.namespace" {
        return Label::Is(pod.namespace);
    }
    match pod.labels.get(key) {
        Some(value) if key.starts_with("app.kubernetes.io/") => Label::Is(value),
        _ if NOT_ITS_OWN.iter().any(|part| key.contains(part)) && !key.starts_with("app.kubernetes.io/") => {
            Label::Unknown
        }
        Some(value) => Label::Is(value),
        None => Label::Absent,
    }
}

/// The conditions under which a rule is for a TCP connection out of the cluster, one list for each peer. A rule that names
/// neither peers nor ports is for nothing: `egress: [{}]` is how a policy allows nothing.
fn rule_of(rule: &Value, kind: PolicyKind) -> Vec<Vec<Condition>> {
    let mut words = rule.as_object().into_iter().flatten().map(|(word, _)| word.as_str());
    if !words.all(|word| PEERS.contains(&word) || OF_RULE.contains(&word)) {
        return vec![vec![Condition::Perhaps]];
    }
    let named: Vec<&str> = PEERS.into_iter().filter(|word| !rule[*word].is_null()).collect();
    let ports = match to_ports(rule) {
        None if named.is_empty() => return Vec::new(),
        None => vec![vec![]],
        Some(ports) => ports,
    };
    let peers = match named.is_empty() {
        true => vec![vec![]],
        false => named.into_iter().flat_map(|word| peers(word, &rule[word], kind)).collect(),
    };
    let both = peers.iter().flat_map(|peer| ports.iter().map(move |ports| [peer.as_slice(), ports].concat()));
    both.collect()
}

/// Of each peer that a list names the conditions under which the DSS host is it.
fn peers(word: &str, list: &Value, kind: PolicyKind) -> Vec<Vec<Condition>> {
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let perhaps = || vec![Condition::Perhaps];
    if list.is_empty() {
        return vec![perhaps()];
    }
    let of = |peer: &Value| -> Option<Vec<Condition>> {
        match word {
            "toCIDR" => Some(peer.as_str().and_then(range).map_or_else(perhaps, |range| vec![within(range)])),
            "toCIDRSet" => Some(range_of_set(peer).unwrap_or_else(perhaps)),
            "toEntities" => match peer.as_str().unwrap_or_default() {
                "all" | "world" | "world-ipv4" => Some(Vec::new()),
                "cluster" | "host" | "remote-node" | "kube-apiserver" | "ingress" | "init" | "health" | "unmanaged"
                | "none" | "world-ipv6" => None,
                _ => Some(perhaps()),
            },
            "toEndpoints" => may_be_the_world(peer, kind).then(perhaps),
            // The DSS host is not a node.
            "toNodes" => None,
            // A name that it has, a Service whose endpoint it is, a group of another cloud.
            _ => Some(perhaps()),
        }
    };
    list.iter().filter_map(of).collect()
}

/// Whether a selector of endpoints can be for more than pods: it names what the world and ranges have for labels, or asks
/// for no label at all where the namespace of the policy is not added to it.
fn may_be_the_world(selector: &Value, kind: PolicyKind) -> bool {
    let text = selector.to_string();
    let expressions = selector["matchExpressions"].as_array().into_iter().flatten();
    let mut operators = expressions.map(|one| one["operator"].as_str().unwrap_or_default());
    let asks = selector["matchLabels"].as_object().is_some_and(|labels| !labels.is_empty())
        || operators.any(|operator| ["In", "Exists"].contains(&operator));
    let of_any_namespace = kind == PolicyKind::CiliumClusterwide || text.contains("io.kubernetes.pod.namespace");
    text.contains("reserved") || text.contains("cidr") || (of_any_namespace && !asks)
}

fn within(range: ipnet::IpNet) -> Condition {
    Condition::Destination { ranges: vec![range], not: false }
}

fn range_of_set(set: &Value) -> Option<Vec<Condition>> {
    let words = set.as_object()?;
    if !words.keys().all(|word| ["cidr", "except"].contains(&word.as_str())) {
        return None;
    }
    let except = set["except"].as_array().into_iter().flatten();
    let except: Option<Vec<ipnet::IpNet>> = except.map(|text| text.as_str().and_then(range)).collect();
    Some(vec![within(range(set["cidr"].as_str()?)?), Condition::Destination { ranges: except?, not: true }])
}

/// The conditions on ports, one list for each group of them; none where the rule has none.
fn to_ports(rule: &Value) -> Option<Vec<Vec<Condition>>> {
    let list = rule["toPorts"].as_array().filter(|list| !list.is_empty());
    let Some(list) = list else {
        // A rule on ICMP is for nothing else.
        return rule["icmps"].as_array().filter(|icmps| !icmps.is_empty()).map(|_| Vec::new());
    };
    let of_group = |group: &Value| -> Vec<Vec<Condition>> {
        let ports = group["ports"].as_array().map(Vec::as_slice).unwrap_or_default();
        if ports.is_empty() {
            return vec![vec![Condition::Perhaps]];
        }
        ports.iter().filter_map(port).collect()
    };
    Some(list.iter().flat_map(of_group).collect())
}

/// What a port means for TCP; none where it is another protocol's.
fn port(port: &Value) -> Option<Vec<Condition>> {
    match port["protocol"].as_str().unwrap_or("ANY") {
        "TCP" | "ANY" | "" => {}
        "UDP" | "SCTP" | "ICMP" | "ICMPv6" | "VRRP" | "IGMP" => return None,
        _ => return Some(vec![Condition::Perhaps]),
    }
    let number = |key: &str| match &port[key] {
        Value::Null => Some(0),
        Value::Number(number) => number.as_u64().and_then(|number| u16::try_from(number).ok()),
        // A name is that of a pod's port, which can be more than one.
        text => text.as_str().and_then(|text| if text.is_empty() { Some(0) } else { text.parse().ok() }),
    };
    let ports = match (number("port"), number("endPort")) {
        (Some(0), Some(_)) => Some(Ports::ALL),
        (Some(first), Some(last)) => Ports::new(first, last.max(first)).ok(),
        _ => None,
    };
    Some(vec![ports.map_or(Condition::Perhaps, |ports| Condition::Ports { ports: vec![ports], not: false })])
}

#[cfg(test)]
#[path = "cilium_tests.rs"]
pub(super) mod tests;
