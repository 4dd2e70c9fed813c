//! The JSON of `nft -j list ruleset` (libnftables-json): every chain that IPv4 packets to the host pass.

use std::collections::BTreeMap;

use ackcheck_core::seat::host::firewall::{At, Chain, Hook, Ruleset};
use serde_json::Value;

mod expression;
mod statement;

/// The named sets and maps of a table by their names: their elements, or none where they change by themselves.
type Sets<'a> = BTreeMap<(&'a str, &'a str), Option<&'a Vec<Value>>>;

/// What the rules of one table refer to.
#[derive(Clone, Copy)]
struct Table<'a> {
    /// `inet firewalld`.
    name: &'a str,
    sets: &'a Sets<'a>,
}

impl<'a> Table<'a> {
    /// The elements of a set that stands there, or that is named (`@blocked`); none where they are not known.
    fn elements(&self, set: &'a Value) -> Option<&'a Vec<Value>> {
        match set {
            Value::String(name) => *self.sets.get(&(self.name, name.strip_prefix('@')?))?,
            other => other.get("set").and_then(Value::as_array),
        }
    }
}

/// Reads it.
pub(super) fn read(text: &str) -> Result<Ruleset, String> {
    let document: Value = serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))?;
    let objects = document.get("nftables").and_then(Value::as_array).ok_or("it has no list `nftables`")?;
    let of = |kind: &'static str| objects.iter().filter_map(move |object| object.get(kind));
    let tables: Vec<String> = objects.iter().map(table_of).collect();
    let mut sets: Sets<'_> = BTreeMap::new();
    for (object, table) in objects.iter().zip(&tables) {
        let Some(set) = object.get("set").or_else(|| object.get("map")) else { continue };
        let changes = ["dynamic", "timeout"].iter().any(|flag| has_flag(set, flag));
        static EMPTY: Vec<Value> = Vec::new();
        let elements = set.get("elem").map_or(Some(&EMPTY), Value::as_array);
        sets.insert((table, text_of(set, "name")), elements.filter(|_| !changes));
    }
    let mut chains: Vec<Chain> = of("chain")
        .filter(|chain| is_for_ipv4(text_of(chain, "family")))
        .map(|chain| Chain {
            table: format!("{} {}", text_of(chain, "family"), text_of(chain, "table")),
            name: text_of(chain, "name").to_owned(),
            hook: hook(chain),
            rules: Vec::new(),
        })
        .collect();
    for (object, table) in objects.iter().zip(&tables) {
        let Some(rule) = object.get("rule") else { continue };
        let of_rule = |chain: &&mut Chain| chain.table == *table && chain.name == text_of(rule, "chain");
        if let Some(chain) = chains.iter_mut().find(of_rule) {
            chain.rules.extend(statement::rules(rule, Table { name: table, sets: &sets }));
        }
    }
    Ok(Ruleset { chains })
}

fn text_of<'v>(object: &'v Value, field: &str) -> &'v str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// The table of a set, map, chain or rule: `inet firewalld`.
fn table_of(object: &Value) -> String {
    let inner = object.as_object().and_then(|object| object.values().next());
    inner.map(|inner| format!("{} {}", text_of(inner, "family"), text_of(inner, "table"))).unwrap_or_default()
}

fn has_flag(set: &Value, flag: &str) -> bool {
    match set.get("flags") {
        Some(Value::String(only)) => only == flag,
        Some(Value::Array(flags)) => flags.iter().any(|one| one == flag),
        _ => false,
    }
}

/// Bridges and ARP carry what is not for the host; the ingress of a device is left out, so that what it drops is not known.
fn is_for_ipv4(family: &str) -> bool {
    ["ip", "inet"].contains(&family)
}

fn hook(chain: &Value) -> Option<Hook> {
    let at = match text_of(chain, "hook") {
        "prerouting" => At::Prerouting,
        "input" => At::Input,
        _ => return None,
    };
    let priority = chain.get("prio").and_then(Value::as_i64).unwrap_or_default();
    Some(Hook { at, priority, drops: text_of(chain, "policy") == "drop" })
}

#[cfg(test)]
#[path = "nft_tests.rs"]
mod tests;
