//! What security groups allow, over all 65535 TCP ports at once, by interval arithmetic.
//!
//! The semantics are those of Alibaba Cloud. The rules of all groups of a network interface are pooled, and the strongest
//! priority that matches decides, as a number (legacy rules have 110). At the same priority Drop beats Accept, however
//! specific a range is. Members of a shared basic group that is not isolated reach each other whatever the rules say. A
//! rule whose peer is a group only matches network interfaces in that group. A rule for addresses of its own side matches
//! where the packet's own end is one of them, and one for source ports where the connection comes from one of them: it can
//! come from each of a range, so that a port is open where it is open from all of them. What cannot be read is taken for
//! either ([`Taken`]), and only what holds both times is known.

use std::net::Ipv4Addr;

use ackcheck_core::seat::Ports;
use ackcheck_core::seat::cloud::{GroupKind, Peer, Rule, SecurityGroup};
use ipnet::{IpNet, Ipv4Net};

use super::intervals::{Addresses, EVERYWHERE, Line, cut, dropped, ends, of_fourth};

/// The direction of packets, as seen from a group's members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Ingress,
    Egress,
}

/// The other end of the packets: addresses, and the groups of the network interface that has them, if any.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Other<'a> {
    pub range: Ipv4Net,
    pub groups: &'a [String],
}

/// The source ports of connections by Linux's usual setting (net.ipv4.ip_local_port_range), and the most it may be set to.
pub(super) const USUAL_SOURCE_PORTS: (u16, u16) = (32_768, 60_999);
const UNPRIVILEGED_PORTS: (u16, u16) = (1024, 65_535);

/// What is taken for true of rules of which something cannot be read, and of the source ports of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// Those that accept match, and no other; connections come from Linux's usual ports.
    ForOpen,
    /// Those that drop match, and no other; connections come from any port that nodes can be set to use.
    ForClosed,
}

/// What blocks a packet.
#[derive(Debug, Clone, Copy)]
pub(crate) enum By<'a> {
    /// This rule of this group.
    Rule(&'a SecurityGroup, &'a Rule),
    /// No rule accepts it, and these groups drop what no rule accepts.
    Default,
}

impl PartialEq for By<'_> {
    /// The very same rule: two that say the same are still two.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (By::Rule(_, one), By::Rule(_, other)) => std::ptr::eq(*one, *other),
            (By::Default, By::Default) => true,
            _ => false,
        }
    }
}

/// Ports that are blocked for some addresses.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Blocked<'a> {
    pub from: Ipv4Addr,
    pub to: Ipv4Addr,
    /// The addresses of the own side that it is blocked for: the first and the last.
    pub members: (u32, u32),
    /// The source ports that it is blocked from.
    pub from_ports: Ports,
    pub ports: Ports,
    pub by: By<'a>,
}

impl Blocked<'_> {
    /// How many combinations of addresses and source ports it is for.
    pub(crate) fn packets(&self) -> u64 {
        let (from, to) = (u32::from(self.from), u32::from(self.to));
        let count = |first: u32, last: u32| u64::from(last - first) + 1;
        count(from, to) * count(self.members.0, self.members.1) * self.from_ports.count() as u64
    }
}

/// The TCP ports that the groups `own` block between their members, who have the addresses `members`, and `other`, with
/// what blocks them, in order of address, then of port. Empty if every port is open.
pub(crate) fn blocked<'a>(
    direction: Direction,
    (own, members): (&[&'a SecurityGroup], Ipv4Net),
    other: Other<'_>,
    taken: Taken,
) -> Vec<Blocked<'a>> {
    let ranges = std::slice::from_ref(&other.range);
    blocked_for_each(direction, (own, members), (ranges, other.groups), taken).pop().unwrap_or_default()
}

/// The same for several ranges of the other end that are in the same groups, each by itself: the rules are put in their
/// order once for all of them.
pub(crate) fn blocked_for_each<'a>(
    direction: Direction,
    (own, members): (&[&'a SecurityGroup], Ipv4Net),
    (ranges, groups): (&[Ipv4Net], &[String]),
    taken: Taken,
) -> Vec<Vec<Blocked<'a>>> {
    let mut all: Vec<Vec<Blocked<'a>>> = vec![Vec::new(); ranges.len()];
    if own.iter().any(|group| joins(group, groups)) {
        return all;
    }
    let open_by_default =
        direction == Direction::Egress && !own.is_empty() && own.iter().all(|group| group.kind == GroupKind::Basic);
    let of_direction = |rule: &&Rule| rule.ingress == (direction == Direction::Ingress);
    let all_rules: Vec<&Rule> = own.iter().flat_map(|group| &group.rules).filter(of_direction).collect();
    let narrowed = of_fourth(all_rules.iter().filter_map(|rule| rule.own.as_ref()));
    let from_ports = source_ports(&all_rules, taken);
    for members in cut(members, narrowed.into_iter()) {
        for from_ports in &from_ports {
            let rules = pooled(direction, own, (members, *from_ports), taken);
            let otherwise = (!open_by_default).then_some(None);
            let lines = lines(&rules, groups);
            for (all, range) in all.iter_mut().zip(ranges) {
                all.extend(dropped(&lines, *range, Ports::ALL, otherwise).into_iter().map(|dropped| {
                    let by = dropped.by.map_or(By::Default, |at| By::Rule(rules[at].0, rules[at].1));
                    let (from, to, ports) = (dropped.from, dropped.to, dropped.ports);
                    Blocked { from, to, members, from_ports: *from_ports, ports, by }
                }));
            }
        }
    }
    all
}

/// Whether these groups treat all their members alike in this direction.
pub(crate) fn treat_members_alike(direction: Direction, own: &[&SecurityGroup]) -> bool {
    let ingress = direction == Direction::Ingress;
    !own.iter().flat_map(|group| &group.rules).any(|rule| rule.ingress == ingress && rule.own.is_some())
}

/// The rules in their order as lines, each by its place.
fn lines<'a>(rules: &[(&'a SecurityGroup, &'a Rule)], groups: &[String]) -> Vec<Line<'a, Option<usize>>> {
    let line = |(at, (_, rule)): (usize, &(&'a SecurityGroup, &'a Rule))| Line {
        addresses: addresses(&rule.peer, groups),
        ports: &rule.ports,
        accept: rule.accept,
        by: Some(at),
    };
    rules.iter().enumerate().map(line).filter(|line| !line.addresses.is_empty()).collect()
}

/// The source ports that connections come from, cut where a rule's own start or end.
fn source_ports(rules: &[&Rule], taken: Taken) -> Vec<Ports> {
    let (first, last) = if taken == Taken::ForOpen { USUAL_SOURCE_PORTS } else { UNPRIVILEGED_PORTS };
    let Ok(all) = Ports::new(first, last) else { return vec![Ports::ALL] };
    let mut pieces = vec![all];
    for ports in rules.iter().filter_map(|rule| rule.source_ports) {
        let cut = |piece: &Ports| piece.intersection(ports).into_iter().chain(piece.without(ports)).collect::<Vec<_>>();
        pieces = pieces.iter().flat_map(cut).collect();
    }
    pieces
}

/// Whether a rule is for these own addresses and source ports, all of which it treats alike.
fn is_for(rule: &Rule, (first, last): Addresses, from_ports: Ports) -> bool {
    let own = match rule.own {
        Some(IpNet::V6(_)) => false,
        Some(IpNet::V4(range)) => first <= ends(range).1 && ends(range).0 <= last,
        None => true,
    };
    own && rule.source_ports.is_none_or(|ports| ports.intersection(from_ports).is_some())
}

/// True if members of a basic group that is not isolated reach each other, before any rule applies.
fn joins(group: &SecurityGroup, others: &[String]) -> bool {
    group.kind == GroupKind::Basic && group.inner_accept && others.contains(&group.id)
}

/// The rules of all groups in this direction that are for these own addresses and source ports, the strongest first, Drop
/// before Accept.
fn pooled<'a>(
    direction: Direction,
    own: &[&'a SecurityGroup],
    (members, from_ports): (Addresses, Ports),
    taken: Taken,
) -> Vec<(&'a SecurityGroup, &'a Rule)> {
    let read = |rule: &Rule| rule.unread.is_none() || rule.accept == (taken == Taken::ForOpen);
    let counts = |rule: &Rule| read(rule) && is_for(rule, members, from_ports);
    let mut rules: Vec<_> = own
        .iter()
        .flat_map(|group| group.rules.iter().map(move |rule| (*group, rule)))
        .filter(|(_, rule)| rule.ingress == (direction == Direction::Ingress) && counts(rule))
        .collect();
    rules.sort_by_key(|(_, rule)| (rule.priority, rule.accept));
    rules
}

/// The addresses that a peer stands for, where the other end is in these groups.
fn addresses(peer: &Peer, groups: &[String]) -> Vec<Addresses> {
    match peer {
        Peer::Range(range) => of_fourth([range]),
        Peer::PrefixList { ranges, .. } => of_fourth(ranges),
        Peer::Group(id) if groups.contains(id) => vec![EVERYWHERE],
        Peer::Group(_) => Vec::new(),
    }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
