//! How many dials may begin: as many a second as whoever asked allows, which may change while the sweep runs, and never
//! so many that this machine's own table of connections fills.

use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use ackcheck_probe_protocol::{CannotLook, LONGEST_RATE, Sweep};

use super::table::Table;

/// Dials that were allowed and not begun are kept for so long, no longer: a machine that slept does not make up for it.
const KEPT: Duration = Duration::from_millis(50);
/// How often to see whether more may begin.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(5);
/// For how long a rate holds where others are to follow: whoever asked may be stopped, and then cannot see the room go.
const HOLDS_FOR: Duration = Duration::from_secs(3);
/// For how long nothing may begin before the sweep gives up. A connection that nobody answered is kept for 2 minutes by
/// whoever tracks it.
const STARVED_AT_MOST: Duration = Duration::from_secs(150);

/// What was allowed by whoever asked.
#[derive(Default)]
struct Allowed {
    /// Dials a second.
    rate: AtomicU32,
    /// Rates that came.
    came: AtomicU32,
    /// Nobody waits for the answer any more.
    gone: AtomicBool,
}

/// How many dials may begin.
pub(super) struct Pace {
    /// None: as many as there is room for.
    allowed: Option<Arc<Allowed>>,
    /// Dials that may begin by now.
    saved: f64,
    counted: Instant,
    /// Until when the rate holds, and the how manieth it is; none where no other follows.
    holds: Option<(Instant, u32)>,
    starved: Option<Instant>,
    pub(super) table: Table,
}

impl Pace {
    /// As the question has it.
    pub(super) fn of(question: &Sweep) -> Pace {
        let allowed = question.rate.map(|rate| {
            let rate = if question.steered { rate } else { rate.max(1) };
            Arc::new(Allowed { rate: AtomicU32::new(rate), ..Allowed::default() })
        });
        if let Some(allowed) = allowed.clone().filter(|_| question.steered) {
            // It ends with the program, or with its input.
            std::thread::spawn(move || {
                follow(std::io::stdin().lock(), &allowed);
                allowed.gone.store(true, Ordering::Relaxed);
            });
        }
        let now = Instant::now();
        let holds = question.steered.then_some((now + HOLDS_FOR, 0));
        Pace { allowed, saved: 0.0, counted: now, holds, starved: None, table: Table::of_this_machine() }
    }

    /// How many may begin at once.
    ///
    /// # Errors
    /// If nobody waits for the answer.
    pub(super) fn may_begin(&mut self, now: Instant) -> Result<usize, CannotLook> {
        Ok(match &self.allowed {
            None => usize::MAX,
            Some(allowed) if allowed.gone.load(Ordering::Relaxed) => {
                return Err(CannotLook::because("nobody waits for the answer any more"));
            }
            Some(allowed) => {
                let came = allowed.came.load(Ordering::Relaxed);
                if self.holds.is_some_and(|(_, before)| before != came) {
                    self.holds = Some((now + HOLDS_FOR, came));
                }
                let holds = self.holds.is_none_or(|(until, _)| now <= until);
                let rate = if holds { f64::from(allowed.rate.load(Ordering::Relaxed)) } else { 0.0 };
                let passed = now.saturating_duration_since(self.counted).min(KEPT);
                self.counted = now;
                self.saved = (self.saved + rate * passed.as_secs_f64()).min((rate * KEPT.as_secs_f64()).max(1.0));
                whole(self.saved)
            }
        })
    }

    /// None may begin, and none is under way.
    ///
    /// # Errors
    /// If that lasts for too long.
    pub(super) fn starves(&mut self, now: Instant, room: usize) -> Result<(), CannotLook> {
        if now.saturating_duration_since(*self.starved.get_or_insert(now)) <= STARVED_AT_MOST {
            return Ok(());
        }
        Err(CannotLook::because(match room {
            0 => self.table.too_small(),
            _ => format!("no connection was allowed to begin for {} s", STARVED_AT_MOST.as_secs()),
        }))
    }

    /// One began.
    pub(super) fn began(&mut self) {
        self.starved = None;
        if self.allowed.is_some() {
            self.saved -= 1.0;
        }
    }
}

/// The whole part of a small number that is not negative.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 50 ms of a u32's rate")]
fn whole(number: f64) -> usize {
    number.max(0.0) as usize
}

/// Takes each rate that comes, a line each, until the input ends or is none of ours.
fn follow(input: impl std::io::BufRead, allowed: &Allowed) {
    let mut input = input;
    loop {
        let mut line = Vec::new();
        let read = std::io::BufRead::read_until(&mut input.by_ref().take(LONGEST_RATE), b'\n', &mut line);
        if !read.is_ok_and(|read| read > 0) || !line.ends_with(b"\n") {
            return;
        }
        match std::str::from_utf8(&line).ok().map(str::trim).and_then(|text| text.parse().ok()) {
            Some(next) => {
                allowed.rate.store(next, Ordering::Relaxed);
                allowed.came.fetch_add(1, Ordering::Relaxed);
            }
            // What is left of the line of the question.
            None if line.trim_ascii().is_empty() => {}
            None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(rate: Option<u32>) -> Pace {
        let ports = ackcheck_probe_protocol::Ports::ALL;
        let mut pace = Pace::of(&Sweep { rate, ..Sweep::new([127, 0, 0, 1].into(), ports) });
        pace.table = Table::none();
        pace
    }

    #[test]
    fn no_more_begin_in_a_second_than_are_allowed() {
        let mut pace = pace(Some(1_000));
        let began = pace.counted;
        let mut dials = 0;
        for step in 1..=1_000 {
            let may = pace.may_begin(began + Duration::from_millis(step)).unwrap();
            (0..may).for_each(|_| pace.began());
            dials += may;
        }
        assert!((990..=1_000).contains(&dials), "{dials}");
        // It slept for a minute.
        let may = pace.may_begin(began + Duration::from_secs(61)).unwrap();
        assert!(may <= 50, "{may}");
    }

    #[test]
    fn without_a_rate_all_may_begin() {
        let mut pace = pace(None);
        let began = pace.counted;
        assert_eq!(pace.may_begin(began).unwrap(), usize::MAX);
    }

    #[test]
    fn gives_up_where_nothing_may_begin() {
        let mut pace = pace(Some(1));
        pace.allowed.as_ref().unwrap().rate.store(0, Ordering::Relaxed);
        let began = pace.counted;
        assert_eq!(pace.may_begin(began + Duration::from_secs(9)).unwrap(), 0);
        assert!(pace.starves(began, 1).is_ok() && pace.starves(began + STARVED_AT_MOST, 1).is_ok());
        pace.began();
        let later = began + STARVED_AT_MOST * 2;
        assert!(pace.starves(later, 1).is_ok(), "one began meanwhile");
        assert!(pace.starves(later + STARVED_AT_MOST * 2, 1).is_err());
    }

    #[test]
    fn gives_up_where_nobody_waits() {
        let mut pace = pace(Some(100));
        pace.allowed.as_ref().unwrap().gone.store(true, Ordering::Relaxed);
        assert!(pace.may_begin(Instant::now()).is_err());
    }

    #[test]
    fn a_rate_that_others_follow_holds_for_a_while() {
        let mut pace = pace(Some(1_000));
        let began = pace.counted;
        pace.holds = Some((began + HOLDS_FOR, 0));
        let mut may = |after: Duration, came: u32| {
            pace.allowed.as_ref().unwrap().came.store(came, Ordering::Relaxed);
            pace.saved = 0.0;
            pace.may_begin(began + after).unwrap() > 0
        };
        let second = Duration::from_secs(1);
        assert!(may(second * 2, 0));
        assert!(!may(second * 4, 0), "whoever asked is stopped");
        assert!(may(second * 9, 1), "and goes on");
        assert!(may(second * 11, 1) && !may(second * 13, 1));
    }

    #[test]
    fn takes_each_rate_that_comes() {
        let allowed = Allowed::default();
        let rate = || allowed.rate.load(Ordering::Relaxed);
        follow(&b"\n20\n 30 \n"[..], &allowed);
        assert_eq!((rate(), allowed.came.load(Ordering::Relaxed)), (30, 2));
        for other in [&b"40"[..], b"{}\n40\n", b"-1\n40\n", &[b'1'; 100], &[0xff, b'\n', b'4', b'\n']] {
            follow(other, &allowed);
            assert_eq!(rate(), 30);
        }
    }
}
