//! Waiting for the start of one pod.

use std::time::Instant;

use ackcheck_clock::Watch;

use super::budget::{Step, Waiting};
use super::causes::Look;
use super::census::{Known, Sighting};
use super::events;
use super::fleet::Fleet;
use crate::cluster::Silence;
use ackcheck_core::evidence::Journal;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::pod::{LIST_PODS, PodStart};
use ackcheck_core::verdict::Unseen;

/// Waits until a pod runs, or has ended, or will not start; each step within its budget.
pub(super) async fn for_start(fleet: &Fleet, name: &str, journal: &Journal) -> Seen<PodStart> {
    let limits = fleet.kubernetes.limits();
    let (mut known, mut trouble) = (fleet.census.follow(name, journal), fleet.census.trouble());
    let mut waiting = Waiting::new(Instant::now());
    // Budgets are for time in which ackcheck looked.
    let watch = Watch::begin();
    // A verdict that stands on silence is given only after one more look: the watch may be what is silent.
    let mut sure = false;
    loop {
        let silent = match &*trouble.borrow_and_update() {
            Some((_, Silence::Status { code: 401 | 403, said, .. })) => {
                return Err(Unseen::denied([fleet.kubernetes.of_probes(LIST_PODS)], said.clone()));
            }
            // An API that is gone for longer than it may take for one answer: the budgets need not be waited for.
            Some((since, silence)) if since.elapsed() >= limits.request => {
                return Err(silence.clone().unseen("the probe pod", [fleet.kubernetes.of_probes(LIST_PODS)]));
            }
            Some((since, _)) => Some(*since + limits.request),
            None => None,
        };
        let now_known = known.borrow_and_update().clone();
        let seen = match &now_known {
            Known::There(sighting) => Some(sighting),
            Known::Unseen => None,
            Known::Gone => {
                let why = "the pod was deleted by another".to_owned();
                return Ok(PodStart::NotStarted { why });
            }
        };
        let stopped = watch.stopped();
        let now = Instant::now();
        let until = match waiting.step(seen, now.checked_sub(stopped).unwrap_or(now), limits) {
            Step::Until(until) => until + stopped,
            Step::End(end) if seen.is_some_and(|seen| is_final(seen, &end)) || sure => return Ok(end),
            Step::AskEvents(why) if sure => match events::pulling(fleet, name, journal).await {
                Some((container, image)) => {
                    waiting.pulls(container, image);
                    continue;
                }
                None => return Ok(PodStart::NotStarted { why }),
            },
            Step::End(_) | Step::AskEvents(_) => {
                let looked = fleet.census.look_again(name, journal).await;
                let looked = looked
                    .map_err(|silence| silence.unseen("the probe pod", [fleet.kubernetes.of_probes(LIST_PODS)]))?;
                sure = looked == now_known || matches!(looked, Known::There(_));
                if looked != now_known {
                    fleet.census.tell(name, looked);
                }
                continue;
            }
        };
        tokio::select! {
            _ = known.changed() => {}
            _ = trouble.changed() => {}
            () = tokio::time::sleep_until(silent.map_or(until, |silent| until.min(silent)).into()) => {}
        }
    }
}

/// Whether the pod's own state says so, and not the time that went by.
fn is_final(seen: &Sighting, end: &PodStart) -> bool {
    match &seen.look {
        Look::Ended(_) => true,
        Look::Pulling { passing, .. } => !passing && !matches!(end, PodStart::NotStarted { .. }),
        Look::Starting { .. } | Look::Unscheduled { .. } => false,
    }
}
