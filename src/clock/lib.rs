//! For how long this process did not run: it was stopped by a signal or a debugger, its machine was suspended, or others
//! had the processor to themselves. A time limit that passed meanwhile says nothing about who was waited for.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

/// How often the clock is looked at.
pub const TICK: Duration = Duration::from_millis(50);
/// A look that is late by less is the scheduler's ordinary delay.
const SHORTEST: Duration = Duration::from_millis(200);

/// A stretch of time, from when it was made until now.
#[derive(Debug, Clone, Copy)]
pub struct Watch {
    lost_before: Duration,
}

impl Watch {
    /// Begins now.
    pub fn begin() -> Watch {
        Watch { lost_before: lost() }
    }

    /// For how long of it this process did not run. Delays below a fifth of a second do not count.
    pub fn stopped(&self) -> Duration {
        lost().saturating_sub(self.lost_before)
    }

    /// The same, where a wait for `limit` that ended in vain may have done so because of it: who was waited for had less
    /// than nine tenths of the time that it was to have.
    pub fn spoils(&self, limit: Duration) -> Option<Duration> {
        self.spoils_besides(Duration::ZERO, limit)
    }

    /// The same, where who waited is known not to have run for `busy` of it, though this process did.
    pub fn spoils_besides(&self, busy: Duration, limit: Duration) -> Option<Duration> {
        spoilt_by(self.stopped().max(busy), limit)
    }
}

/// What counts as lost of the time since the last look, which is to be every [`TICK`].
pub fn late(since: Duration) -> Duration {
    Some(since.saturating_sub(TICK)).filter(|late| *late >= SHORTEST).unwrap_or_default()
}

fn spoilt_by(stopped: Duration, limit: Duration) -> Option<Duration> {
    Some(stopped).filter(|stopped| *stopped >= SHORTEST.max(limit / 10))
}

/// What the thread that looks at the clock has seen.
#[derive(Debug, Clone, Copy)]
struct Looks {
    /// All time lost so far.
    lost: Duration,
    /// When it looked last.
    last: Duration,
}

impl Looks {
    /// All time lost until now. What is being lost counts before the thread comes to see it: after a stop, threads run
    /// again in any order.
    fn lost_until(&self, now: Duration) -> Duration {
        self.lost + late(now.saturating_sub(self.last))
    }

    fn look(&mut self, now: Duration) {
        *self = Looks { lost: self.lost_until(now), last: now };
    }
}

fn lost() -> Duration {
    static LOOKS: OnceLock<Option<&'static Mutex<Looks>>> = OnceLock::new();
    let looks = LOOKS.get_or_init(|| {
        let looks: &'static Mutex<Looks> =
            Box::leak(Box::new(Mutex::new(Looks { lost: Duration::ZERO, last: now()? })));
        let thread = std::thread::Builder::new().name("clock".to_owned()).spawn(move || {
            while let Some(now) = now() {
                looks.lock().unwrap_or_else(PoisonError::into_inner).look(now);
                std::thread::sleep(TICK);
            }
        });
        thread.is_ok().then_some(looks)
    });
    // Without the thread nothing is known to be lost.
    let Some((looks, now)) = looks.zip(now()) else { return Duration::ZERO };
    looks.lock().unwrap_or_else(PoisonError::into_inner).lost_until(now)
}

/// The time since the machine started, suspensions included.
fn now() -> Option<Duration> {
    clock_gettime(ClockId::CLOCK_BOOTTIME).ok().map(Duration::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn what_a_look_is_late_by_is_lost_also_before_it_comes() {
        let mut looks = Looks { lost: Duration::ZERO, last: ms(1000) };
        for on_time in [1050, 1101, 1300] {
            looks.look(ms(on_time));
        }
        assert_eq!(looks.lost, Duration::ZERO);
        assert_eq!(looks.lost_until(ms(13_350)), ms(12_000), "seen by whoever asks first");
        looks.look(ms(13_350));
        assert_eq!(looks.lost_until(ms(13_390)), ms(12_000), "and counted once");
        looks.look(ms(14_400));
        assert_eq!(looks.lost, ms(13_000));
    }

    #[test]
    fn only_what_can_have_ended_a_wait_spoils_it() {
        let (seconds, none) = (Duration::from_secs, None);
        for (lost, limit, spoilt) in [
            (ms(199), ms(300), none),
            (ms(250), ms(300), Some(ms(250))),
            (ms(900), seconds(10), none),
            (seconds(1), seconds(10), Some(seconds(1))),
            (seconds(12), seconds(10), Some(seconds(12))),
        ] {
            assert_eq!(spoilt_by(lost, limit), spoilt, "{lost:?} of {limit:?}");
        }
    }
}
