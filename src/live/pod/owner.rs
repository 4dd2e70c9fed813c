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
use tokio_util::task::TaskTracker;

use super::removal::remove_job;
use super::spec::{self, Common};
use crate::cluster::Kubernetes;
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;

/// The owner of one run.
#[derive(Default)]
pub(super) struct Owner {
    reference: OnceCell<Option<OwnerReference>>,
    asked: AtomicBool,
}

impl Owner {
    /// What pods are to name as their owner, which is created at the first call by a task of `creating`; none if it
    /// cannot be.
    pub(super) async fn reference(
        &self,
        kubernetes: &Kubernetes,
        common: &Common<'_>,
        creating: &TaskTracker,
        journal: &Journal,
    ) -> Option<OwnerReference> {
        let make = async || {
            let job = spec::owner(common).ok()?;
            self.asked.store(true, Ordering::SeqCst);
            let (kubernetes, journal, namespace) = (kubernetes.clone(), journal.clone(), common.namespace.to_owned());
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
            let job = creating.spawn(create).await.ok()?.ok()?;
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
        self.reference.get_or_init(make).await.clone()
    }

    /// True if the owner is there, or may be: its creation was not heard to fail.
    pub(super) fn may_be_there(&self) -> bool {
        self.asked.load(Ordering::SeqCst) && !matches!(self.reference.get(), Some(None))
    }

    /// Removes the owner, and with it every pod that names it and was not removed before. False if it may be left.
    pub(super) async fn remove(&self, kubernetes: &Kubernetes, run: &str, journal: &Journal) -> bool {
        let asked = self.asked.load(Ordering::SeqCst);
        let (namespace, name) = (kubernetes.probe_namespace(), spec::owner_name(run));
        !asked || remove_job(kubernetes, &namespace, &name, journal).await.is_ok()
    }
}
