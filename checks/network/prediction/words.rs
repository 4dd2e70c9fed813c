//! What the rules close, in words.

use ackcheck_core::seat::cloud::{Hop, Route, RouteTable, Rule, SecurityGroup};

use super::acl::Dropping;
use super::routes::Leg;
use super::rules::By;

/// At most this many things are named; the rest are counted.
pub(crate) const MOST_NAMED: usize = 6;

/// What blocks a packet, where these groups guard it.
pub(crate) fn by_in_words(by: By<'_>, guarding: &[&SecurityGroup]) -> String {
    match by {
        By::Rule(group, rule) => {
            let narrows = narrowed_to(rule).map(|to| format!(", which is for {to} alone")).unwrap_or_default();
            format!("dropped by rule {} (priority {}) of {}{narrows}", rule.id, rule.priority, group.id)
        }
        By::Default => {
            let ids: Vec<&str> = guarding.iter().map(|group| group.id.as_str()).collect();
            let accepting = guarding.iter().flat_map(|group| &group.rules).filter(|rule| rule.accept);
            let narrow =
                accepting.filter_map(|rule| Some(format!(" ({} is for {} alone)", rule.id, narrowed_to(rule)?))).next();
            format!("no rule of {} allows it{}", ids.join(", "), narrow.unwrap_or_default())
        }
    }
}

/// The source ports and the addresses of its own side that a rule is for.
pub(crate) fn narrowed_to(rule: &Rule) -> Option<String> {
    let own =
        rule.own.map(|own| if rule.ingress { format!("packets to {own}") } else { format!("packets from {own}") });
    let ports = rule.source_ports.map(|ports| format!("source ports {ports}"));
    let both: Vec<String> = own.into_iter().chain(ports).collect();
    (!both.is_empty()).then(|| both.join(" and "))
}

/// The rules that are not decided, and why.
pub(crate) fn undecided(groups: &[&SecurityGroup]) -> String {
    let perhaps = groups.iter().flat_map(|group| group.rules.iter().map(move |rule| (group, rule)));
    let named = perhaps.filter_map(|(group, rule)| {
        let why = match (&rule.unread, rule.source_ports) {
            (Some(unread), _) => unread.clone(),
            (None, Some(ports)) => format!("it is for source ports {ports}, and nodes can be set to use others"),
            (None, None) => return None,
        };
        Some(format!("rule {} of {}: {why}", rule.id, group.id))
    });
    let mut named: Vec<String> = named.collect();
    named.dedup();
    named.truncate(MOST_NAMED);
    named.join("; ")
}

/// What of a network ACL drops packets.
pub(crate) fn dropped_by(dropping: &Dropping<'_>) -> String {
    let list = if dropping.pass.inward() { "inbound" } else { "outbound" };
    let acl = &dropping.acl.id;
    match dropping.entry {
        Some(entry) => {
            let whose = if entry.of_system { "system's " } else { "" };
            format!("dropped by the {whose}{list} entry {} of {acl}", entry.id)
        }
        None => format!("no {list} entry of {acl} allows it"),
    }
}

/// Where a route table leads packets, and by which entry.
pub(crate) fn led_by(leg: &Leg<'_>, table: &RouteTable) -> String {
    let asleep = table.routes.iter().find(|route| route.unavailable.is_some() && route.range == leg.goal.range.into());
    let asleep = asleep.and_then(|route| route.unavailable.as_ref());
    let asleep = asleep.map(|status| format!(", and its own entry is {status}")).unwrap_or_default();
    match leg.route {
        None => format!("{} has no route to them{asleep}", table.id),
        Some(route) => format!("{} leads to {} by {}{asleep}", table.id, hops(route), route.range),
    }
}

fn hops(route: &Route) -> String {
    match route.hops.as_slice() {
        [] => "nothing".to_owned(),
        hops => hops.iter().map(Hop::to_string).collect::<Vec<_>>().join(" and "),
    }
}
