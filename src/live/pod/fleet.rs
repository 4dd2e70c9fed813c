//! What a run creates in the cluster: its pods and their owner, remembered from the request on until each is gone.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use k8s_openapi::api::core::v1 as core;
use kube::Api;
use kube::api::PostParams;
use tokio_util::task::TaskTracker;

mod clean_up;

use super::census::Census;
use super::owner::Owner;
use super::pulls;
use super::spec::Common;
use super::wanted::{self, Wanted};
use crate::cluster::{Kubernetes, Refusal, Silence};
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::right::Right;
use ackcheck_core::seat::Seen;
use ackcheck_core::sync::locked;
use ackcheck_core::verdict::{Broken, Unseen};

/// The pods of one run.
pub(super) struct Fleet {
    pub(super) kubernetes: Kubernetes,
    /// The run's id.
    pub(super) run: String,
    /// The reference of the probe's image.
    pub(super) image: Seen<String>,
    pub(super) census: Arc<Census>,
    owner: Owner,
    /// What the namespace wants pods to ask for, where it refused what they ask for by themselves.
    wanted: Mutex<Option<Wanted>>,
    /// The pods that were asked for, by name, with what they are for.
    asked_for: Mutex<BTreeMap<String, String>>,
    /// Requests that create: they go on when their case is dropped, so that clean-up knows what became of them.
    creating: TaskTracker,
    /// Clean-up has begun: nothing is created any more.
    closed: AtomicBool,
    /// The API's words when it refused to delete a pod: asking on would not help.
    removal_refused: OnceLock<String>,
}

/// Why a pod was not created.
#[derive(Debug)]
pub(super) enum NotCreated {
    /// The run is being cleaned up.
    RunEnding,
    /// The task that asked for it ended by itself.
    TaskLost(String),
    /// The API's answer, or that none came.
    Refused(Silence),
}

impl NotCreated {
    /// As what a seat says where it needed the pod; a refusal means that this right is missing.
    pub(super) fn unseen(self, what: &str, right: Right) -> Unseen {
        match self {
            NotCreated::RunEnding => Unseen::unreadable(what, "the run is ending"),
            NotCreated::TaskLost(why) => Unseen::Broken(Broken::Internal(why)),
            NotCreated::Refused(silence) => silence.unseen(what, [right]),
        }
    }
}

impl Fleet {
    /// For a run with this id. `image` is what the registry seat says pods are given.
    pub(super) fn new(kubernetes: Kubernetes, run: &str, image: Seen<String>) -> Fleet {
        Fleet {
            census: Census::new(kubernetes.clone(), run),
            kubernetes,
            run: run.to_owned(),
            image,
            owner: Owner::default(),
            wanted: Mutex::default(),
            asked_for: Mutex::default(),
            creating: TaskTracker::new(),
            closed: AtomicBool::new(false),
            removal_refused: OnceLock::new(),
        }
    }

    /// The namespace of the pods.
    pub(super) fn namespace(&self) -> String {
        self.kubernetes.probe_namespace()
    }

    /// Whether a pod of that name was asked for, and is not known to be gone.
    pub(super) fn has(&self, name: &str) -> bool {
        locked(&self.asked_for).contains_key(name)
    }

    /// What every pod of the run has in common, for a function that makes one.
    pub(super) async fn with_common<T>(
        &self,
        journal: &Journal,
        make: impl AsyncFnOnce(&Common<'_>) -> Result<T, Broken>,
    ) -> Seen<T> {
        let namespace = self.namespace();
        let site = self.kubernetes.described()?;
        let image = self.image.clone()?;
        let common = Common {
            run: &self.run,
            namespace: &namespace,
            image: &image,
            preloaded: site.probe_image.is_some(),
            pull_secret: site.pull_secret.as_deref(),
            tolerations: &site.tolerations,
            owner: None,
            run_lasts: self.kubernetes.limits().run.saturating_add(self.kubernetes.limits().clean_up),
        };
        let owner = self.owner.reference(&self.kubernetes, &common, &self.creating, journal).await;
        Ok(make(&Common { owner: owner.as_ref(), ..common }).await?)
    }

    /// Creates a pod that clean-up will remove. `purpose` is for people. Where the namespace wants a pod to ask for more, or
    /// for less, it is asked for once more with that, and every pod after it too.
    pub(super) async fn create(
        &self,
        name: &str,
        purpose: &str,
        mut pod: core::Pod,
        journal: &Journal,
    ) -> Result<(), NotCreated> {
        if let Some(wanted) = &*locked(&self.wanted) {
            wanted.write(&mut pod);
        }
        let mut tries = 1;
        loop {
            let refused = match self.create_as_it_is(name, purpose, pod.clone(), journal).await {
                Err(NotCreated::Refused(silence @ Silence::Status { .. })) => silence,
                other => return other,
            };
            let instead = match &refused {
                Silence::Status { said, refusal: Refusal::Other, .. } => Wanted::of(&pod).instead(said),
                _ => None,
            };
            let Some(instead) = instead.filter(|_| tries < wanted::TRIES) else {
                return Err(NotCreated::Refused(refused));
            };
            instead.write(&mut pod);
            *locked(&self.wanted) = Some(instead);
            tries += 1;
        }
    }

    async fn create_as_it_is(
        &self,
        name: &str,
        purpose: &str,
        pod: core::Pod,
        journal: &Journal,
    ) -> Result<(), NotCreated> {
        let (kubernetes, journal, namespace) = (self.kubernetes.clone(), journal.clone(), self.namespace());
        let asked = format!("create pod {namespace}/{name} for {purpose}");
        let create = async move {
            let request = |client: kube::Client| {
                let (api, pod): (Api<core::Pod>, _) = (Api::namespaced(client, &namespace), pod.clone());
                async move { api.create(&PostParams::default(), &pod).await }
            };
            let told = |pod: &core::Pod| match pulls::pull_secrets(pod).as_slice() {
                [] => "created, without a pull secret".to_owned(),
                secrets => format!("created, with the pull secret {}", secrets.join(", ")),
            };
            kubernetes.ask(&journal, Vantage::Node, &asked, request, told).await.map(|_| ())
        };
        {
            let mut asked_for = locked(&self.asked_for);
            if self.closed.load(Ordering::SeqCst) {
                return Err(NotCreated::RunEnding);
            }
            asked_for.insert(name.to_owned(), purpose.to_owned());
        }
        match self.creating.spawn(create).await {
            // This run's own, from a case that was stopped while it waited.
            Ok(Err(Silence::Status { code: 409, .. })) => Ok(()),
            Ok(created) => created.map_err(NotCreated::Refused),
            Err(panic) => Err(NotCreated::TaskLost(panic.to_string())),
        }
    }
}
