//! Waits that end in vain while ackcheck itself is stopped or too busy to see an answer, which says nothing about who was
//! waited for.

use std::future::Future;
use std::pin::pin;
use std::time::{Duration, Instant};

use ackcheck_clock::{TICK, Watch, late};
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;

/// How often such a wait is begun again.
const AGAIN: u32 = 2;

/// Asks, where it may be repeated again while ackcheck was stopped, or did not come to look, for a good part of `limit`. If that is of no help, or
/// it may not be repeated, it is noted in the journal: the run then asks the whole case again, and believes nothing of it.
///
/// `in_vain` says which answers may be owed to a time limit, of this side or of the other.
pub(crate) async fn asked<T, F: Future<Output = T>>(
    journal: &Journal,
    vantage: Vantage,
    limit: Duration,
    repeatable: bool,
    in_vain: impl Fn(&T) -> bool,
    mut ask: impl FnMut() -> F,
) -> T {
    let mut tries = 0;
    loop {
        let watch = Watch::begin();
        let (answer, busy) = looked_after(ask(), Instant::now).await;
        let Some(stopped) = watch.spoils_besides(busy, limit).filter(|_| in_vain(&answer)) else { return answer };
        if !repeatable || tries == AGAIN {
            journal.spoil(stopped);
            return answer;
        }
        tries += 1;
        let told = format!("ackcheck itself was stopped or busy for {:.1} s: asked again", stopped.as_secs_f64());
        journal.note(vantage, "the clock", told, stopped);
    }
}

/// What comes of it, and for how long nobody came to look: the threads that would have were busy with other cases.
async fn looked_after<T>(ask: impl Future<Output = T>, now: impl Fn() -> Instant) -> (T, Duration) {
    let mut ask = pin!(ask);
    let mut busy = Duration::ZERO;
    loop {
        let looked = now();
        let answer = tokio::time::timeout(TICK, ask.as_mut()).await;
        busy += late(now().saturating_duration_since(looked));
        if let Ok(answer) = answer {
            return (answer, busy);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn who_does_not_come_to_look_in_time_is_busy() {
        for (each, expected) in [(60, 0), (240, 0), (250, 200), (5050, 5000)] {
            let time = Cell::new(Instant::now());
            let now = || time.replace(time.get() + Duration::from_millis(each));
            let (answer, busy) = looked_after(async { 7 }, now).await;
            assert_eq!((answer, busy), (7, Duration::from_millis(expected)), "{each}");
        }
    }
}
