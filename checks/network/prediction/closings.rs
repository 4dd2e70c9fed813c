//! Which ports are closed by which link of the way, the first broken link first.

use ackcheck_core::seat::Ports;
use ackcheck_core::seat::cloud::{RouteTable, SecurityGroup};
use ipnet::Ipv4Net;

use super::acl::Dropping;
use super::routes::{Astray, Goal, Leg};
use super::rules::{Blocked, Taken, USUAL_SOURCE_PORTS};
use super::words::{by_in_words, dropped_by, led_by};

/// A link of the way between a pod and the DSS host, in the order in which a broken one is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Link {
    /// The DSS host's route table, on the way back.
    Routes,
    /// The network ACLs of either vSwitch, for connections.
    AclForward,
    /// The same, for answers.
    AclReturn,
    /// The security groups of the sender's network interface.
    SenderGroups,
    /// The security groups of the DSS host's network interface.
    HostGroups,
}

/// Ports that a link closes, and why, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Closing {
    pub(crate) ports: Ports,
    pub(crate) link: Link,
    pub(crate) why: String,
}

/// What the rules say: what is in neither list is open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Predicted {
    pub(crate) closed: Vec<Closing>,
    /// Closed for some of the addresses that may have sent it, or by a rule that is not decided.
    pub(crate) uncertain: Vec<Closing>,
}

/// What one link closes, surely or perhaps.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    pub(super) closing: Closing,
    pub(super) surely: bool,
}

/// What groups close for the packets between their members and others; surely if for all of both.
pub(super) fn of_groups(
    link: Link,
    (members, others): (Ipv4Net, Ipv4Net),
    blocked: &[Blocked<'_>],
    groups: &[&SecurityGroup],
    taken: Taken,
) -> Vec<Layer> {
    let (first, last) = USUAL_SOURCE_PORTS;
    let whole = size(members) * size(others) * (u64::from(last - first) + 1);
    let mut layers = Vec::new();
    for ports in pieces(blocked.iter().map(|blocked| blocked.ports)) {
        let of_ports: Vec<_> = blocked.iter().filter(|blocked| blocked.ports.intersection(ports).is_some()).collect();
        let Some(first) = of_ports.first() else { continue };
        // No packet is blocked twice, so that sizes add up.
        let hit: u64 = of_ports.iter().map(|blocked| blocked.packets()).sum();
        let closing = Closing { ports, link, why: by_in_words(first.by, groups) };
        layers.push(Layer { closing, surely: taken == Taken::ForOpen && hit == whole });
    }
    layers
}

/// What a route table loses of the answers to a goal, whatever the port: surely if it is all of them.
pub(super) fn of_routes(goal: &Goal, legs: &[Leg<'_>], table: &RouteTable) -> Vec<Layer> {
    let count = |leg: &Leg<'_>| u64::from(u32::from(leg.last) - u32::from(leg.first)) + 1;
    let lost: u64 = legs.iter().filter(|leg| leg.astray != Astray::Unknown).map(count).sum();
    let closing = legs.first().map(|leg| Closing { ports: Ports::ALL, link: Link::Routes, why: led_by(leg, table) });
    closing.into_iter().map(|closing| Layer { closing, surely: lost == size(goal.range) }).collect()
}

/// What ACLs drop of the connections of one source.
pub(super) fn of_acls(dropped: &[Dropping<'_>], source: Ipv4Net, taken: Taken) -> Vec<Layer> {
    let (answers, forward): (Vec<&Dropping<'_>>, Vec<_>) =
        dropped.iter().partition(|dropping| dropping.pass.of_answers());
    let all_of = |of_ports: &[&Dropping<'_>]| {
        // What is dropped by the sender's ACL is dropped for all its addresses; the host's can drop some of them.
        let by_own = of_ports.iter().any(|dropping| dropping.pass.at_sender());
        by_own || of_ports.iter().map(|dropping| dropping.addresses).sum::<u64>() == size(source)
    };
    let mut layers = Vec::new();
    for (ports, of_ports) in by_ports(&forward) {
        let closing = Closing { ports, link: Link::AclForward, why: dropped_by(of_ports[0]) };
        layers.push(Layer { closing, surely: taken == Taken::ForOpen && all_of(&of_ports) });
    }
    // Of answers the ports are those that a connection comes from, which can be any of them.
    let lost = by_ports(&answers).into_iter().filter(|(_, of_ports)| all_of(of_ports));
    let lost: usize = lost.map(|(ports, _)| ports.count()).sum();
    if let Some(first) = answers.first() {
        let closing = Closing { ports: Ports::ALL, link: Link::AclReturn, why: dropped_by(first) };
        let every = usize::from(USUAL_SOURCE_PORTS.1 - USUAL_SOURCE_PORTS.0) + 1;
        layers.push(Layer { closing, surely: taken == Taken::ForOpen && lost == every });
    }
    layers
}

/// Pieces of ports with what drops some of each.
fn by_ports<'a, 'b>(dropped: &[&'b Dropping<'a>]) -> Vec<(Ports, Vec<&'b Dropping<'a>>)> {
    let of =
        |ports: Ports| dropped.iter().filter(move |dropping| dropping.ports.intersection(ports).is_some()).copied();
    let all = pieces(dropped.iter().map(|dropping| dropping.ports));
    all.into_iter().map(|ports| (ports, of(ports).collect())).collect()
}

fn size(range: Ipv4Net) -> u64 {
    1 << (32 - u32::from(range.prefix_len()))
}

/// All of these ports, cut where any of them starts or ends.
fn pieces(all: impl Iterator<Item = Ports> + Clone) -> Vec<Ports> {
    let mut starts: Vec<u32> =
        all.clone().flat_map(|ports| [u32::from(ports.first()), u32::from(ports.last()) + 1]).collect();
    starts.sort_unstable();
    starts.dedup();
    let cut = starts.iter().zip(starts.iter().skip(1)).filter_map(|(from, next)| {
        let (first, last) = (u16::try_from(*from).ok()?, u16::try_from(next - 1).ok()?);
        Ports::new(first, last).ok()
    });
    cut.filter(|piece| all.clone().any(|ports| ports.intersection(*piece).is_some())).collect()
}

/// For each port the first link that surely closes it, or else the first that does perhaps.
pub(super) fn first_links(layers: &[Layer]) -> Predicted {
    let mut predicted = Predicted::default();
    for ports in pieces(layers.iter().map(|layer| layer.closing.ports)) {
        let of_ports = layers.iter().filter(|layer| layer.closing.ports.intersection(ports).is_some());
        let Some(first) = of_ports.min_by_key(|layer| (!layer.surely, layer.closing.link)) else { continue };
        let list = if first.surely { &mut predicted.closed } else { &mut predicted.uncertain };
        push(list, Closing { ports, ..first.closing.clone() });
    }
    predicted
}

/// Of several senders that it may be, one of which it is: closed is what is closed for all.
pub(super) fn of_any_sender(all: Vec<Predicted>) -> Predicted {
    let of_one = |predicted: &Predicted| {
        let closed = predicted.closed.iter().cloned().map(|closing| (closing, true));
        closed.chain(predicted.uncertain.iter().cloned().map(|closing| (closing, false))).collect::<Vec<_>>()
    };
    let senders: Vec<Vec<(Closing, bool)>> = all.iter().map(of_one).collect();
    let mut predicted = Predicted::default();
    let every = senders.iter().flatten().map(|(closing, _)| closing.ports);
    for ports in pieces(every) {
        let of_ports = |sender: &Vec<(Closing, bool)>| {
            sender.iter().find(|(closing, _)| closing.ports.intersection(ports).is_some()).cloned()
        };
        let found: Vec<_> = senders.iter().map(of_ports).collect();
        let surely = found.iter().all(|found| matches!(found, Some((_, true))));
        let Some((first, _)) = found.into_iter().flatten().next() else { continue };
        let list = if surely { &mut predicted.closed } else { &mut predicted.uncertain };
        push(list, Closing { ports, ..first });
    }
    predicted
}

/// Adds to a list in the order of ports, joined to the last where that says the same.
fn push(list: &mut Vec<Closing>, next: Closing) {
    if let Some(last) = list.last_mut()
        && (last.link, &last.why) == (next.link, &next.why)
        && let Some(ports) = last.ports.joined(next.ports)
    {
        last.ports = ports;
        return;
    }
    list.push(next);
}

#[cfg(test)]
#[path = "closings_tests.rs"]
mod tests;
