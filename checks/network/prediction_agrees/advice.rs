//! The commands that open a host's firewall to pods, in the words of the tool that keeps the rule.

use ackcheck_core::shell::shell_word;
use ipnet::Ipv4Net;

use super::host_firewall::{Dropped, Owner};

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
