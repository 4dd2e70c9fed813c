//! A probe pod is scheduled on the node, and the node creates its sandbox: everything that comes before pulling the image.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::pod::PodStart;
use ackcheck_core::seat::{Pod, pod};
use ackcheck_core::verdict::{Code, Finding, Judgement, Verdict};

mod trials;

static NOT_SCHEDULED: Code =
    Code::fail("not-scheduled", "the namespace or the scheduler does not admit a pod to the node");
static NOT_STARTED: Code = Code::fail("not-started", "the node accepts the pod but does not start its container");

pub(crate) static CHECK: Check = Check {
    id: "node-takes-pods",
    title: "The node accepts a pod and creates its sandbox",
    stage: Stage::Preflight,
    needs: &[&super::nodes_ready::CHECK, &super::pods_allowed::CHECK, &crate::registry::registry_push::CHECK],
    uses: &[&pod::START],
    deadline: Duration::from_secs(240),
    findings: &[&NOT_SCHEDULED, &NOT_STARTED],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachNode(|context, pod| Box::pin(judge(context, pod))),
};

async fn judge(_: &Context, pod: &dyn Pod) -> Judgement {
    let describe = |finding: Finding, why: String| {
        let finding = finding.with("node", pod.node()).with("pod_namespace", pod.namespace());
        Ok(finding.with("why", why).into())
    };
    match pod.start().await? {
        // The next check judges the image.
        PodStart::Running | PodStart::NotPulled { .. } | PodStart::WrongPlatform { .. } => Ok(Verdict::Pass),
        PodStart::NotScheduled { why } => describe(NOT_SCHEDULED.found(format!("{}: {why}", pod.node())), why),
        PodStart::NotStarted { why } => describe(NOT_STARTED.found(format!("{}: {why}", pod.node())), why),
    }
}
