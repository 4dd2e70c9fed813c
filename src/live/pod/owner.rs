//! The object that everything of a run hangs on: a Job that starts nothing.
//!
//! A killed ackcheck removes nothing. The Job's deadline comes all the same, its time to live after it, and Kubernetes
//! then removes the Job and the pods that name it as their owner (TTL-after-finished: on by default since 1.21). Where
//! the account may not create Jobs the pods have no owner: they still end by their own deadline, and
//! `ackcheck cleanup` removes what is left of them.

use std::sync::atomic::{AtomicBool, Ordering};

use k8s_openapi::api::batch::v1 as batch;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::Api;
use kube::api::PostParams;
use tokio::sync::OnceCell;

use super::removal::remove_job;
use super::run::PodRun;
use super::spec::{self, Common};
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;

/// The owner of one run.
#[derive(Default)]
pub(super) struct Owner {
    reference: OnceCell<Option<OwnerReference>>,
    asked: AtomicBool,
}

impl PodRun {
    /// The owner that pods are to name, made at the first question; none where it cannot be made.
    pub(super) async fn owner(&self, common: &Common<'_>, journal: &Journal) -> Option<OwnerReference> {
        let make = async || {
            let job = spec::owner(common).ok()?;
            self.owner.asked.store(true, Ordering::SeqCst);
            let (kubernetes, journal, namespace) = (self.kubernetes.clone(), journal.clone(), self.namespace());
            let create = async move {
                let asked = format!("create job {namespace}/{}", job.metadata.name.as_deref().unwrap_or_default());
                let request = |client: kube::Client| {
                    let (api, job): (Api<batch::Job>, _) = (Api::namespaced(client, &namespace), job.clone());
                    async move { api.create(&PostParams::default(), &job).await }
                };
                let told = |_: &batch::Job| "created: it owns the run's pods".to_owned();
                kubernetes.ask(&journal, Vantage::Node, &asked, request, told).await
            };
            // It goes on when the case that asked first is dropped: clean-up waits for it.
            let job = self.creating.spawn(create).await.ok()?.ok()?;
            Some(OwnerReference {
                api_version: "batch/v1".to_owned(),
                kind: "Job".to_owned(),
                name: job.metadata.name?,
                uid: job.metadata.uid?,
                // True would need the right to change the Job's finalizers, and the Job would take the pods for its own.
                block_owner_deletion: None,
                controller: None,
            })
        };
        self.owner.reference.get_or_init(make).await.clone()
    }

    /// True where the run has an owner, or may have one: its creation was not heard to fail.
    pub(super) fn has_owner(&self) -> bool {
        self.owner.asked.load(Ordering::SeqCst) && !matches!(self.owner.reference.get(), Some(None))
    }

    /// Removes the owner, and with it every pod that names it and was not removed before. False where it may be left.
    pub(super) async fn remove_owner(&self, journal: &Journal) -> bool {
        let asked = self.owner.asked.load(Ordering::SeqCst);
        let name = spec::owner_name(&self.run);
        !asked || remove_job(&self.kubernetes, &self.namespace(), &name, journal).await.is_ok()
    }
}
