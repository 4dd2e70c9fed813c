//! Removing what a run created, and proving that it is gone.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;

use super::Fleet;
use crate::cluster::Silence;
use crate::pod::removal::{FIRST_LOOK, REMOVALS_AT_ONCE, SLOWEST_LOOK, remove_pod};
use crate::pod::spec::owner_name;
use ackcheck_core::evidence::Journal;
use ackcheck_core::seat::pod::DELETE_PODS;
use ackcheck_core::sync::locked;
use ackcheck_core::verdict::Broken;

impl Fleet {
    /// Removes every pod of the run, within `[limits] clean_up`, those that were being created included, and says what
    /// it could not remove.
    pub(in crate::pod) async fn clean_up(&self, journal: &Journal) -> Vec<String> {
        {
            let _asked_for = locked(&self.asked_for);
            self.closed.store(true, Ordering::SeqCst);
        }
        self.creating.close();
        // What is left of the limit is for saying what is left of the pods.
        let limit = self.kubernetes.limits().clean_up * 9 / 10;
        let mut owner_gone = false;
        let work = async {
            self.creating.wait().await;
            self.remove_pods(limit / 2, journal).await;
            // Last: were this ackcheck killed half-way, the owner would still take the rest with it.
            owner_gone = self.owner.remove(&self.kubernetes, &self.run, journal).await;
            if owner_gone && self.owner.may_be_there() {
                self.wait_until_gone(journal).await;
            }
        };
        let _ = tokio::time::timeout(limit, work).await;
        self.census.stop();
        let namespace = self.namespace();
        let why = match self.removal_refused.get() {
            Some(said) => format!(": {}", Broken::denied([self.kubernetes.of_probes(DELETE_PODS)], said)),
            None => String::new(),
        };
        let left = locked(&self.asked_for);
        let mut left: Vec<String> =
            left.iter().map(|(name, purpose)| format!("pod {namespace}/{name} ({purpose}){why}")).collect();
        if !owner_gone && self.owner.may_be_there() {
            left.push(format!("job {namespace}/{}", owner_name(&self.run)));
        }
        left
    }

    /// Asks for every pod's removal until none is left. A kubelet that is deaf or gone never says that its pod ended:
    /// after `patience` the object is removed without it. And so is that of a pod whose container has ended: kubelets
    /// take up to ten seconds to say the rest.
    async fn remove_pods(&self, patience: Duration, journal: &Journal) {
        let began = Instant::now();
        let mut pause = FIRST_LOOK;
        let mut asked = false;
        while !locked(&self.asked_for).is_empty() {
            let forced = began.elapsed() > patience;
            // Accepted is not gone, but need not be asked again, unless the list cannot tell.
            if !asked || forced {
                let names = locked(&self.asked_for).keys().cloned().collect();
                asked = self.ask_removal(names, forced, journal).await;
            }
            match self.census.left(journal).await {
                Ok(left) => {
                    locked(&self.asked_for).retain(|name, _| left.contains_key(name));
                    let ended = left.into_iter().filter(|(_, ended)| *ended).map(|(name, _)| name).collect();
                    self.ask_removal(ended, true, journal).await;
                }
                Err(_) => asked = false,
            }
            // Only the owner's removal can help then.
            if locked(&self.asked_for).is_empty() || self.removal_refused.get().is_some() {
                return;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(SLOWEST_LOOK);
        }
    }

    /// Until Kubernetes has removed what the owner owned.
    async fn wait_until_gone(&self, journal: &Journal) {
        let mut pause = FIRST_LOOK;
        while !locked(&self.asked_for).is_empty() {
            if let Ok(left) = self.census.left(journal).await {
                locked(&self.asked_for).retain(|name, _| left.contains_key(name));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(SLOWEST_LOOK);
        }
    }

    /// Whether each was accepted; those that are gone are forgotten.
    async fn ask_removal(&self, names: Vec<String>, forced: bool, journal: &Journal) -> bool {
        let namespace = self.namespace();
        let removals = futures_util::stream::iter(names).map(|name| {
            let namespace = &namespace;
            async move {
                let removed = remove_pod(&self.kubernetes, namespace, &name, forced, journal).await;
                if let Ok(true) = removed {
                    locked(&self.asked_for).remove(&name);
                }
                if let Err(Silence::Status { code: 401 | 403, said, .. }) = &removed {
                    let _ = self.removal_refused.set(said.clone());
                }
                removed.is_ok()
            }
        });
        removals.buffer_unordered(REMOVALS_AT_ONCE).all(async |accepted| accepted).await
    }
}
