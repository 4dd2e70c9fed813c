//! How many connections sweeps may begin in a second, so that the DSS host's table of connections (nf_conntrack) keeps
//! room for those of production. A dial that a reset answers leaves no entry; one that was accepted leaves one of 10 s, and
//! one that the host does not answer one of two minutes.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use ackcheck_core::config::SWEEP_RATE;

/// The share of what is free that all sweeps together may take.
const SHARE: u64 = 4;
/// What is left of that is spread over so long: looked at every second, it cannot be overrun.
const SPREAD: f64 = 3.0;
/// Entries are gone after so long, whoever answered or did not.
const FORGOTTEN: Duration = Duration::from_secs(130);

/// The table of connections of the DSS host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// ackcheck does not see it.
    Unseen,
    /// The host tracks no connections.
    None,
    /// So many, of so many.
    Entries { count: u64, size: u64 },
}

/// What may be dialled in a second, by all sweeps together; none: as much as can be.
pub type Rate = Option<u32>;

/// The room for the sweeps of one run.
#[derive(Debug, Default)]
pub struct HeadRoom {
    /// `[limits] sweep_rate`.
    given: Rate,
    /// The entries that others have at least, as far as it can be told.
    others: Option<u64>,
    /// Connections that were allowed, and when.
    allowed: VecDeque<(Instant, u64)>,
}

impl HeadRoom {
    /// Where the site file gives this ceiling.
    pub fn new(given: Rate) -> HeadRoom {
        HeadRoom { given, ..HeadRoom::default() }
    }

    /// So many connections may have begun by now.
    pub fn allowed(&mut self, now: Instant, dials: u64) {
        self.allowed.push_back((now, dials));
    }

    /// What is allowed from now on, where this was seen.
    pub fn rate(&mut self, now: Instant, table: Table) -> Rate {
        match table {
            Table::Unseen => Some(self.given.unwrap_or(SWEEP_RATE)),
            Table::None => self.given,
            // The kernel takes 0 for no limit.
            Table::Entries { size: 0, .. } => self.given,
            Table::Entries { count, size } => {
                let rate = self.of_table(now, count, size);
                Some(self.given.map_or(rate, |given| given.min(rate)))
            }
        }
    }

    /// The table may hold what others had when the sweeps began, and a quarter of what was free besides. What others have
    /// is at most the whole count, and at least what is more than all that may be left of the sweeps.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to 2^32"
    )]
    fn of_table(&mut self, now: Instant, count: u64, size: u64) -> u32 {
        while self.allowed.front().is_some_and(|(at, _)| now.saturating_duration_since(*at) > FORGOTTEN) {
            self.allowed.pop_front();
        }
        let ours_at_most: u64 = self.allowed.iter().map(|(_, dials)| dials).sum();
        let at_least = count.saturating_sub(ours_at_most);
        let others = self.others.map_or(count, |others| others.max(at_least).min(count));
        self.others = Some(others);
        let may_hold = others + size.saturating_sub(others) / SHARE;
        let left = may_hold.saturating_sub(count).min(u64::from(u32::MAX));
        (left as f64 / SPREAD) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A host whose table keeps what arrives for so many seconds, swept for a while as fast as is allowed: the most that
    /// the sweeps' entries were, and how many dials there were.
    fn swept(size: u64, others: impl Fn(u64) -> u64, kept: u64, seconds: u64) -> (u64, u64) {
        let (began, mut room) = (Instant::now(), HeadRoom::default());
        let mut dials: Vec<u64> = Vec::new();
        let mut most = 0;
        for second in 0..seconds {
            let now = began + Duration::from_secs(second);
            let ours: u64 = dials.iter().rev().take(usize::try_from(kept).unwrap()).sum();
            most = most.max(ours);
            let count = others(second) + ours;
            let rate = room.rate(now, Table::Entries { count, size }).unwrap();
            dials.push(rate.into());
            room.allowed(now + Duration::from_secs(1), rate.into());
        }
        (most, dials.iter().sum())
    }

    #[test]
    fn sweeps_stay_below_a_quarter_of_what_is_free() {
        for (size, others, kept) in
            [(65_536, 2_000, 10), (262_144, 100_000, 10), (65_536, 60_000, 120), (131_072, 0, 0)]
        {
            let (most, dials) = swept(size, |_| others, kept, 200);
            assert!(most <= (size - others) / 4, "{most} of {size}");
            assert!(dials > (size - others) / 4, "{dials}: it goes on");
        }
        let (_, dials) = swept(262_144, |_| 3_000, 10, 15);
        assert!(dials > 65_535, "{dials} in 15 s: a node takes no longer");
    }

    #[test]
    fn others_that_grow_are_told_from_the_sweeps() {
        // A client whose connections stay for two minutes each, begun as the sweeps do.
        let (most, dials) = swept(65_536, |second| 200 * second.min(120), 10, 300);
        assert!(most <= 65_536 / 4, "{most}");
        assert!(dials > 65_535, "{dials}");
        // Others that take all: nothing is left.
        let full = |second: u64| if second < 5 { 1_000 } else { 65_536 };
        let (_, dials) = swept(65_536, full, 10, 10);
        let (_, more) = swept(65_536, full, 10, 100);
        assert_eq!(dials, more);
    }

    #[test]
    fn others_that_go_leave_room() {
        let mut room = HeadRoom::default();
        let now = Instant::now();
        let full = Table::Entries { count: 65_536, size: 65_536 };
        assert_eq!(room.rate(now, full), Some(0));
        assert!(room.rate(now, Table::Entries { count: 1_000, size: 65_536 }) > Some(5_000));
    }

    #[test]
    fn what_is_not_seen_has_a_ceiling_and_what_is_given_holds_everywhere() {
        let now = Instant::now();
        let table = Table::Entries { count: 0, size: 262_144 };
        let rates = |given| [Table::Unseen, Table::None, table].map(|table| HeadRoom::new(given).rate(now, table));
        assert_eq!(rates(None), [Some(SWEEP_RATE), None, Some(21_845)]);
        assert_eq!(rates(Some(500)), [Some(500); 3]);
        assert_eq!(rates(Some(50_000))[2], Some(21_845));
    }
}
