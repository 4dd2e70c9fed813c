//! Which ports a node dials that leaves the rest to another of its class, and how the answers of the two compare.
//!
//! The sample is 512 ports, 128 apart: wherever 128 neighbours or more are blocked, one of the sample is among them, and
//! every longer range has more. Of single ports it finds few: of a random one that is blocked for one node of a class
//! alone, it misses 99.2 %, unless a rule or another node's sweep has an edge there. `[network] sweep = "every-node"`
//! misses none.

use std::collections::BTreeSet;

use ackcheck_core::seat::{PortState, Ports, Swept};

/// From one port of the sample to the next.
const STEP: u16 = 128;
/// Edges of one sweep at the most; where there are more, dialling both sides of each is no cheaper than a sweep.
const MOST_EDGES: usize = 4_096;

/// What one port answered.
pub(super) type Answer = (u16, PortState);

/// The ports that every node dials.
pub(super) fn sample() -> impl Iterator<Item = u16> {
    (STEP / 2..).step_by(usize::from(STEP)).take(usize::from(u16::MAX / STEP) + 1)
}

/// Whether a packet to the port does not arrive. A refusal by a reset says that it did, as much as an open port; and
/// ports open and close while they are swept.
fn is_lost(state: PortState) -> bool {
    matches!(state, PortState::Filtered | PortState::Unreachable)
}

/// The ports on both sides of each edge between ports that packets reach and ports that they do not; none where there
/// are too many to dial.
pub(super) fn edges(swept: &Swept) -> Option<Vec<u16>> {
    let mut edges = Vec::new();
    for pair in swept.ranges.windows(2) {
        if is_lost(pair[0].state) != is_lost(pair[1].state) {
            edges.extend([pair[0].ports.last(), pair[1].ports.first()]);
        }
    }
    (edges.len() <= MOST_EDGES).then_some(edges)
}

/// The ports on both sides of both ends of these ranges; the lowest of them where there are too many to dial.
pub(super) fn edges_of(ranges: impl IntoIterator<Item = Ports>) -> BTreeSet<u16> {
    let mut edges = BTreeSet::new();
    for ports in ranges {
        let (first, last) = (ports.first(), ports.last());
        edges.extend([first.checked_sub(1), Some(first), Some(last), last.checked_add(1)].into_iter().flatten());
    }
    edges.into_iter().filter(|port| *port != 0).take(MOST_EDGES).collect()
}

/// What a port answered; none where it was not swept.
fn state(swept: &Swept, port: u16) -> Option<PortState> {
    let at = swept.ranges.partition_point(|range| range.ports.last() < port);
    swept.ranges.get(at).filter(|range| range.ports.contains(port)).map(|range| range.state)
}

/// The ports that answered these otherwise than a whole sweep; none where the two agree. Within ports that are rejected by
/// ICMP most stay silent, since kernels send few such answers a second: what counts is whether there are any.
pub(super) fn differing(answers: &[Answer], swept: &Swept) -> Vec<u16> {
    let differ = |(port, own): &&Answer| state(swept, *port).is_none_or(|other| is_lost(*own) != is_lost(other));
    let differing: Vec<u16> = answers.iter().filter(differ).map(|(port, _)| *port).collect();
    let lost = || answers.iter().filter(|(_, state)| is_lost(*state));
    let rejects = lost().any(|(_, state)| *state == PortState::Unreachable);
    let rejected = swept.ranges.iter().any(|range| range.state == PortState::Unreachable);
    match differing.is_empty() && rejects != rejected {
        true => lost().map(|(port, _)| *port).collect(),
        false => differing,
    }
}

/// Of the ports that differ, those that stayed silent here: packets get lost at random, so they are dialled again.
pub(super) fn silent(answers: &[Answer], differing: &[u16]) -> Vec<u16> {
    let filtered = |port: &&u16| answers.contains(&(**port, PortState::Filtered));
    differing.iter().filter(filtered).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ackcheck_core::seat::SweptPorts;

    fn swept(states: &[(u16, u16, PortState)]) -> Swept {
        let one = |&(first, last, state): &(u16, u16, PortState)| SweptPorts {
            ports: Ports::new(first, last).unwrap(),
            state,
        };
        Swept { ranges: states.iter().map(one).collect() }
    }

    #[test]
    fn every_blocked_range_of_128_ports_or_more_has_one_of_the_sample() {
        let sample: Vec<u16> = sample().collect();
        assert_eq!(sample.len(), 512);
        for length in [128_u16, 256, 257, 5000] {
            for first in 1..=u16::MAX - length + 1 {
                let after = sample.partition_point(|port| *port < first);
                let found = sample.get(after).is_some_and(|port| port - first < length);
                assert!(found, "{length} ports from {first} on");
            }
        }
    }

    /// The share that the documentation names.
    #[test]
    fn of_single_ports_the_sample_misses_99_2_percent() {
        let sample: BTreeSet<u16> = sample().collect();
        let missed = Ports::ALL.each().filter(|port| {
            let one_blocked = |dialled: u16| if dialled == *port { PortState::Filtered } else { PortState::Closed };
            let answers: Vec<Answer> = sample.iter().map(|port| (*port, one_blocked(*port))).collect();
            !answers.iter().any(|(_, state)| is_lost(*state))
        });
        let share = missed.count() as f64 / Ports::ALL.count() as f64 * 100.0;
        assert!((share - 99.2).abs() < 0.05, "{share}");
    }

    #[test]
    fn edges_are_between_what_arrives_and_what_does_not() {
        use PortState::{Closed, Filtered, Open, Unreachable};
        let swept =
            swept(&[(1, 21, Closed), (22, 22, Open), (23, 99, Filtered), (100, 199, Unreachable), (200, 65535, Open)]);
        assert_eq!(edges(&swept), Some(vec![22, 23, 199, 200]));
        let ragged: Vec<_> =
            (1..=3000_u16).map(|at| (at * 2, at * 2, if at % 2 == 0 { Closed } else { Filtered })).collect();
        assert_eq!(edges(&super::tests::swept(&ragged)), None);
        let ranges = ["1-65535", "22", "20000-59999"].map(|text| text.parse().unwrap());
        assert_eq!(
            edges_of(ranges).into_iter().collect::<Vec<_>>(),
            [1, 21, 22, 23, 19999, 20000, 59999, 60000, 65535]
        );
    }

    #[test]
    fn answers_differ_by_whether_packets_arrive() {
        use PortState::{Closed, Filtered, Open, Unreachable};
        let open = swept(&[(1, 21, Closed), (22, 22, Open), (23, 65535, Closed)]);
        assert_eq!(differing(&[(22, Closed), (80, Open)], &open), [0_u16; 0]);
        assert_eq!(differing(&[(22, Open), (80, Filtered), (81, Unreachable)], &open), [80, 81]);
        assert_eq!(silent(&[(22, Open), (80, Filtered), (81, Unreachable)], &[80, 81]), [80]);
        let dropped = swept(&[(1, 99, Closed), (100, 65535, Filtered)]);
        assert_eq!(differing(&[(99, Closed), (100, Filtered)], &dropped), [0_u16; 0]);
        assert_eq!(differing(&[(99, Closed), (100, Open), (101, Filtered)], &dropped), [100]);
        // Rejected here, silent there: other rules.
        assert_eq!(differing(&[(99, Closed), (100, Unreachable), (101, Filtered)], &dropped), [100, 101]);
        // One ICMP answer a second on either side, and silence between them.
        let rationed = swept(&[(1, 99, Closed), (100, 100, Unreachable), (101, 65535, Filtered)]);
        assert_eq!(differing(&[(99, Closed), (100, Filtered), (901, Unreachable)], &rationed), [0_u16; 0]);
        assert_eq!(differing(&[(99, Closed), (100, Filtered)], &rationed), [100]);
        assert_eq!(differing(&[(7, Closed)], &swept(&[(8, 9, Closed)])), [7], "what was not swept agrees with nothing");
    }
}
