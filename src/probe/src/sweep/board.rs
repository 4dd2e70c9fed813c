//! What a sweep knows of each port.

use ackcheck_probe_protocol::{PortState, Ports, Swept, SweptPorts};

/// One port, as far as it was asked.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    /// None before its first answer or silence.
    state: Option<PortState>,
    /// How often it stayed silent.
    silences: u32,
    /// The port that it was dialled from; 0 before it was.
    source: u16,
}

/// The ports of a sweep.
pub(super) struct Board {
    asked: Ports,
    known: Vec<Known>,
}

impl Board {
    /// Of ports that nobody asked yet.
    pub(super) fn new(asked: Ports) -> Board {
        Board { asked, known: vec![Known::default(); asked.count()] }
    }

    fn at(&self, port: u16) -> Known {
        self.known.get(usize::from(port.wrapping_sub(self.asked.first()))).copied().unwrap_or_default()
    }

    fn change(&mut self, port: u16, change: impl FnOnce(&mut Known)) {
        if let Some(known) = self.known.get_mut(usize::from(port.wrapping_sub(self.asked.first()))) {
            change(known);
        }
    }

    /// It answered.
    pub(super) fn answered(&mut self, port: u16, state: PortState) {
        self.change(port, |known| known.state = Some(state));
    }

    /// It stayed silent when it was dialled from this port.
    pub(super) fn stayed_silent(&mut self, port: u16, source: Option<u16>) {
        self.change(port, |known| {
            known.state.get_or_insert(PortState::Filtered);
            known.silences += 1;
            known.source = source.unwrap_or(known.source);
        });
    }

    /// A port without an answer is silent.
    pub(super) fn state(&self, port: u16) -> PortState {
        self.at(port).state.unwrap_or(PortState::Filtered)
    }

    /// How often it was asked in vain.
    pub(super) fn tries(&self, port: u16) -> u32 {
        self.at(port).silences
    }

    /// The port that it was dialled from before. The same again costs the trackers of connections on the way no new entry.
    pub(super) fn source(&self, port: u16) -> Option<u16> {
        Some(self.at(port).source).filter(|source| *source != 0)
    }

    /// Whether any port answered, be it that the packet may not pass.
    pub(super) fn any_answer(&self) -> bool {
        self.known.iter().any(|known| known.state.is_some_and(|state| state != PortState::Filtered))
    }

    /// The share of dials that stayed silent, of those to ports that did answer: what the way loses, both directions
    /// together. 0 to 1.
    pub(super) fn loss(&self) -> f64 {
        let answered =
            self.known.iter().filter(|known| matches!(known.state, Some(PortState::Open | PortState::Closed)));
        let (answers, silences) = answered
            .fold((0u32, 0u32), |(answers, silences), known| (answers + 1, silences.saturating_add(known.silences)));
        if answers == 0 { 0.0 } else { f64::from(silences) / (f64::from(answers) + f64::from(silences)) }
    }

    /// Runs of neighbours that did not answer or whose packets may not pass.
    pub(super) fn silent_runs(&self) -> impl Iterator<Item = Ports> {
        let joined = |state| if state == PortState::Unreachable { PortState::Filtered } else { state };
        let ranges = self.swept(joined).ranges.into_iter();
        ranges.filter(|range| range.state == PortState::Filtered).map(|range| range.ports)
    }

    /// All that is known, as ranges in order.
    pub(super) fn ranges(&self) -> Swept {
        self.swept(|state| state)
    }

    fn swept(&self, told: impl Fn(PortState) -> PortState) -> Swept {
        let one = |port| Some(SweptPorts { ports: Ports::one(port)?, state: told(self.state(port)) });
        Swept::of(self.asked.each().filter_map(one))
    }
}
