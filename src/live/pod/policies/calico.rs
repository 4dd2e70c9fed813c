//! Calico's policies, by <https://docs.tigera.io/calico/latest/reference/resources/networkpolicy> and its neighbours.
//!
//! Tiers are asked in their order, and within one its policies in theirs: the first rule that matches decides. What a
//! tier with a policy that selects the pod leaves undecided is dropped, unless the tier says that it passes it on.

use serde_json::Value;

use super::calico_selector;
use super::calico_sets::{Reference, Sets, of_namespace};
use super::labels::{Label, Selected, range};
use ackcheck_core::seat::Ports;
use ackcheck_core::seat::host::firewall::{Condition, Holds};
use ackcheck_core::seat::pod::{DEFAULT_TIER, EgressPolicy, EgressRule, PolicyKind, RuleAction, Tier};

/// What a policy can consist of. Another word can change what all policies together mean.
const OF_POLICY: [&str; 11] = [
    "tier",
    "order",
    "ingress",
    "egress",
    "selector",
    "types",
    "doNotTrack",
    "preDNAT",
    "applyOnForward",
    "namespaceSelector",
    "serviceAccountSelector",
];
const HINTS: &str = "performanceHints";
const OF_RULE: [&str; 10] =
    ["action", "metadata", "ipVersion", "protocol", "notProtocol", "icmp", "notICMP", "http", "source", "destination"];
const OF_DESTINATION: [&str; 9] = [
    "nets",
    "notNets",
    "selector",
    "notSelector",
    "namespaceSelector",
    "ports",
    "notPorts",
    "services",
    "serviceAccounts",
];
/// Kubernetes' own policies, as Calico's API server lists them besides.
const OF_KUBERNETES: &str = "knp.";

/// A policy before what its rules refer to is read.
#[derive(Debug)]
pub(super) struct Policy {
    policy: EgressPolicy,
    rules: Vec<Value>,
    /// Where it is; none of the whole cluster.
    namespace: Option<String>,
}

impl Policy {
    /// The policy, where it is for egress and perhaps selects the pod; why it is not understood.
    pub(super) fn of_egress(
        object: &Value,
        kind: PolicyKind,
        api_version: &'static str,
        pod: Selected<'_>,
    ) -> Result<Option<Policy>, String> {
        let (spec, name) = (&object["spec"], object["metadata"]["name"].as_str().unwrap_or_default());
        let words = spec.as_object().into_iter().flatten().map(|(word, _)| word.as_str());
        if let Some(word) = words.into_iter().find(|word| !OF_POLICY.contains(word) && *word != HINTS) {
            return Err(format!("{kind} {name}: {word} is not known"));
        }
        // Those two are for machines alone.
        let for_machines = ["doNotTrack", "preDNAT"].iter().any(|word| spec[*word] == Value::Bool(true));
        let (governs, selects) = (governs_egress(spec), selects(spec, kind, pod));
        if for_machines || name.starts_with(OF_KUBERNETES) || governs.and(selects) == Holds::No {
            return Ok(None);
        }
        let text = |key: &str| spec[key].as_str().filter(|text| !text.is_empty());
        let policy = EgressPolicy {
            kind,
            api_version,
            name: name.to_owned(),
            pods: text("selector").unwrap_or("all()").to_owned(),
            surely: governs.and(selects) == Holds::Yes,
            isolates: true,
            tier: text("tier").unwrap_or(DEFAULT_TIER).to_owned(),
            order: spec["order"].as_f64(),
            rules: Vec::new(),
        };
        let rules = spec["egress"].as_array().cloned().unwrap_or_default();
        let namespace = (kind == PolicyKind::Calico).then(|| pod.namespace.to_owned());
        Ok(Some(Policy { policy, rules, namespace }))
    }

    pub(super) fn in_default_tier(&self) -> bool {
        self.policy.tier == DEFAULT_TIER
    }

    pub(super) fn tier(&self) -> &str {
        &self.policy.tier
    }

    pub(super) fn name(&self) -> &str {
        &self.policy.name
    }

    /// Whether a rule on TCP refers to something by labels.
    pub(super) fn refers_to_sets(&self) -> bool {
        let by_labels = |rule: &&Value| {
            ["selector", "notSelector", "namespaceSelector"].iter().any(|word| rule["destination"][*word].is_string())
        };
        self.rules.iter().filter(by_labels).any(|rule| of_tcp(rule) != Holds::No)
    }

    /// The policy with its rules.
    pub(super) fn with(self, sets: &Sets) -> EgressPolicy {
        let of = self.namespace.as_deref();
        let rules = self.rules.iter().enumerate().flat_map(|(at, rule)| {
            let does = action(rule);
            let conditions = does.map(|does| (does, conditions(rule, of, sets)));
            conditions.into_iter().flat_map(move |(does, all)| {
                let place = format!("egress[{at}]");
                all.into_iter().map(move |conditions| EgressRule { place: place.clone(), conditions, does })
            })
        });
        let rules = rules.collect();
        EgressPolicy { rules, ..self.policy }
    }
}

/// Every tier in its order, the lowest first; the default one is there even where none was read.
pub(super) fn in_order(objects: &[Value]) -> Vec<Tier> {
    let order = |tier: &Value| tier["spec"]["order"].as_f64().unwrap_or(f64::INFINITY);
    let name = |tier: &Value| tier["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    let mut sorted: Vec<&Value> = objects.iter().collect();
    sorted.sort_by(|one, other| order(one).total_cmp(&order(other)).then_with(|| name(one).cmp(&name(other))));
    let tier = |tier: &Value| Tier { name: name(tier), passes: tier["spec"]["defaultAction"].as_str() == Some("Pass") };
    let mut tiers: Vec<Tier> = sorted.into_iter().map(tier).collect();
    if tiers.iter().all(|tier| tier.name != DEFAULT_TIER) {
        tiers.push(Tier { name: DEFAULT_TIER.to_owned(), passes: false });
    }
    tiers
}

/// By its types. Where a policy has none, its author's tools say that its rules decide, and Felix that it is for both ways.
fn governs_egress(spec: &Value) -> Holds {
    match spec["types"].as_array().map(Vec::as_slice) {
        None | Some([]) if spec["egress"].as_array().is_some_and(|rules| !rules.is_empty()) => Holds::Yes,
        None | Some([]) => Holds::Perhaps,
        Some(types) => {
            types.iter().any(|one| one.as_str().is_some_and(|one| one.eq_ignore_ascii_case("egress"))).into()
        }
    }
}

fn selects(spec: &Value, kind: PolicyKind, pod: Selected<'_>) -> Holds {
    let text = |key: &str| spec[key].as_str().unwrap_or_default();
    let pods = calico_selector::holds(text("selector"), &|key| label(key, pod));
    let namespaces = match (kind, text("namespaceSelector")) {
        (PolicyKind::CalicoGlobal, selector) if !selector.is_empty() => {
            calico_selector::holds(selector, &|key| of_namespace(key, pod.namespace))
        }
        _ => Holds::Yes,
    };
    let accounts = if text("serviceAccountSelector").is_empty() { Holds::Yes } else { Holds::Perhaps };
    pods.and(namespaces).and(accounts)
}

/// A label that Calico knows a pod by.
fn label<'a>(key: &str, pod: Selected<'a>) -> Label<'a> {
    match key {
        calico_selector::NAMESPACE | "pcns.projectcalico.org/name" => Label::Is(pod.namespace),
        "projectcalico.org/orchestrator" => Label::Is("k8s"),
        "projectcalico.org/serviceaccount" => Label::Unknown,
        // Those of its namespace and of its service account.
        _ if key.starts_with("pcns.") || key.starts_with("pcsa.") => Label::Unknown,
        _ => pod.labels.get(key).map_or(Label::Absent, |value| Label::Is(value)),
    }
}

/// What a rule does; none where it only logs. What is not known may let through, by [`conditions`] that it may not.
fn action(rule: &Value) -> Option<RuleAction> {
    match rule["action"].as_str().unwrap_or_default().to_ascii_lowercase().as_str() {
        "log" => None,
        "deny" => Some(RuleAction::Deny),
        "pass" | "next-tier" => Some(RuleAction::Pass),
        _ => Some(RuleAction::Allow),
    }
}

/// Whether a rule is for TCP.
fn of_tcp(rule: &Value) -> Holds {
    let protocol = |value: &Value| match value {
        Value::Null => None,
        Value::Number(number) => Some((number.as_u64() == Some(6)).into()),
        text => match text.as_str().unwrap_or_default().to_ascii_uppercase().as_str() {
            "TCP" | "6" => Some(Holds::Yes),
            "UDP" | "ICMP" | "ICMPV6" | "SCTP" | "UDPLITE" | "17" | "1" => Some(Holds::No),
            _ => Some(Holds::Perhaps),
        },
    };
    let only = protocol(&rule["protocol"]).unwrap_or(Holds::Yes);
    let not = protocol(&rule["notProtocol"]).map_or(Holds::Yes, |not: Holds| not.negated(true));
    only.and(not)
}

/// The conditions under which a rule is for a TCP connection to an address outside of the cluster: any of these lists.
/// `of` is the namespace of its policy, where it has one.
fn conditions(rule: &Value, of: Option<&str>, sets: &Sets) -> Vec<Vec<Condition>> {
    let destination = &rule["destination"];
    let knows = |value: &Value, words: &[&str]| {
        value.as_object().is_none_or(|value| value.keys().all(|word| words.contains(&word.as_str())))
    };
    let given = |value: &Value| match value {
        Value::Null => false,
        Value::Object(value) => !value.is_empty(),
        _ => true,
    };
    let mut all = Vec::new();
    match of_tcp(rule) {
        Holds::No => return Vec::new(),
        Holds::Perhaps => all.push(Condition::Perhaps),
        Holds::Yes => {}
    }
    // The sweeps that are explained are of IPv4, and an account is a pod's.
    if rule["ipVersion"].as_u64() == Some(6) || given(&destination["serviceAccounts"]) {
        return Vec::new();
    }
    let is_known = knows(rule, &OF_RULE) && knows(destination, &OF_DESTINATION);
    let asks_more = ["icmp", "notICMP", "http", "source"].iter().any(|word| given(&rule[*word]));
    let is_action = ["allow", "deny", "pass", "next-tier"]
        .iter()
        .any(|known| rule["action"].as_str().is_some_and(|action| action.eq_ignore_ascii_case(known)));
    if !is_known || asks_more || !is_action || given(&destination["services"]) {
        all.push(Condition::Perhaps);
    }
    for (word, not) in [("nets", false), ("notNets", true)] {
        all.extend(nets(&destination[word], not));
    }
    let mut each = vec![all];
    for alternatives in [by_labels(destination, of, sets), not_by_labels(destination, of, sets)] {
        each = both(&each, &alternatives);
    }
    for (word, not) in [("ports", false), ("notPorts", true)] {
        each = both(&each, &ports(&destination[word], not));
    }
    each
}

/// Every pair of them.
fn both(each: &[Vec<Condition>], alternatives: &[Vec<Condition>]) -> Vec<Vec<Condition>> {
    let pairs = each.iter().flat_map(|one| alternatives.iter().map(move |other| [one.as_slice(), other].concat()));
    pairs.collect()
}

fn nets(list: &Value, not: bool) -> Vec<Condition> {
    let Some(list) = list.as_array().filter(|list| !list.is_empty()) else { return Vec::new() };
    let ranges: Option<Vec<_>> = list.iter().map(|text| text.as_str().and_then(range)).collect();
    vec![ranges.map_or(Condition::Perhaps, |ranges| Condition::Destination { ranges, not })]
}

fn reference<'a>(destination: &'a Value, word: &str, of: Option<&'a str>) -> Option<Reference<'a>> {
    let text = |word: &str| destination[word].as_str().filter(|text| !text.is_empty());
    let namespaces = text("namespaceSelector");
    let selector = text(word).or(namespaces.filter(|_| word == "selector").map(|_| "all()"))?;
    Some(Reference { selector, namespaces, of })
}

fn by_labels(destination: &Value, of: Option<&str>, sets: &Sets) -> Vec<Vec<Condition>> {
    let Some(reference) = reference(destination, "selector", of) else { return vec![Vec::new()] };
    let addresses = sets.of(reference);
    let mut each = Vec::new();
    if !addresses.surely.is_empty() {
        each.push(vec![Condition::Destination { ranges: addresses.surely, not: false }]);
    }
    if !addresses.perhaps.is_empty() {
        each.push(vec![Condition::Destination { ranges: addresses.perhaps, not: false }, Condition::Perhaps]);
    }
    if sets.incomplete {
        each.push(vec![Condition::Perhaps]);
    }
    each
}

fn not_by_labels(destination: &Value, of: Option<&str>, sets: &Sets) -> Vec<Vec<Condition>> {
    let Some(reference) = reference(destination, "notSelector", of) else { return vec![Vec::new()] };
    let addresses = sets.of(reference);
    let outside =
        Condition::Destination { ranges: [addresses.surely.clone(), addresses.perhaps.clone()].concat(), not: true };
    let mut surely = vec![outside];
    if sets.incomplete {
        surely.push(Condition::Perhaps);
    }
    let mut each = vec![surely];
    if !addresses.perhaps.is_empty() {
        let not_surely = Condition::Destination { ranges: addresses.surely, not: true };
        let perhaps = Condition::Destination { ranges: addresses.perhaps, not: false };
        each.push(vec![not_surely, perhaps, Condition::Perhaps]);
    }
    each
}

/// Numbers, ranges such as `80:90`, and names of ports, which only pods and machines give.
fn ports(list: &Value, not: bool) -> Vec<Vec<Condition>> {
    let Some(list) = list.as_array().filter(|list| !list.is_empty()) else { return vec![Vec::new()] };
    let number = |text: &str| text.trim().parse::<u16>().ok();
    let of = |port: &Value| match port {
        Value::Number(port) => {
            let port = port.as_u64().and_then(|port| u16::try_from(port).ok())?;
            Ports::new(port, port).ok()
        }
        text => {
            let (first, last) = text.as_str()?.split_once(':').unwrap_or((text.as_str()?, text.as_str()?));
            Ports::new(number(first)?, number(last)?).ok()
        }
    };
    let known: Vec<Ports> = list.iter().filter_map(of).collect();
    let all_known = known.len() == list.len();
    let condition = Condition::Ports { ports: known, not };
    match (all_known, not) {
        (true, _) => vec![vec![condition]],
        (false, false) => vec![vec![condition], vec![Condition::Perhaps]],
        (false, true) => vec![vec![condition, Condition::Perhaps]],
    }
}

#[cfg(test)]
#[path = "calico_tests.rs"]
mod tests;
