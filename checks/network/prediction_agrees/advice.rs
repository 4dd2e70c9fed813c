//! What opens the way to the DSS host: policies for pods that others isolate, and the commands that open the host's
//! firewall, in the words of the tool that keeps the rule.

use ackcheck_core::seat::pod::{DEFAULT_TIER, Engine};
use ackcheck_core::shell::shell_word;
use ipnet::Ipv4Net;

use super::host_firewall::{Dropped, Owner};
use super::policies::Policy;

/// At most this many policies are written out.
const MOST_POLICIES: usize = 10;

/// One policy for the pods of each that isolates them or denies them something, of a kind that whoever enforces that one
/// reads. A policy for other pods would isolate those, and cut them off from everything else.
pub(super) fn allow(policies: &[&Policy], namespace: &str, address: &str) -> String {
    let mut written: Vec<String> = Vec::new();
    let mut known = std::collections::BTreeSet::new();
    for policy in policies {
        let tier = if policy.kind.engine() == Engine::Calico { policy.tier.as_str() } else { "" };
        if written.len() < MOST_POLICIES && known.insert((policy.kind.engine(), policy.pods.as_str(), tier)) {
            written.push(one_that_allows(policy, written.len() + 1, namespace, address));
        }
    }
    written.join("\n---\n")
}

fn one_that_allows(policy: &Policy, number: usize, namespace: &str, address: &str) -> String {
    let Policy { api_version, pods, tier, .. } = policy;
    let name = format!("allow-dss-host-{number}");
    match policy.kind.engine() {
        Engine::Kubernetes => format!(
            "apiVersion: {api_version}\n\
             kind: NetworkPolicy\n\
             metadata:\n  name: {name}\n  namespace: {namespace}\n\
             spec:\n  podSelector: {pods}\n  policyTypes: [Egress]\n  egress:\n  \
             - to:\n    - ipBlock:\n        cidr: {address}/32\n    ports:\n    - protocol: TCP"
        ),
        Engine::Cilium => format!(
            "apiVersion: {api_version}\n\
             kind: CiliumNetworkPolicy\n\
             metadata:\n  name: {name}\n  namespace: {namespace}\n\
             spec:\n  endpointSelector: {pods}\n  egress:\n  - toCIDR: [{address}/32]"
        ),
        Engine::Calico => {
            // Where Calico keeps policies itself, their names begin with their tier, in most of its versions.
            let tier_and_dot = format!("{tier}.");
            let prefix = if policy.name.starts_with(&tier_and_dot) { tier_and_dot.as_str() } else { "" };
            // Space is nothing to a selector, and in YAML's single quotes only they are doubled.
            let selector = pods.split_whitespace().collect::<Vec<_>>().join(" ").replace('\'', "''");
            let in_tier = if tier == DEFAULT_TIER { String::new() } else { format!("  tier: {tier}\n") };
            format!(
                "apiVersion: {api_version}\n\
                 kind: NetworkPolicy\n\
                 metadata:\n  name: {prefix}{name}\n  namespace: {namespace}\n\
                 spec:\n{in_tier}  order: {}\n  selector: '{selector}'\n  types: [Egress]\n  egress:\n  \
                 - action: Allow\n    protocol: TCP\n    destination:\n      nets: [{address}/32]",
                policy.before
            )
        }
    }
}

/// The kinds that policies are of, as kubectl takes several of them.
pub(super) fn kinds(policies: &[&Policy]) -> String {
    let mut kinds: Vec<String> = policies.iter().map(|policy| policy.kind.resource(policy.api_version)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds.join(",")
}

/// As root on the DSS host. Each rule is put before the one that drops, and for these ranges alone.
pub(super) fn open(dropped: &[Dropped], ranges: &[Ipv4Net]) -> String {
    let mut commands: Vec<String> = Vec::new();
    for dropped in dropped {
        let each = ranges.iter().map(|range| of_one(dropped, range));
        let reload = (dropped.owner == Owner::Firewalld).then(|| "firewall-cmd --reload".to_owned());
        commands.extend(each.chain(reload).collect::<Vec<_>>());
    }
    let mut known = std::collections::BTreeSet::new();
    commands.retain(|command| known.insert(command.clone()));
    commands.join("\n")
}

fn of_one(dropped: &Dropped, range: &Ipv4Net) -> String {
    let chain = shell_word(&dropped.chain);
    match (dropped.owner, dropped.table.split_once(' ')) {
        (Owner::Firewalld, _) => format!("firewall-cmd --permanent --zone=trusted --change-source={range}"),
        (Owner::Ufw, _) => format!("ufw prepend allow proto tcp from {range} to any"),
        (Owner::Other, Some(("iptables", table))) => {
            format!("iptables -t {} -I {chain} -s {range} -p tcp -j ACCEPT", shell_word(table))
        }
        (Owner::Other, _) => {
            let words = dropped.table.split(' ').map(shell_word).collect::<Vec<_>>().join(" ");
            format!("nft insert rule {words} {chain} ip saddr {range} meta l4proto tcp accept")
        }
    }
}

#[cfg(test)]
mod tests {
    use ackcheck_core::seat::Ports;
    use ackcheck_core::seat::pod::PolicyKind;

    use super::*;

    fn policy(kind: PolicyKind, api_version: &'static str, name: &str, pods: &str) -> Policy {
        let (name, pods, tier) = (name.to_owned(), pods.to_owned(), DEFAULT_TIER.to_owned());
        Policy { kind, api_version, name, pods, tier, before: 99.5 }
    }

    #[test]
    fn only_pods_that_are_isolated_already_get_a_policy() {
        let policy = |pods: &str| policy(PolicyKind::Kubernetes, "networking.k8s.io/v1", "p", pods);
        let spark = r#"{"matchLabels":{"app":"spark"}}"#;
        let all = [policy("{}"), policy(spark), policy("{}")];
        let text = allow(&all.iter().collect::<Vec<_>>(), "dss", "10.0.0.20");
        let selectors: Vec<&str> = text.lines().filter(|line| line.contains("podSelector")).collect();
        assert_eq!(selectors, ["  podSelector: {}", format!("  podSelector: {spark}").as_str()]);
        assert_eq!(text.matches("cidr: 10.0.0.20/32").count(), 2);
        assert!(text.contains("name: allow-dss-host-1\n  namespace: dss\n"));
    }

    #[test]
    fn each_engine_gets_a_policy_of_its_kind() {
        let cilium = policy(PolicyKind::CiliumClusterwide, "cilium.io/v2", "p", "{}");
        let calico = policy(PolicyKind::CalicoGlobal, "crd.projectcalico.org/v1", "default.p", "app ==\n 'a'");
        let tiered = Policy { tier: "security".to_owned(), ..calico.clone() };
        let text = allow(&[&cilium, &calico, &tiered], "dss", "10.0.0.20");
        let expected = "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\n\
             metadata:\n  name: allow-dss-host-1\n  namespace: dss\n\
             spec:\n  endpointSelector: {}\n  egress:\n  - toCIDR: [10.0.0.20/32]\n\
             ---\n\
             apiVersion: crd.projectcalico.org/v1\nkind: NetworkPolicy\n\
             metadata:\n  name: default.allow-dss-host-2\n  namespace: dss\n\
             spec:\n  order: 99.5\n  selector: 'app == ''a'''\n  types: [Egress]\n  egress:\n  \
             - action: Allow\n    protocol: TCP\n    destination:\n      nets: [10.0.0.20/32]\n\
             ---\n\
             apiVersion: crd.projectcalico.org/v1\nkind: NetworkPolicy\n\
             metadata:\n  name: allow-dss-host-3\n  namespace: dss\n\
             spec:\n  tier: security\n  order: 99.5\n  selector: 'app == ''a'''\n  types: [Egress]\n  egress:\n  \
             - action: Allow\n    protocol: TCP\n    destination:\n      nets: [10.0.0.20/32]";
        assert_eq!(text, expected);
        assert_eq!(
            kinds(&[&cilium, &calico, &tiered]),
            "ciliumclusterwidenetworkpolicies.cilium.io,globalnetworkpolicies.crd.projectcalico.org"
        );
    }

    #[test]
    fn each_tool_is_told_in_its_own_words_and_each_command_once() {
        let dropped = |owner, table: &str, chain: &str| Dropped {
            ports: Ports::ALL,
            rule: String::new(),
            table: table.to_owned(),
            chain: chain.to_owned(),
            owner,
        };
        let range: Ipv4Net = "10.0.128.0/18".parse().unwrap();
        let all = [
            dropped(Owner::Firewalld, "inet firewalld", "filter_IN_public"),
            dropped(Owner::Firewalld, "inet firewalld", "filter_INPUT"),
            dropped(Owner::Ufw, "iptables filter", "ufw-user-input"),
            dropped(Owner::Other, "iptables filter", "INPUT"),
            dropped(Owner::Other, "inet my-table", "in put"),
        ];
        let expected = "firewall-cmd --permanent --zone=trusted --change-source=10.0.128.0/18\n\
             firewall-cmd --reload\n\
             ufw prepend allow proto tcp from 10.0.128.0/18 to any\n\
             iptables -t filter -I INPUT -s 10.0.128.0/18 -p tcp -j ACCEPT\n\
             nft insert rule inet my-table 'in put' ip saddr 10.0.128.0/18 meta l4proto tcp accept";
        assert_eq!(open(&all, &[range]), expected);
    }
}
