//! What opens the way to the DSS host: policies for pods that others isolate, and the commands that open the host's
//! firewall, in the words of the tool that keeps the rule.

use ackcheck_core::shell::shell_word;
use ipnet::Ipv4Net;

use super::host_firewall::{Dropped, Owner};
use super::policies::Selecting;

/// At most this many policies are written out.
const MOST_POLICIES: usize = 10;

/// One policy for the pods of each that isolates them. A policy for other pods would isolate those, and cut them off from
/// everything else.
pub(super) fn allow(policies: &[Selecting], namespace: &str, address: &str) -> String {
    let mut selectors: Vec<&str> = policies.iter().map(|policy| policy.pods.as_str()).collect();
    selectors.sort_unstable();
    selectors.dedup();
    let of_one = |(at, pods): (usize, &&str)| {
        format!(
            "apiVersion: networking.k8s.io/v1\n\
             kind: NetworkPolicy\n\
             metadata:\n  name: allow-dss-host-{}\n  namespace: {namespace}\n\
             spec:\n  podSelector: {pods}\n  policyTypes: [Egress]\n  egress:\n  \
             - to:\n    - ipBlock:\n        cidr: {address}/32\n    ports:\n    - protocol: TCP",
            at + 1
        )
    };
    selectors.iter().take(MOST_POLICIES).enumerate().map(of_one).collect::<Vec<_>>().join("\n---\n")
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

    use super::*;

    #[test]
    fn only_pods_that_are_isolated_already_get_a_policy() {
        let policy = |pods: &str| Selecting { name: "p".to_owned(), pods: pods.to_owned() };
        let spark = r#"{"matchLabels":{"app":"spark"}}"#;
        let text = allow(&[policy(spark), policy("{}"), policy(spark)], "dss", "10.0.0.20");
        let selectors: Vec<&str> = text.lines().filter(|line| line.contains("podSelector")).collect();
        assert_eq!(selectors, [format!("  podSelector: {spark}").as_str(), "  podSelector: {}"]);
        assert_eq!(text.matches("cidr: 10.0.0.20/32").count(), 2);
        assert!(text.contains("name: allow-dss-host-1\n  namespace: dss\n"));
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
