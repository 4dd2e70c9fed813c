//! The pod that stays on each node, started once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio::sync::OnceCell;

use super::fleet::{Fleet, NotCreated};
use super::{events, spec, wait};
use crate::cluster::{Refusal, Silence};
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::right::Right;
use ackcheck_core::seat::cluster::CREATE_POD;
use ackcheck_core::seat::pod::PodStart;
use ackcheck_core::seat::{Seen, told};
use ackcheck_core::sync::locked;
use ackcheck_core::verdict::Unseen;

/// One start, of which every case that asks for it hears.
type Start = Arc<OnceCell<Seen<PodStart>>>;

/// The starts of one run.
pub(super) struct Starts {
    fleet: Arc<Fleet>,
    /// By node.
    starts: Mutex<HashMap<String, Start>>,
    /// Pods that are not called after the node that they stay on, by that node.
    placed: Mutex<HashMap<String, String>>,
}

impl Starts {
    pub(super) fn new(fleet: Arc<Fleet>) -> Starts {
        Starts { fleet, starts: Mutex::default(), placed: Mutex::default() }
    }

    /// The name of the pod that stays on a node.
    pub(super) fn pod_on(&self, node: &str) -> String {
        let placed = locked(&self.placed).get(node).cloned();
        placed.unwrap_or_else(|| spec::name(&self.fleet.run, node))
    }

    /// Takes note that another pod than the one of that name stays on a node.
    pub(super) fn place_on(&self, node: &str, name: &str) {
        locked(&self.placed).insert(node.to_owned(), name.to_owned());
    }

    /// Starts the pod on a node, or says how far it came when it was started before.
    pub(super) async fn start(&self, node: &str, journal: &Journal) -> Seen<PodStart> {
        let cell = locked(&self.starts).entry(node.to_owned()).or_default().clone();
        let began = Instant::now();
        let mut now = false;
        let started = cell
            .get_or_init(|| {
                now = true;
                self.bring_up(node, journal)
            })
            .await
            .clone();
        if !now {
            journal.note(Vantage::Node, format!("the probe pod on {node}"), told(&started), began.elapsed());
        }
        started
    }

    async fn bring_up(&self, node: &str, journal: &Journal) -> Seen<PodStart> {
        if let Some(why) = self.fleet.kubernetes.spares(node) {
            return Err(Unseen::not_described(why));
        }
        let name = self.pod_on(node);
        if !self.fleet.has(&name) {
            let pod = self.fleet.with_common(journal, async |common| spec::pod(common, node)).await?;
            if let Err(why) = self.fleet.create(&name, &format!("node {node}"), pod, journal).await {
                return refused(why, self.fleet.kubernetes.of_probes(CREATE_POD));
            }
        }
        let found_its_node = name != spec::name(&self.fleet.run, node);
        let end = self.wait(&name, node, journal).await?;
        match &end {
            // A kubelet that could not read the pull secret in time pulls without it ("Unable to retrieve some image pull
            // secrets"), and its next try is right. Its own comes after ten seconds; another pod's comes at once.
            // And a pod that found its node may have been there before the image was pushed.
            PodStart::NotPulled(failure)
                if found_its_node || !failure.pull_secrets.is_empty() && failure.cause().is_refusal() =>
            {
                let pod = self.fleet.with_common(journal, async |common| spec::pod_again(common, node)).await?;
                let again = pod.metadata.name.clone().unwrap_or_default();
                if self.fleet.create(&again, &format!("node {node}, again"), pod, journal).await.is_err() {
                    return Ok(end);
                }
                self.place_on(node, &again);
                self.wait(&again, node, journal).await
            }
            _ => Ok(end),
        }
    }

    /// Waits for a pod's start, and notes how it ended.
    async fn wait(&self, name: &str, node: &str, journal: &Journal) -> Seen<PodStart> {
        let began = Instant::now();
        let end = wait::for_start(&self.fleet, name, journal).await?;
        let end = events::explain(&self.fleet, end, name, journal).await;
        let asked = format!("the start of pod {}/{name} on {node}", self.fleet.namespace());
        journal.note(Vantage::Node, asked, end.to_string(), began.elapsed());
        Ok(end)
    }
}

/// What it means for a start that its pod was not created; `create` is the right it takes.
fn refused(why: NotCreated, create: Right) -> Seen<PodStart> {
    match why {
        // Quotas, Pod Security and webhooks refuse the pod, and not the account.
        NotCreated::Refused(Silence::Status { said, refusal: Refusal::Other, .. }) => {
            Ok(PodStart::NotAdmitted { why: said })
        }
        other => Err(other.unseen("a probe pod", create)),
    }
}
