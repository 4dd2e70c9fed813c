//! Requests that remove one object of a run.

use std::time::Duration;

use k8s_openapi::api::batch::v1 as batch;
use k8s_openapi::api::core::v1 as core;
use kube::Api;
use kube::api::DeleteParams;

use crate::cluster::{Kubernetes, Silence};
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;

/// Objects removed at once.
pub(super) const REMOVALS_AT_ONCE: usize = 16;
/// Between two looks at what is left, at first; it grows to [`SLOWEST_LOOK`].
pub(super) const FIRST_LOOK: Duration = Duration::from_millis(50);
pub(super) const SLOWEST_LOOK: Duration = Duration::from_secs(1);

/// Asks for the removal of one pod. True if it is gone already.
///
/// # Errors
/// What the API said against it.
pub(super) async fn remove_pod(
    kubernetes: &Kubernetes,
    namespace: &str,
    name: &str,
    forced: bool,
    journal: &Journal,
) -> Result<bool, Silence> {
    let request = |client: kube::Client| {
        let (api, name): (Api<core::Pod>, _) = (Api::namespaced(client, namespace), name.to_owned());
        let how = if forced { DeleteParams::default().grace_period(0) } else { DeleteParams::default() };
        async move { api.delete(&name, &how).await }
    };
    let asked = format!("delete pod {namespace}/{name}");
    match kubernetes.ask(journal, Vantage::Node, &asked, request, |_| "accepted".to_owned()).await {
        Ok(_) => Ok(false),
        Err(Silence::Status { code: 404, .. }) => Ok(true),
        Err(silence) => Err(silence),
    }
}

/// Asks for the removal of a run's owner, and with it of every pod that names it.
///
/// # Errors
/// What the API said against it.
pub(super) async fn remove_job(
    kubernetes: &Kubernetes,
    namespace: &str,
    name: &str,
    journal: &Journal,
) -> Result<(), Silence> {
    let request = |client: kube::Client| {
        let api: Api<batch::Job> = Api::namespaced(client, namespace);
        // Without a policy this kind's pods would be orphaned.
        async move { api.delete(name, &DeleteParams::background()).await }
    };
    let asked = format!("delete job {namespace}/{name}");
    match kubernetes.ask(journal, Vantage::Node, &asked, request, |_| "accepted".to_owned()).await {
        Ok(_) | Err(Silence::Status { code: 404, .. }) => Ok(()),
        Err(silence) => Err(silence),
    }
}
