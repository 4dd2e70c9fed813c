//! A probe pod is scheduled on the node, and the node creates its sandbox: everything that comes before pulling the image.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::pod::PodStart;
use ackcheck_core::seat::{Pod, pod};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

mod trials;

static NOT_SCHEDULED: Code =
    Code::fail("not-scheduled", "the namespace or the scheduler does not admit a pod to the node");
static NOT_STARTED: Code = Code::fail("not-started", "the node accepts the pod but does not start its container");
static SIDECAR_NOT_PULLED: Code =
    Code::fail("sidecar-not-pulled", "the image of a container that admission adds to pods cannot be pulled");

pub(crate) static CHECK: Check = Check {
    id: "node-takes-pods",
    title: "The node accepts a pod and creates its sandbox",
    stage: Stage::Preflight,
    needs: &[
        &super::nodes_ready::CHECK,
        &super::pods_allowed::CHECK,
        &super::dss_pod_admitted::CHECK,
        &crate::registry::registry_push::CHECK,
    ],
    uses: &[&pod::START],
    deadline: Duration::from_secs(240),
    findings: &[&NOT_SCHEDULED, &NOT_STARTED, &SIDECAR_NOT_PULLED],
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
        PodStart::Running | PodStart::NotPulled(_) | PodStart::WrongPlatform { .. } => Ok(Verdict::Pass),
        PodStart::OtherNotPulled { failure, .. } => {
            let why = failure.why();
            let (container, image) = (&failure.container, &failure.image);
            let host = failure.asked().host().unwrap_or_else(|| image.split('/').next().unwrap_or_default()).to_owned();
            let seen = format!("{}: the image {image} of the container {container}: {why}", pod.node());
            let finding = SIDECAR_NOT_PULLED.found(seen).with("container", container).with("image", image);
            describe(finding.with("host", host), why)
        }
        PodStart::NotAdmitted { why } if meets_every_pod(&why) => {
            describe(NOT_SCHEDULED.found(format!("{}: {why}", pod.node())), why)
        }
        PodStart::NotAdmitted { why } => {
            let what = format!("a pod on {}", pod.node());
            Err(Unseen::unreadable(what, format!("ackcheck's probe is not admitted, other pods may be: {why}")))
        }
        PodStart::NotScheduled { why } => describe(NOT_SCHEDULED.found(format!("{}: {why}", pod.node())), why),
        PodStart::NotStarted { why } => describe(NOT_STARTED.found(format!("{}: {why}", pod.node())), why),
    }
}

/// Whether what refuses the probe refuses every pod, whatever it asks for: the number of pods, or the namespace itself.
fn meets_every_pod(why: &str) -> bool {
    let counted = why.contains("exceeded quota") && (why.contains("requested: pods=") || why.contains("count/pods="));
    let namespace =
        why.starts_with("namespaces \"") && why.ends_with("not found") || why.contains("is being terminated");
    counted || namespace
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_meets_every_pod_is_the_namespace_s_fault() {
        let quota = "pods \"p\" is forbidden: exceeded quota: none, requested: pods=1, used: pods=0, limited: pods=0";
        assert!(meets_every_pod(quota) && meets_every_pod("namespaces \"dss\" not found"));
        assert!(meets_every_pod(
            "pods \"p\" is forbidden: unable to create new content in namespace dss because it is being terminated"
        ));
        for other in [
            "pods \"p\" is forbidden: minimum cpu usage per Container is 64, but request is 10m",
            "pods \"p\" is forbidden: exceeded quota: q, requested: limits.cpu=1, used: limits.cpu=4, limited: limits.cpu=4",
            "admission webhook \"policy.example.com\" denied the request: images must be signed",
        ] {
            assert!(!meets_every_pod(other), "{other}");
        }
    }
}
