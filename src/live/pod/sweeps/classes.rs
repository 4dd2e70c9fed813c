//! Many nodes and one address: one node of each class sweeps it, the others show that they are of that class.
//!
//! Nodes begin in the class that the cloud's rules put them in. The first of each sweeps; the others dial the sample and
//! both sides of every edge that any sweep found. Whoever is answered otherwise leaves its class, those that are answered
//! otherwise alike together, and begins a new one. Edges that a new class brings are asked of everybody, so it goes on
//! until no class is new. A node that cannot be asked has no answer here, and speaks for itself alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};

use super::sample::{Answer, differing, edges, sample, silent};
use ackcheck_core::seat::{NodeSweep, Seen, Swept};

/// Nodes that dial their sample at once: the probe dials 256 ports at once, so that 6,144 connections are half open where
/// all are silent.
const SAMPLES_AT_ONCE: usize = 24;
/// Nodes that try to sweep for their class before each of it sweeps for itself.
const MOST_LEADERS: usize = 3;
/// Differing ports up to which they are dialled again: packets that get lost at random leave few.
const MOST_DOUBTS: usize = 64;
/// How often they are.
const DOUBLE_CHECKS: usize = 2;

/// How the ports of one address are dialled from a node.
#[async_trait]
pub(super) trait Dials: Sync {
    /// All of them.
    async fn all(&self, node: &str) -> Seen<Arc<Swept>>;
    /// These; `again` where they stayed silent before.
    async fn some(&self, node: &str, ports: &[u16], again: bool) -> Seen<Vec<Answer>>;
}

/// A class whose first node has swept.
struct Class {
    by: Arc<str>,
    swept: Arc<Swept>,
    members: Vec<Member>,
}

struct Member {
    node: String,
    /// It has dialled what every member has.
    sampled: bool,
}

/// What the ports answer each node, by node. `nodes` come by what the cloud's rules tell of them; `hints` are ports at
/// which rules begin or end.
pub(super) async fn sweep(
    dials: &impl Dials,
    nodes: BTreeMap<String, Vec<String>>,
    hints: BTreeSet<u16>,
) -> BTreeMap<String, NodeSweep> {
    let mut found = BTreeMap::new();
    let mut classes: Vec<Class> = Vec::new();
    let mut dialled: BTreeSet<u16> = sample().chain(hints).collect();
    let mut unled: Vec<Vec<String>> = nodes.into_values().collect();
    // Each round has a sweep from one more node at least.
    while !unled.is_empty() {
        let led = stream::iter(unled).map(|nodes| lead(dials, nodes)).buffered(usize::from(u8::MAX));
        let led: Vec<Class> = led.filter_map(async |class| class).collect().await;
        let mut new = BTreeSet::new();
        for mut class in led {
            let swept = NodeSweep::dialled(class.swept.clone());
            found.insert(class.by.to_string(), swept);
            match edges(&class.swept) {
                Some(edges) => new.extend(edges.into_iter().filter(|port| !dialled.contains(port))),
                // Each of it sweeps for itself.
                None => class.members.clear(),
            }
            classes.push(class);
        }
        dialled.extend(&new);
        unled = compare(dials, &mut classes, &dialled, &new).await;
    }
    for class in classes {
        let swept = NodeSweep::of_class(class.swept, dialled.len(), class.by);
        found.extend(class.members.into_iter().map(|member| (member.node, swept.clone())));
    }
    found
}

/// The class that the first of these nodes sweeps for; none where no node can.
async fn lead(dials: &impl Dials, nodes: Vec<String>) -> Option<Class> {
    let mut nodes = nodes.into_iter();
    for node in nodes.by_ref().take(MOST_LEADERS) {
        if let Ok(swept) = dials.all(&node).await {
            let members = nodes.map(|node| Member { node, sampled: false }).collect();
            return Some(Class { by: node.into(), swept, members });
        }
    }
    None
}

/// Asks every member what it has not dialled yet, and returns those who leave their classes, by what they were answered.
async fn compare(
    dials: &impl Dials,
    classes: &mut [Class],
    dialled: &BTreeSet<u16>,
    new: &BTreeSet<u16>,
) -> Vec<Vec<String>> {
    let whole: Vec<u16> = dialled.iter().copied().collect();
    let new: Vec<u16> = new.iter().copied().collect();
    let mut asked = Vec::new();
    for (at, class) in classes.iter_mut().enumerate() {
        let members = std::mem::take(&mut class.members).into_iter();
        asked.extend(members.map(|member| (at, class.swept.clone(), member)));
    }
    let ask = async |(at, swept, member): (usize, Arc<Swept>, Member)| {
        let ports = if member.sampled { &new } else { &whole };
        let differing = ask_one(dials, &member.node, ports, &swept).await;
        (at, member.node, differing)
    };
    let mut answers = stream::iter(asked).map(ask).buffered(SAMPLES_AT_ONCE);
    let mut leaving: BTreeMap<(usize, Vec<u16>), Vec<String>> = BTreeMap::new();
    while let Some((at, node, differing)) = answers.next().await {
        match differing {
            Ok(differing) if differing.is_empty() => classes[at].members.push(Member { node, sampled: true }),
            Ok(differing) => leaving.entry((at, differing)).or_default().push(node),
            // It sweeps for itself, and says why it cannot.
            Err(_) => {}
        }
    }
    leaving.into_values().collect()
}

/// The ports that answer a node otherwise than its class. A few that stayed silent are dialled again first.
async fn ask_one(dials: &impl Dials, node: &str, ports: &[u16], swept: &Swept) -> Seen<Vec<u16>> {
    if ports.is_empty() {
        return Ok(Vec::new());
    }
    let mut answers = dials.some(node, ports, false).await?;
    let mut differ = differing(&answers, swept);
    for _ in 0..DOUBLE_CHECKS {
        let doubted = silent(&answers, &differ);
        if doubted.is_empty() || differ.len() > MOST_DOUBTS {
            break;
        }
        let again: BTreeMap<u16, _> = dials.some(node, &doubted, true).await?.into_iter().collect();
        for (port, state) in &mut answers {
            *state = again.get(port).copied().unwrap_or(*state);
        }
        differ = differing(&answers, swept);
    }
    Ok(differ)
}

#[cfg(test)]
#[path = "classes_tests.rs"]
mod tests;
