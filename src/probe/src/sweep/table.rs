//! The table in which this machine's kernel tracks connections (nf_conntrack), as far as it is seen from here: the pod's
//! own count, and the size that all network namespaces of a node share.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use ackcheck_probe_protocol::{CannotLook, PortState};

/// How long the kernel keeps what nobody answered (nf_conntrack_tcp_timeout_syn_sent), with a margin,
const SILENT_FOR: Duration = Duration::from_secs(125);
/// and what was accepted and then reset (nf_conntrack_tcp_timeout_close). A reset that is the only answer leaves nothing.
const ACCEPTED_FOR: Duration = Duration::from_secs(11);
/// The share of the table that a sweep may take: of what kube-proxy sets at least, 131072, it is one entry for each port.
const SHARE: u64 = 2;
/// How often the count is read.
const EVERY: Duration = Duration::from_millis(50);

const COUNT: &str = "/proc/sys/net/netfilter/nf_conntrack_count";
const SIZE: &str = "/proc/sys/net/netfilter/nf_conntrack_max";

/// What dials cost this machine.
pub(super) struct Table {
    /// Entries that a sweep may take; none where no table is seen.
    share: Option<u64>,
    size: u64,
    read: Option<Instant>,
    /// Until when so many entries stay, the next to go first.
    silent: VecDeque<(Instant, u64)>,
    accepted: VecDeque<(Instant, u64)>,
    taken: u64,
}

impl Table {
    /// As the kernel shows it.
    pub(super) fn of_this_machine() -> Table {
        let (size, count) = (number(SIZE).unwrap_or(0), number(COUNT).unwrap_or(0));
        Table::with(size, count)
    }

    /// Nothing tracks connections.
    #[cfg(test)]
    pub(super) fn none() -> Table {
        Table::with(0, 0)
    }

    /// A size of 0 is no limit, as it is to the kernel.
    fn with(size: u64, count: u64) -> Table {
        let share = (size > 0).then(|| size.saturating_sub(count) / SHARE);
        Table { share, size, read: None, silent: VecDeque::new(), accepted: VecDeque::new(), taken: 0 }
    }

    /// How many new connections it has room for, while so many are under way.
    ///
    /// # Errors
    /// If it is full: what is not answered then may be this machine's own doing.
    pub(super) fn room(&mut self, now: Instant, under_way: usize) -> Result<usize, CannotLook> {
        let Some(share) = self.share else { return Ok(usize::MAX) };
        if self.read.is_none_or(|read| now.saturating_duration_since(read) >= EVERY) {
            self.read = Some(now);
            self.is_full(number(COUNT).unwrap_or(0))?;
        }
        for kept in [&mut self.silent, &mut self.accepted] {
            while kept.front().is_some_and(|(until, _)| *until <= now) {
                let entries = kept.pop_front().map_or(0, |(_, entries)| entries);
                self.taken = self.taken.saturating_sub(entries);
            }
        }
        let taken = self.taken.saturating_add(under_way as u64);
        Ok(usize::try_from(share.saturating_sub(taken)).unwrap_or(usize::MAX))
    }

    fn is_full(&self, count: u64) -> Result<(), CannotLook> {
        if self.size == 0 || count < self.size {
            return Ok(());
        }
        let (size, table) = (self.size, "this node's table of connections (nf_conntrack)");
        Err(CannotLook::because(format!(
            "{table} is full: {count} of {size}; what it drops cannot be told from a filter"
        )))
    }

    /// Why a sweep gave up waiting for room.
    pub(super) fn too_small(&self) -> String {
        let (size, share) = (self.size, self.share.unwrap_or(0));
        format!(
            "this node's table of connections (nf_conntrack_max is {size}) is too small: all ports at once would take more \
             than the {share} entries that a sweep may take"
        )
    }

    /// One was not answered; the first time from its port, as a later one is the same entry.
    pub(super) fn stayed_silent(&mut self, now: Instant, first: bool) {
        if first {
            self.keep(now, SILENT_FOR, true);
        }
    }

    /// One was answered like this.
    pub(super) fn answered(&mut self, now: Instant, state: PortState) {
        if state == PortState::Open {
            self.keep(now, ACCEPTED_FOR, false);
        }
    }

    fn keep(&mut self, now: Instant, long: Duration, silent: bool) {
        if self.share.is_none() {
            return;
        }
        self.taken += 1;
        let kept = if silent { &mut self.silent } else { &mut self.accepted };
        let until = now + long;
        match kept.back_mut() {
            // Those of one second are one.
            Some((last, entries)) if until.saturating_duration_since(*last) < Duration::from_secs(1) => {
                *entries += 1;
            }
            // As of the end of that second, so that none is forgotten too early.
            _ => kept.push_back((until + Duration::from_secs(1), 1)),
        }
    }
}

fn number(path: &str) -> Option<u64> {
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(table: &mut Table, now: Instant) -> usize {
        // Nothing of the machine that the test runs on.
        table.read = Some(now);
        table.room(now, 0).unwrap()
    }

    #[test]
    fn half_of_what_is_free_may_be_taken_until_its_entries_are_gone() {
        let began = Instant::now();
        let mut table = Table::with(131_072, 2);
        assert_eq!(room(&mut table, began), 65_535);
        (0..5).for_each(|_| table.stayed_silent(began, true));
        (0..7).for_each(|_| table.answered(began, PortState::Open));
        (0..9).for_each(|_| table.answered(began, PortState::Closed));
        // The same entry once more.
        table.stayed_silent(began, false);
        assert_eq!(room(&mut table, began), 65_535 - 12);
        assert_eq!(room(&mut table, began + ACCEPTED_FOR + Duration::from_secs(2)), 65_535 - 5);
        assert_eq!(room(&mut table, began + SILENT_FOR + Duration::from_secs(2)), 65_535);
        assert_eq!(table.room(began, 65_000).unwrap(), 535);
    }

    #[test]
    fn a_full_table_is_this_machines_own_limit() {
        let table = Table::with(1_000, 10);
        assert!(table.is_full(999).is_ok());
        let why = table.is_full(1_000).unwrap_err().why;
        assert!(why.contains("1000 of 1000"), "{why}");
        assert!(Table::none().is_full(5).is_ok(), "0 is no limit");
    }

    #[test]
    fn without_a_table_there_is_room_for_all() {
        let mut table = Table::none();
        table.stayed_silent(Instant::now(), true);
        assert_eq!(table.room(Instant::now(), 9).unwrap(), usize::MAX);
    }
}
