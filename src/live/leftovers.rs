//! What runs left that were killed, or could not clean up: looked for by what everything of ackcheck is called, and removed.

use crate::cluster::Kubernetes;
use crate::store::StoreRun;
use crate::{pod, store};
use ackcheck_core::evidence::Journal;

/// One thing that a run left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// The run's id.
    pub run: String,
    /// What it is, and where: `pod dataiku/ackcheck-…`, `oss://bucket/key`.
    pub name: String,
    /// When it was created.
    pub since: Option<jiff::Timestamp>,
}

/// What a look around brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    pub found: Vec<Leftover>,
    /// Where it was looked.
    pub looked: Vec<String>,
    /// Where it could not be looked, and why.
    pub unseen: Vec<String>,
}

/// Whether a text is the id of a run: eight small letters.
pub fn is_run_id(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|letter| letter.is_ascii_lowercase())
}

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

impl Survey {
    fn take(&mut self, other: Survey) {
        self.found.extend(other.found);
        self.looked.extend(other.looked);
        self.unseen.extend(other.unseen);
    }
}
