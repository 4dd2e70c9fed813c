//! What a comparison comes to, as findings.

use ackcheck_core::verdict::Finding;

use super::comparison::Comparison;
use super::host_firewall::Dropped;
use super::policies::{By, Denied, Policy};
use super::{HOST_FIREWALL, NETWORK_POLICY, OPEN_AGAINST_RULES, POLICY_DENIES, UNKNOWN_HOP, advice};

/// At most this many ranges or rules are named in a finding.
const MOST_NAMED: usize = 6;

/// Every finding of it, for pods of this namespace and the DSS host's address.
pub(super) fn of(comparison: &Comparison, namespace: &str, to: &str) -> Vec<Finding> {
    let all = [
        by_isolation(comparison, namespace, to),
        by_rule(comparison, namespace, to),
        by_firewall(comparison),
        unknown(comparison),
        against(comparison),
    ];
    all.into_iter().flatten().collect()
}

/// What another policy opens.
fn by_isolation(comparison: &Comparison, namespace: &str, to: &str) -> Option<Finding> {
    let all: Vec<&Denied> = comparison.by_policy.iter().filter(|denied| denied.by.can_be_allowed()).collect();
    let policies: Vec<&Policy> = all.iter().flat_map(|denied| denied.by.policies()).collect();
    let seen = all.iter().map(|denied| {
        let ports = in_words(denied.ports.iter().map(ToString::to_string));
        match &denied.by {
            By::Isolation(policies) => {
                let names = in_words(policies.iter().map(ToString::to_string));
                format!("no network policy that selects the pods allows them: {ports} (selected by {names})")
            }
            By::Rule(policy, place) => format!("{place} of the {policy} denies them: {ports}"),
        }
    });
    let seen = in_words(seen);
    let ports = in_words(all.iter().flat_map(|denied| &denied.ports).map(ToString::to_string));
    let names = in_words(policies.iter().map(ToString::to_string));
    let finding = NETWORK_POLICY.found(seen).with("ports", ports).with("policies", names);
    let finding = finding.with("kinds", advice::kinds(&policies));
    (!all.is_empty()).then(|| finding.with("allow", advice::allow(&policies, namespace, to)))
}

/// What no other policy opens.
fn by_rule(comparison: &Comparison, namespace: &str, to: &str) -> Option<Finding> {
    let rules = comparison.by_policy.iter().filter_map(|denied| match &denied.by {
        By::Rule(policy, place) if !denied.by.can_be_allowed() => Some((denied, policy, place)),
        _ => None,
    });
    let rules: Vec<(&Denied, &Policy, &String)> = rules.collect();
    let (_, policy, place) = rules.first()?;
    let named = rules.iter().map(|(denied, policy, place)| {
        format!("{} by {place} of the {policy}", in_words(denied.ports.iter().map(ToString::to_string)))
    });
    let seen = format!("denied by a rule of a network policy: {}", in_words(named));
    let ports = in_words(rules.iter().flat_map(|(denied, ..)| &denied.ports).map(ToString::to_string));
    let finding = POLICY_DENIES.found(seen).with("ports", ports).with("rule", format!("{place} of the {policy}"));
    let finding = finding.with("kind", policy.kind.resource(policy.api_version)).with("policy", policy.name.as_str());
    Some(finding.with("allow", advice::allow(&[*policy], namespace, to)))
}

fn by_firewall(comparison: &Comparison) -> Option<Finding> {
    let first = comparison.by_firewall.first()?;
    let named = |dropped: &Dropped| format!("{} by {}", dropped.ports, dropped.rule);
    let ports = in_words(comparison.by_firewall.iter().map(|dropped| dropped.ports.to_string()));
    let seen = format!("closed on the DSS host: {}", in_words(comparison.by_firewall.iter().map(named)));
    let finding = HOST_FIREWALL.found(seen).with("ports", ports).with("rule", first.rule.as_str());
    Some(finding.with("open", advice::open(&comparison.by_firewall, &comparison.senders)))
}

fn unknown(comparison: &Comparison) -> Option<Finding> {
    let first = comparison.unexplained.first()?;
    let ports = in_words(comparison.unexplained.iter().map(ToString::to_string));
    let firewall = comparison.firewall.clone().unwrap_or_default();
    let policies = comparison.policies.clone().unwrap_or_default();
    let seen = format!("lost although the rules allow them: {ports}; {firewall}; of network policies: {policies}");
    let port = first.first().to_string();
    let finding = UNKNOWN_HOP.found(seen).with("ports", ports).with("firewall", firewall);
    Some(finding.with("policies", policies).with("port", port))
}

fn against(comparison: &Comparison) -> Option<Finding> {
    let named = comparison.against.iter().map(|closing| format!("{} ({})", closing.ports, closing.why));
    let seen = in_words(named);
    (!seen.is_empty()).then(|| OPEN_AGAINST_RULES.found(format!("arrived although the rules close them: {seen}")))
}

/// The first few of a list, and how many more there are.
fn in_words(all: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = all.collect();
    match all.len().checked_sub(MOST_NAMED) {
        None | Some(0) => all.join(", "),
        Some(more) => format!("{} and {more} more", all[..MOST_NAMED].join(", ")),
    }
}
