//! Which packets a list of rules drops, over ranges of addresses and ports at once: the first line that matches decides.

use std::net::Ipv4Addr;

use ackcheck_core::seat::Ports;
use ipnet::{IpNet, Ipv4Net};

/// The first and the last address.
pub(super) type Addresses = (u32, u32);

/// A line of a list: for these addresses of the far end, and these ports.
#[derive(Debug, Clone)]
pub(super) struct Line<'a, T> {
    pub(super) addresses: Vec<Addresses>,
    pub(super) ports: &'a [Ports],
    pub(super) accept: bool,
    pub(super) by: T,
}

/// Ports that are dropped for some addresses, and by what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dropped<T> {
    pub(super) from: Ipv4Addr,
    pub(super) to: Ipv4Addr,
    pub(super) ports: Ports,
    pub(super) by: T,
}

impl<T> Dropped<T> {
    /// For how many addresses.
    pub(super) fn count(&self) -> u64 {
        u64::from(u32::from(self.to) - u32::from(self.from)) + 1
    }
}

/// What of these ports is dropped for addresses of a range, in order of address, then of port; no packet twice.
/// `otherwise` is what drops packets that no line matches, where that is dropped.
pub(super) fn dropped<T: Copy + PartialEq>(
    lines: &[Line<'_, T>],
    range: Ipv4Net,
    within: Ports,
    otherwise: Option<T>,
) -> Vec<Dropped<T>> {
    let mut all = Vec::new();
    for piece in cut(range, lines.iter().flat_map(|line| line.addresses.iter().copied())) {
        for (ports, by) in of_piece(lines, piece, within, otherwise) {
            all.push(Dropped { from: piece.0.into(), to: piece.1.into(), ports, by });
        }
    }
    merge(all)
}

/// Every address.
pub(super) const EVERYWHERE: Addresses = (0, u32::MAX);

/// The first and the last address of a range.
pub(super) fn ends(range: Ipv4Net) -> Addresses {
    (range.network().into(), range.broadcast().into())
}

/// Those of IPv4; IPv6 cannot match an IPv4 packet.
pub(super) fn of_fourth<'a>(ranges: impl IntoIterator<Item = &'a IpNet>) -> Vec<Addresses> {
    let fourth = ranges.into_iter().filter_map(|range| match range {
        IpNet::V4(range) => Some(ends(*range)),
        IpNet::V6(_) => None,
    });
    fourth.collect()
}

/// Cuts a range into pieces each of which is wholly inside or wholly outside of every range of rules.
pub(super) fn cut(range: Ipv4Net, of_rules: impl Iterator<Item = Addresses>) -> Vec<Addresses> {
    let (first, last) = ends(range);
    let mut starts = vec![first];
    for (from, to) in of_rules {
        starts.extend([Some(from), to.checked_add(1)].into_iter().flatten().filter(|at| (first..=last).contains(at)));
    }
    starts.sort_unstable();
    starts.dedup();
    let stops = starts.iter().skip(1).map(|next| next - 1).chain([last]);
    starts.iter().copied().zip(stops).collect()
}

/// The dropped ports of one piece, in their order.
fn of_piece<T: Copy + PartialEq>(
    lines: &[Line<'_, T>],
    (from, to): Addresses,
    within: Ports,
    otherwise: Option<T>,
) -> Vec<(Ports, T)> {
    let mut undecided = vec![within];
    let mut dropped = Vec::new();
    let matches = |line: &&Line<'_, T>| line.addresses.iter().any(|(first, last)| *first <= from && to <= *last);
    for line in lines.iter().filter(matches) {
        for ports in line.ports {
            if !line.accept {
                let hit = undecided.iter().filter_map(|range| range.intersection(*ports));
                dropped.extend(hit.map(|ports| (ports, line.by)));
            }
            undecided = undecided.iter().flat_map(|range| range.without(*ports)).collect();
        }
        if undecided.is_empty() {
            break;
        }
    }
    dropped.extend(otherwise.into_iter().flat_map(|by| undecided.iter().map(move |ports| (*ports, by))));
    dropped.sort_by_key(|(ports, _)| *ports);
    dropped
}

/// Joins what the same line drops: first adjacent ports, then adjacent addresses.
fn merge<T: Copy + PartialEq>(mut dropped: Vec<Dropped<T>>) -> Vec<Dropped<T>> {
    dropped.dedup_by(|next, last| {
        let joined = last.ports.joined(next.ports).filter(|_| last.from == next.from && last.by == next.by);
        if let Some(ports) = joined {
            last.ports = ports;
        }
        joined.is_some()
    });
    let mut merged: Vec<Dropped<T>> = Vec::new();
    // What ends where the next address begins is all that can be joined.
    let mut open = 0;
    for next in dropped {
        let before = u32::from(next.from).checked_sub(1).map(Ipv4Addr::from);
        while merged.get(open).is_some_and(|last| Some(last.to) < before) && open < merged.len() {
            open += 1;
        }
        let last = merged[open..]
            .iter_mut()
            .find(|last| Some(last.to) == before && last.ports == next.ports && last.by == next.by);
        match last {
            Some(last) => last.to = next.to,
            None => merged.push(next),
        }
    }
    merged
}
