//! The nodes, found without the right to list them: by pods that avoid each other, placed until no node takes one more.
//!
//! Whoever lists nodes sees those that take no pods as well; here they stay unseen, and every report says so.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;

use super::causes::Look;
use super::census::Known;
use super::fleet::{Fleet, NotCreated};
use super::removal::remove_pod;
use super::spec;
use super::starts::Starts;
use crate::cluster::{Refusal, Silence};
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::cluster::CREATE_POD;
use ackcheck_core::verdict::Unseen;

/// Pods of the first round; each round has twice as many as the one before.
const FIRST_ROUND: usize = 2;
/// Nodes found at the most.
const MOST_NODES: usize = 5_000;
/// Pods asked for at once.
const AT_ONCE: usize = 16;

/// What became of one pod.
enum Placed {
    On(String),
    /// The scheduler's or the API's words.
    Nowhere(String),
}

/// The nodes that take a pod, sorted.
pub(super) async fn discover(fleet: &Fleet, starts: &Starts, journal: &Journal) -> Seen<Vec<String>> {
    let began = Instant::now();
    let mut nodes: Vec<String> = Vec::new();
    let mut refusal = None;
    let (mut round, mut number) = (FIRST_ROUND, 0);
    while refusal.is_none() && nodes.len() < MOST_NODES {
        let placing =
            futures_util::stream::iter(number..number + round).map(|number| place(fleet, starts, number, journal));
        let placed: Vec<Seen<Placed>> = placing.buffer_unordered(AT_ONCE).collect().await;
        for placed in placed {
            match placed? {
                Placed::On(node) => nodes.push(node),
                Placed::Nowhere(why) => refusal = Some(why),
            }
        }
        number += round;
        round *= 2;
    }
    nodes.sort();
    let said = format!("{}; no other node takes a pod: {}", nodes.join(", "), refusal.clone().unwrap_or_default());
    journal.note(Vantage::Cluster, "nodes, by pods that avoid each other", said, began.elapsed());
    match nodes.is_empty() {
        true => Err(Unseen::unreadable("the nodes, by pods placed on them", refusal.unwrap_or_default())),
        false => Ok(nodes),
    }
}

/// Asks for a pod wherever none is yet. One that no node takes is removed at once, before an autoscaler minds it.
async fn place(fleet: &Fleet, starts: &Starts, number: usize, journal: &Journal) -> Seen<Placed> {
    let pod = fleet.with_common(journal, async |common| spec::anywhere(common, number)).await?;
    let name = pod.metadata.name.clone().unwrap_or_default();
    match fleet.create(&name, "whichever node takes it", pod, journal).await {
        Ok(()) => {}
        // A quota, Pod Security or a webhook: no node is given one more.
        Err(NotCreated::Refused(Silence::Status { code: 403, said, refusal: Refusal::Other })) => {
            return Ok(Placed::Nowhere(said));
        }
        Err(why) => return Err(why.unseen("a probe pod", fleet.kubernetes.of_probes(CREATE_POD))),
    }
    let placed = wait_for_node(fleet, &name, journal).await;
    match &placed {
        Placed::On(node) => starts.place_on(node, &name),
        Placed::Nowhere(_) => {
            let namespace = fleet.namespace();
            let _ = remove_pod(&fleet.kubernetes, &namespace, &name, false, journal).await;
        }
    }
    Ok(placed)
}

async fn wait_for_node(fleet: &Fleet, name: &str, journal: &Journal) -> Placed {
    let limit: Duration = fleet.kubernetes.limits().schedule;
    let mut known = fleet.census.follow(name, journal);
    let decided = known.wait_for(|known| match known {
        Known::Unseen => false,
        Known::Gone => true,
        Known::There(seen) => {
            let refused = matches!(&seen.look, Look::Unscheduled { why } if !why.is_empty());
            seen.node.is_some() || refused
        }
    });
    match tokio::time::timeout(limit, decided).await {
        Ok(Ok(known)) => match &*known {
            Known::There(seen) => match (&seen.node, &seen.look) {
                (Some(node), _) => Placed::On(node.clone()),
                (None, Look::Unscheduled { why }) => Placed::Nowhere(why.clone()),
                (None, _) => Placed::Nowhere("it is bound to no node".to_owned()),
            },
            _ => Placed::Nowhere("the pod was deleted by another".to_owned()),
        },
        _ => Placed::Nowhere(format!("no scheduler has taken it in {} s", limit.as_secs_f64())),
    }
}
