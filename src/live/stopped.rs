//! Waits that end in vain while ackcheck itself is stopped, which says nothing about who was waited for.

use std::time::Duration;

use ackcheck_clock::Watch;
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;

/// How often such a wait is begun again.
const AGAIN: u32 = 2;

/// Asks, where it may be repeated again while ackcheck was stopped for a good part of `limit`. If that is of no help, or
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
        let answer = ask().await;
        let Some(stopped) = watch.spoils(limit).filter(|_| in_vain(&answer)) else { return answer };
        if !repeatable || tries == AGAIN {
            journal.spoil(stopped);
            return answer;
        }
        tries += 1;
        let told = format!("ackcheck itself was stopped for {:.1} s: asked again", stopped.as_secs_f64());
        journal.note(vantage, "the clock", told, stopped);
    }
}
