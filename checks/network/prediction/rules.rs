//! What security groups allow, over all 65535 TCP ports at once, by interval arithmetic.
//!
//! The semantics are those of Alibaba Cloud. The rules of all groups of a network interface are pooled, and the strongest
//! priority that matches decides, as a number (legacy rules have 110). At the same priority Drop beats Accept, however
//! specific a range is. Members of a shared basic group that is not isolated reach each other whatever the rules say. A
//! rule whose peer is a group only matches network interfaces in that group. A rule for addresses of its own side matches
//! where the packet's own end is one of them. What cannot be decided ([`Matches::Perhaps`]) is taken for either, and only
//! what holds both times is known.

use std::net::Ipv4Addr;

use ackcheck_core::seat::Ports;
use ackcheck_core::seat::cloud::{GroupKind, Peer, Rule, SecurityGroup};
use ipnet::{IpNet, Ipv4Net};

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
const USUAL_SOURCE_PORTS: (u16, u16) = (32_768, 60_999);
const UNPRIVILEGED_PORTS: (u16, u16) = (1024, 65_535);

/// Whether a rule matches packets to its ports, of its peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Matches {
    Always,
    Never,
    /// A part of it cannot be read, or it depends on settings of the nodes.
    Perhaps,
}

/// What is taken for true of rules that match perhaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// Those that accept match, and no other.
    ForOpen,
    /// Those that drop match, and no other.
    ForClosed,
}

/// What blocks a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By<'a> {
    /// This rule of this group.
    Rule(&'a SecurityGroup, &'a Rule),
    /// No rule accepts it, and these groups drop what no rule accepts.
    Default,
}

/// Ports that are blocked for some addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Blocked<'a> {
    pub from: Ipv4Addr,
    pub to: Ipv4Addr,
    /// The addresses of the own side that it is blocked for: the first and the last.
    pub members: (u32, u32),
    pub ports: Ports,
    pub by: By<'a>,
}

impl Blocked<'_> {
    /// How many pairs of addresses it is for.
    pub(crate) fn packets(&self) -> u64 {
        let (from, to) = (u32::from(self.from), u32::from(self.to));
        let count = |first: u32, last: u32| u64::from(last - first) + 1;
        count(from, to) * count(self.members.0, self.members.1)
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
    if own.iter().any(|group| joins(group, other.groups)) {
        return Vec::new();
    }
    let open_by_default =
        direction == Direction::Egress && !own.is_empty() && own.iter().all(|group| group.kind == GroupKind::Basic);
    let narrowed = own.iter().flat_map(|group| &group.rules).filter_map(|rule| match rule.own {
        Some(IpNet::V4(range)) => Some(range),
        _ => None,
    });
    let mut all: Vec<Blocked<'a>> = Vec::new();
    for piece in cut(members, narrowed) {
        let rules = pooled(direction, own, piece, taken);
        let mut blocked: Vec<Blocked<'a>> = Vec::new();
        for (from, to) in cut(other.range, rules.iter().flat_map(|(_, rule)| ranges(&rule.peer))) {
            for (ports, by) in closed(&rules, (from, to), other.groups, open_by_default) {
                blocked.push(Blocked { from: from.into(), to: to.into(), members: piece, ports, by });
            }
        }
        all.extend(merge(blocked));
    }
    all
}

/// Whether a rule matches packets of these own addresses, all of which it treats alike.
pub(crate) fn of_own_side(rule: &Rule, (first, last): (u32, u32)) -> Matches {
    match rule.own {
        Some(IpNet::V6(_)) => return Matches::Never,
        Some(IpNet::V4(range)) => {
            let (from, to) = ends(range);
            if last < from || to < first {
                return Matches::Never;
            }
        }
        None => {}
    }
    match rule.source_ports {
        _ if rule.unread.is_some() => Matches::Perhaps,
        None => Matches::Always,
        Some(ports) => of_source_ports(rule.accept, ports),
    }
}

/// An Accept counts where it is for every port that a connection can come from, a Drop where it is for one of them.
fn of_source_ports(accept: bool, ports: Ports) -> Matches {
    let all_of = |(first, last): (u16, u16)| ports.first() <= first && last <= ports.last();
    let some_of = |(first, last): (u16, u16)| ports.first() <= last && first <= ports.last();
    let (surely, never) = match accept {
        true => (all_of(UNPRIVILEGED_PORTS), !all_of(USUAL_SOURCE_PORTS)),
        false => (some_of(USUAL_SOURCE_PORTS), !some_of(UNPRIVILEGED_PORTS)),
    };
    match (surely, never) {
        (true, _) => Matches::Always,
        (_, true) => Matches::Never,
        _ => Matches::Perhaps,
    }
}

/// True if members of a basic group that is not isolated reach each other, before any rule applies.
fn joins(group: &SecurityGroup, others: &[String]) -> bool {
    group.kind == GroupKind::Basic && group.inner_accept && others.contains(&group.id)
}

/// The rules of all groups in this direction that match packets of these own addresses, the strongest first, Drop before
/// Accept.
fn pooled<'a>(
    direction: Direction,
    own: &[&'a SecurityGroup],
    members: (u32, u32),
    taken: Taken,
) -> Vec<(&'a SecurityGroup, &'a Rule)> {
    let counts = |rule: &Rule| match of_own_side(rule, members) {
        Matches::Always => true,
        Matches::Never => false,
        Matches::Perhaps => rule.accept == (taken == Taken::ForOpen),
    };
    let mut rules: Vec<_> = own
        .iter()
        .flat_map(|group| group.rules.iter().map(move |rule| (*group, rule)))
        .filter(|(_, rule)| rule.ingress == (direction == Direction::Ingress) && counts(rule))
        .collect();
    rules.sort_by_key(|(_, rule)| (rule.priority, rule.accept));
    rules
}

/// The IPv4 ranges of a peer; IPv6 cannot match an IPv4 packet.
fn ranges(peer: &Peer) -> Vec<Ipv4Net> {
    let all = match peer {
        Peer::Range(range) => std::slice::from_ref(range),
        Peer::PrefixList { ranges, .. } => ranges.as_slice(),
        Peer::Group(_) => &[],
    };
    all.iter()
        .filter_map(|range| match range {
            IpNet::V4(range) => Some(range.trunc()),
            IpNet::V6(_) => None,
        })
        .collect()
}

/// Cuts a range into pieces each of which is wholly inside or wholly outside of every range of rules.
fn cut(range: Ipv4Net, of_rules: impl Iterator<Item = Ipv4Net>) -> Vec<(u32, u32)> {
    let (first, last) = ends(range);
    let mut starts = vec![first];
    for (from, to) in of_rules.map(ends) {
        starts.extend([Some(from), to.checked_add(1)].into_iter().flatten().filter(|at| (first..=last).contains(at)));
    }
    starts.sort_unstable();
    starts.dedup();
    let stops = starts.iter().skip(1).map(|next| next - 1).chain([last]);
    starts.iter().copied().zip(stops).collect()
}

fn ends(range: Ipv4Net) -> (u32, u32) {
    (range.network().into(), range.broadcast().into())
}

/// The blocked ports of one piece.
fn closed<'a>(
    rules: &[(&'a SecurityGroup, &'a Rule)],
    piece: (u32, u32),
    groups: &[String],
    open_by_default: bool,
) -> Vec<(Ports, By<'a>)> {
    let mut undecided = vec![Ports::ALL];
    let mut closed = Vec::new();
    for (group, rule) in rules.iter().filter(|(_, rule)| matches(&rule.peer, piece, groups)) {
        for ports in &rule.ports {
            let (hit, left) = split(&undecided, *ports);
            if !rule.accept {
                closed.extend(hit.into_iter().map(|ports| (ports, By::Rule(group, rule))));
            }
            undecided = left;
        }
    }
    if !open_by_default {
        closed.extend(undecided.into_iter().map(|ports| (ports, By::Default)));
    }
    closed.sort_by_key(|(ports, _)| *ports);
    closed
}

fn matches(peer: &Peer, (from, to): (u32, u32), groups: &[String]) -> bool {
    match peer {
        Peer::Group(id) => groups.contains(id),
        _ => ranges(peer).into_iter().map(ends).any(|(first, last)| first <= from && to <= last),
    }
}

/// The parts of `ranges` that are in `ports`, and those that are not.
fn split(ranges: &[Ports], ports: Ports) -> (Vec<Ports>, Vec<Ports>) {
    let hit = ranges.iter().filter_map(|range| range.intersection(ports)).collect();
    let left = ranges.iter().flat_map(|range| range.without(ports)).collect();
    (hit, left)
}

/// Joins what the same rule blocks: first adjacent ports, then adjacent addresses.
fn merge(mut blocked: Vec<Blocked<'_>>) -> Vec<Blocked<'_>> {
    blocked.dedup_by(|next, last| {
        let joined = last.ports.joined(next.ports).filter(|_| last.from == next.from && last.by == next.by);
        if let Some(ports) = joined {
            last.ports = ports;
        }
        joined.is_some()
    });
    let mut merged: Vec<Blocked<'_>> = Vec::new();
    for next in blocked {
        let before = u32::from(next.from).checked_sub(1).map(Ipv4Addr::from);
        let last =
            merged.iter_mut().find(|last| Some(last.to) == before && last.ports == next.ports && last.by == next.by);
        match last {
            Some(last) => last.to = next.to,
            None => merged.push(next),
        }
    }
    merged
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
