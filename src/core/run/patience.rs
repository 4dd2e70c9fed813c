//! How long is waited for whom. Pure: the time is always given.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use super::schedule::Slot;

/// The deadlines of a run and of the cases that are out.
#[derive(Debug)]
pub struct Patience {
    run_ends: Instant,
    by_time: BTreeSet<(Instant, Slot)>,
    by_slot: HashMap<Slot, (Instant, Duration)>,
}

impl Patience {
    /// A run that started at `now` and may take `whole`.
    pub fn new(now: Instant, whole: Duration) -> Patience {
        // A duration beyond what the clock can count is as good as no limit; a century is near enough.
        let century = Duration::from_secs(100 * 365 * 24 * 3600);
        let run_ends = now.checked_add(whole).or_else(|| now.checked_add(century)).unwrap_or(now);
        Patience { run_ends, by_time: BTreeSet::new(), by_slot: HashMap::new() }
    }

    /// A case starts; returns when it must have ended, the run's own end considered.
    pub fn begin(&mut self, slot: Slot, now: Instant, deadline: Duration) -> Instant {
        let until = now.checked_add(deadline).unwrap_or(self.run_ends);
        self.by_time.insert((until, slot));
        self.by_slot.insert(slot, (until, deadline));
        until.min(self.run_ends)
    }

    /// A case has ended.
    pub fn end(&mut self, slot: Slot) {
        if let Some((until, _)) = self.by_slot.remove(&slot) {
            self.by_time.remove(&(until, slot));
        }
    }

    /// When to look again: the nearest deadline of all.
    pub fn next(&self) -> Instant {
        self.by_time.first().map_or(self.run_ends, |(until, _)| self.run_ends.min(*until))
    }

    /// The cases whose deadline has passed, each with the time it was given. They count as ended.
    pub fn expired(&mut self, now: Instant) -> Vec<(Slot, Duration)> {
        let mut expired = Vec::new();
        while let Some((until, slot)) = self.by_time.first().copied() {
            if until > now {
                break;
            }
            self.by_time.pop_first();
            if let Some((_, deadline)) = self.by_slot.remove(&slot) {
                expired.push((slot, deadline));
            }
        }
        expired
    }

    /// Gives a case that is out so much longer, as its time was not all its own.
    pub fn extend(&mut self, slot: Slot, by: Duration) {
        let Some((until, deadline)) = self.by_slot.remove(&slot) else { return };
        self.by_time.remove(&(until, slot));
        let until = until.checked_add(by).unwrap_or(self.run_ends);
        self.by_time.insert((until, slot));
        self.by_slot.insert(slot, (until, deadline));
    }

    /// The cases whose deadline has passed, in their order. They go on to count as out.
    pub fn due(&self, now: Instant) -> Vec<Slot> {
        self.by_time.iter().take_while(|(until, _)| *until <= now).map(|(_, slot)| *slot).collect()
    }

    /// True once the whole run has taken its time.
    pub fn run_is_over(&self, now: Instant) -> bool {
        now >= self.run_ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Slot = Slot { check: 0, subject: None };
    const B: Slot = Slot { check: 1, subject: Some(3) };

    #[test]
    fn a_case_that_is_given_more_time_is_due_later() {
        let start = Instant::now();
        let seconds = Duration::from_secs;
        let mut patience = Patience::new(start, seconds(100));
        patience.begin(A, start, seconds(10));
        patience.begin(B, start, seconds(10));
        assert_eq!(patience.due(start + seconds(9)), []);
        assert_eq!(patience.due(start + seconds(12)), [A, B]);
        patience.extend(A, seconds(12));
        assert_eq!(patience.expired(start + seconds(12)), [(B, seconds(10))]);
        assert_eq!(patience.expired(start + seconds(22)), [(A, seconds(10))]);
        patience.extend(A, seconds(12));
        assert_eq!(patience.due(start + seconds(90)), [], "what has ended is not begun again");
    }

    #[test]
    fn each_case_expires_at_its_own_deadline_and_only_once() {
        let start = Instant::now();
        let seconds = Duration::from_secs;
        let mut patience = Patience::new(start, seconds(100));
        patience.begin(A, start, seconds(10));
        patience.begin(B, start, seconds(5));
        assert_eq!(patience.next(), start + seconds(5));
        assert_eq!(patience.expired(start + seconds(4)), []);
        assert_eq!(patience.expired(start + seconds(5)), [(B, seconds(5))]);
        assert_eq!(patience.next(), start + seconds(10));
        patience.end(A);
        assert_eq!(patience.expired(start + seconds(60)), []);
        assert_eq!(patience.next(), start + seconds(100));
        assert!(!patience.run_is_over(start + seconds(99)));
        assert!(patience.run_is_over(start + seconds(100)));
    }

    #[test]
    fn no_case_outlives_the_run_and_no_duration_overflows() {
        let start = Instant::now();
        let mut patience = Patience::new(start, Duration::from_secs(1));
        assert_eq!(patience.begin(A, start, Duration::MAX), start + Duration::from_secs(1));
        let endless = Patience::new(start, Duration::MAX);
        assert!(!endless.run_is_over(start + Duration::from_secs(3600)));
    }
}
