//! What runs left that were killed, or could not clean up: looked for by what everything of ackcheck is called, and removed.

use crate::cluster::Kubernetes;
use crate::store::StoreRun;
use crate::survey::Survey;
use crate::{pod, store};
use ackcheck_core::evidence::Journal;

/// The places where runs of a site leave things.
pub(super) struct Places<'a> {
    pub(super) kubernetes: &'a Kubernetes,
    pub(super) store: &'a StoreRun,
}

impl Places<'_> {
    /// Looks for what runs left: all of them, or one.
    pub(super) async fn survey(&self, run: Option<&str>, journal: &Journal) -> Survey {
        let mut whole = Survey::default();
        if self.kubernetes.described().is_ok() {
            whole.take(pod::leftovers::survey(self.kubernetes, run, journal).await);
        }
        whole.take(store::leftovers::survey(self.store, run, journal).await);
        whole
    }

    /// Removes what a survey finds, within `[limits] clean_up`. What is left another survey tells.
    pub(super) async fn remove(&self, run: Option<&str>, journal: &Journal) {
        // A kubelet takes its time with a pod: 1.20 removes an ended one in a round of ten seconds.
        let limit = self.kubernetes.limits().clean_up;
        let cluster = async {
            if self.kubernetes.described().is_ok() {
                pod::leftovers::remove(self.kubernetes, run, limit, journal).await;
            }
        };
        let store = tokio::time::timeout(limit, store::leftovers::remove(self.store, run, journal));
        drop(tokio::join!(cluster, store));
    }
}
