//! The ports whose packets do not arrive, joined into ranges and told in words.

use ackcheck_core::required_ports::RequiredPorts;
use ackcheck_core::seat::{PortState, Swept, SweptPorts};

/// At most this many ranges are named in a finding.
const MOST_RANGES: usize = 12;

/// Whether packets to a range arrive: a reset says so too.
pub(super) fn arrives(range: &SweptPorts) -> bool {
    matches!(range.state, PortState::Open | PortState::Closed)
}

/// The ranges whose packets do not arrive, with neighbours joined. If one port of a range was rejected by ICMP, the whole
/// range counts as rejected: kernels limit such answers to a few per second, so most ports of the range stay silent.
pub(super) fn lost(swept: &Swept) -> Vec<SweptPorts> {
    let mut joined: Vec<SweptPorts> = Vec::new();
    for range in swept.ranges.iter().filter(|range| !arrives(range)) {
        let both = joined.last().and_then(|last| last.ports.joined(range.ports));
        match (joined.last_mut(), both) {
            (Some(last), Some(ports)) => *last = SweptPorts { ports, state: last.state.max(range.state) },
            _ => joined.push(*range),
        }
    }
    joined
}

/// Of lost ranges, what pods have to reach, and what they do not.
pub(super) fn divided(lost: &[SweptPorts], required: &RequiredPorts) -> (Vec<SweptPorts>, Vec<SweptPorts>) {
    let of = |range: &SweptPorts, ports| SweptPorts { ports, ..*range };
    let needed = lost.iter().flat_map(|range| required.within(range.ports).map(|ports| of(range, ports)));
    let rest = lost.iter().flat_map(|range| required.beyond(range.ports).into_iter().map(|ports| of(range, ports)));
    (needed.collect(), rest.collect())
}

/// The ranges in a state, in words: `20000-59999, 61000`.
pub(super) fn words(ranges: &[SweptPorts], state: PortState) -> String {
    let of: Vec<SweptPorts> = ranges.iter().filter(|range| range.state == state).copied().collect();
    all_words(&of)
}

/// The ranges in words, whatever their state.
pub(super) fn all_words(ranges: &[SweptPorts]) -> String {
    let found: Vec<String> = ranges.iter().map(|range| range.ports.to_string()).collect();
    match found.len().checked_sub(MOST_RANGES) {
        None | Some(0) => found.join(", "),
        Some(more) => format!("{} and {more} more ranges", found[..MOST_RANGES].join(", ")),
    }
}
