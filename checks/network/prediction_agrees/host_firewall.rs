//! Which ports of the DSS host its own firewall drops or rejects, and whose rule does it.

use ackcheck_core::seat::Ports;
use ackcheck_core::seat::host::firewall::{Chain, Ruleset};

use super::walk::{Closed, Packets, closed};

/// Ports that one rule closes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dropped {
    pub(crate) ports: Ports,
    /// The rule in words, with its table, its chain and whose it is.
    pub(crate) rule: String,
    /// `inet filter`, or `iptables filter`.
    pub(crate) table: String,
    pub(crate) chain: String,
    /// The tool that keeps the rule.
    pub(crate) owner: Owner,
}

/// Who writes rules into a chain, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    Firewalld,
    Ufw,
    Other,
}

/// The ports that the firewall surely closes for such packets, in order.
pub(crate) fn dropped(ruleset: &Ruleset, packets: Packets) -> Vec<Dropped> {
    closed(ruleset, packets).into_iter().map(Dropped::of).collect()
}

impl Dropped {
    fn of(closed: Closed<'_>) -> Dropped {
        let chain = closed.chain;
        let rule = closed.rule.and_then(|at| chain.rules.get(at));
        let words = rule.map_or("its policy is to drop what no rule accepts", |rule| &rule.words);
        let owner = owner(chain);
        let whose = match owner {
            Owner::Firewalld => {
                zone(chain).map_or("firewalld: ".to_owned(), |zone| format!("firewalld, zone {zone}: "))
            }
            Owner::Ufw => "ufw: ".to_owned(),
            Owner::Other => String::new(),
        };
        Dropped {
            ports: closed.ports,
            rule: format!("{whose}table {}, chain {}: {words}", chain.table, chain.name),
            table: chain.table.clone(),
            chain: chain.name.clone(),
            owner,
        }
    }
}

fn owner(chain: &Chain) -> Owner {
    let starts = |prefix: &str| chain.name.starts_with(prefix);
    if chain.table.ends_with(" firewalld") || (zone(chain).is_some() && !starts("DOCKER")) {
        Owner::Firewalld
    } else if starts("ufw-") {
        Owner::Ufw
    } else {
        Owner::Other
    }
}

/// The zone of one of firewalld's chains: `filter_IN_public_deny` of its own backend, `IN_public_deny` of iptables'.
fn zone(chain: &Chain) -> Option<&str> {
    let rest = chain.name.strip_prefix("filter_IN_").or_else(|| chain.name.strip_prefix("IN_"))?;
    let parts = ["_pre", "_log", "_deny", "_allow", "_post"];
    Some(parts.iter().find_map(|part| rest.strip_suffix(part)).unwrap_or(rest))
}

#[cfg(test)]
#[path = "host_firewall_tests.rs"]
mod tests;
