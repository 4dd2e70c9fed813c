//! A question put by a pod of its own, for accounts that are not allowed to exec: the question is the pod's argument, the
//! answer its log.
//!
//! What a pod is given can be read by whoever may read pods of the namespace, and so may a signed URL of a question: it is
//! good for one object of the run and a few minutes, and the pod is removed as soon as it has answered.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use k8s_openapi::api::core::v1 as core;
use kube::Api;
use kube::api::LogParams;

use crate::cluster::Silence;
use crate::pod::census::Known;
use crate::pod::fleet::Fleet;
use crate::pod::removal::remove_pod;
use crate::pod::spec::{self, CONTAINER};
use crate::pod::wait;
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::cluster::CREATE_POD;
use ackcheck_core::seat::pod::{EXEC_CREATE, EXEC_GET, POD_LOG, PodStart};
use ackcheck_core::verdict::Unseen;

/// The longest log that is read, in bytes.
const LONGEST_LOG: i64 = 6 << 20;

/// Tells the pods of one node apart.
static NUMBER: AtomicUsize = AtomicUsize::new(0);

/// Puts one question by a pod of its own; `limit` is for the probe's work, the pod's start has its own budgets.
pub(super) async fn printed(
    fleet: &Fleet,
    node: &str,
    question: &str,
    limit: Duration,
    journal: &Journal,
) -> Seen<Vec<u8>> {
    let what = format!("the probe on {node}");
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let pod = fleet.with_common(journal, async |common| spec::one_shot(common, node, number, question)).await?;
    let name = pod.metadata.name.clone().unwrap_or_default();
    let created = fleet.create(&name, &format!("one question on {node}"), pod, journal).await;
    created.map_err(|why| why.unseen(&what, fleet.kubernetes.of_probes(CREATE_POD)))?;
    let answered = read_answer(fleet, &name, &what, limit, journal).await;
    // Clean-up would do it too; but pods that have ended still count against the namespace's quota.
    let _ = remove_pod(&fleet.kubernetes, &fleet.namespace(), &name, false, journal).await;
    answered
}

async fn read_answer(fleet: &Fleet, name: &str, what: &str, limit: Duration, journal: &Journal) -> Seen<Vec<u8>> {
    match wait::for_start(fleet, name, journal).await? {
        PodStart::Running | PodStart::NotStarted { .. } => {}
        other => return Err(Unseen::unreadable(what, format!("the pod for this question did not start: {other}"))),
    }
    let mut known = fleet.census.follow(name, journal);
    let ended = known.wait_for(|known| matches!(known, Known::There(seen) if seen.exit.is_some()));
    let Ok(Ok(_)) = tokio::time::timeout(limit, ended).await else {
        return Err(Unseen::unreadable(what, format!("no answer within {:.1} s", limit.as_secs_f64())));
    };
    let log = log(fleet, name, journal).await.map_err(|silence| {
        // Either way of asking is enough.
        let rights = [POD_LOG, EXEC_GET, EXEC_CREATE].map(|right| fleet.kubernetes.of_probes(right));
        silence.unseen(what, rights)
    })?;
    Ok(log.into_bytes())
}

async fn log(fleet: &Fleet, name: &str, journal: &Journal) -> Result<String, Silence> {
    let namespace = fleet.namespace();
    let how =
        LogParams { container: Some(CONTAINER.to_owned()), limit_bytes: Some(LONGEST_LOG), ..LogParams::default() };
    let request = |client: kube::Client| {
        let (api, how): (Api<core::Pod>, _) = (Api::namespaced(client, &namespace), how.clone());
        async move { api.logs(name, &how).await }
    };
    let told = |log: &String| format!("{} bytes", log.len());
    fleet.kubernetes.ask(journal, Vantage::Node, &format!("log of pod {namespace}/{name}"), request, told).await
}
