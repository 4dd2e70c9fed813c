//! How long a sweep waits for an answer, and how often it asks again.

use std::time::Duration;

/// The shortest wait: a busy machine, or one that limits how fast it answers, takes this long however near it is.
const SHORTEST: Duration = Duration::from_millis(100);
/// What the last try of a port waits at least. The kernel sends its packet once more after a second.
const LAST: Duration = Duration::from_millis(1_300);
/// A round trip that took longer may be that of the packet which the kernel sent again.
const LONGEST_ROUND_TRIP: Duration = Duration::from_millis(900);
/// The share of ports called silent by mistake that is taken into account, of all 65535: one in a thousand sweeps.
const WRONG_AT_MOST: f64 = 0.001 / 65_535.0;
/// Tries of one port at the most.
const MOST_TRIES: u32 = 16;

/// How long to wait for one port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// As long as answers take.
    Once,
    /// Twice as long: it was asked before.
    Twice,
    /// The last time that it is asked.
    Last,
}

/// What round trips were seen, smoothed as TCP does it (RFC 6298).
pub(super) struct Patience {
    first: Duration,
    smoothed: Option<(Duration, Duration)>,
}

impl Patience {
    /// For a first wait of 10 ms to 30 s.
    pub(super) fn new(first: Duration) -> Patience {
        Patience { first: first.clamp(Duration::from_millis(10), Duration::from_secs(30)), smoothed: None }
    }

    /// An answer took this long.
    pub(super) fn saw(&mut self, took: Duration) {
        if took > LONGEST_ROUND_TRIP {
            return;
        }
        self.smoothed = Some(match self.smoothed {
            None => (took, took / 2),
            Some((mean, deviation)) => ((mean * 7 + took) / 8, (deviation * 3 + mean.abs_diff(took)) / 4),
        });
    }

    /// The same in time.
    pub(super) fn wait(&self, wait: Wait) -> Duration {
        let once = match self.smoothed {
            Some((mean, deviation)) => (mean + deviation * 4).max(SHORTEST),
            None => self.first,
        };
        match wait {
            Wait::Once => once,
            Wait::Twice => once * 2,
            Wait::Last => (once * 3).max(LAST),
        }
    }
}

/// How often ports are to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tries {
    /// A port of a short run, or at the end of a long one.
    pub of_each: u32,
    /// Every port of a long run.
    pub of_all: u32,
}

/// As many tries as it takes to be sure, where this share of the dials gets lost. Where nothing at all answers, no end of
/// a run has to be found.
pub(super) fn tries(loss: f64, any_answer: bool) -> Tries {
    if !any_answer {
        return Tries { of_each: 3, of_all: 1 };
    }
    let needed = (1..MOST_TRIES).find(|tries| loss.powi(i32::try_from(*tries).unwrap_or(i32::MAX)) <= WRONG_AT_MOST);
    let of_all = match loss {
        loss if loss > 0.15 => 4,
        loss if loss > 0.05 => 3,
        loss if loss > 0.002 => 2,
        _ => 1,
    };
    Tries { of_each: needed.unwrap_or(MOST_TRIES).max(4), of_all }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_follow_the_round_trips_seen() {
        let mut patience = Patience::new(Duration::from_millis(250));
        assert_eq!(patience.wait(Wait::Once), Duration::from_millis(250));
        (0..100).for_each(|_| patience.saw(Duration::from_micros(200)));
        assert_eq!(patience.wait(Wait::Once), SHORTEST);
        assert_eq!(patience.wait(Wait::Twice), SHORTEST * 2);
        assert_eq!(patience.wait(Wait::Last), LAST);
        (0..100).for_each(|_| patience.saw(Duration::from_millis(200)));
        let wait = patience.wait(Wait::Once);
        assert!((200..300).contains(&wait.as_millis()), "{wait:?}");
        // A packet that was sent again says nothing about the way.
        patience.saw(Duration::from_millis(1_200));
        assert_eq!(patience.wait(Wait::Once), wait);
    }

    #[test]
    fn tries_follow_the_losses_seen() {
        assert_eq!(tries(0.0, true), Tries { of_each: 4, of_all: 1 });
        assert_eq!(tries(0.04, true), Tries { of_each: 6, of_all: 2 });
        assert_eq!(tries(0.19, true), Tries { of_each: 11, of_all: 4 });
        assert_eq!(tries(0.9, true).of_each, MOST_TRIES);
        assert_eq!(tries(0.0, false), Tries { of_each: 3, of_all: 1 });
    }
}
