//! The node can pull a private image that was just pushed (HOWTO 2.1: the cluster must pull from ACR). It is pulled as by
//! DSS's own pods: with the pull secret that the site file names, or with what the namespace gives every pod.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::pod::PodStart;
use ackcheck_core::seat::{Pod, pod};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

mod trials;
mod words;

use words::Cause;

static UNAUTHORIZED: Code = Code::fail("unauthorized", "the registry rejects the pull secret of the pods");
static NO_PULL_SECRET: Code =
    Code::fail("no-pull-secret", "the image is private, and pods of the namespace do not have a pull secret");
static HELPER_NOT_COVERING_NAMESPACE: Code = Code::fail(
    "helper-not-covering-namespace",
    "ACK's credential helper is installed but does not cover this namespace",
);
static UNREACHABLE_FROM_NODE: Code =
    Code::fail("unreachable-from-node", "the node cannot reach the registry, its token service or its layer storage");
static WRONG_ARCHITECTURE: Code =
    Code::fail("wrong-architecture", "the node's architecture differs from that of the images DSS builds");

pub(crate) static CHECK: Check = Check {
    id: "registry-pull",
    title: "The node can pull a private image that was just pushed",
    stage: Stage::Preflight,
    needs: &[&super::registry_push::CHECK, &crate::cluster::node_takes_pods::CHECK],
    uses: &[&pod::START, &pod::CREDENTIAL_HELPER],
    deadline: Duration::from_secs(240),
    findings: &[
        &UNAUTHORIZED,
        &NO_PULL_SECRET,
        &HELPER_NOT_COVERING_NAMESPACE,
        &UNREACHABLE_FROM_NODE,
        &WRONG_ARCHITECTURE,
    ],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachNode(|context, pod| Box::pin(judge(context, pod))),
};

async fn judge(context: &Context, pod: &dyn Pod) -> Judgement {
    let node = pod.node();
    let describe = |finding: Finding, why: &str| -> Judgement {
        let image = pod.image()?;
        let host = image.split('/').next().unwrap_or_default().to_owned();
        let finding = finding.with("node", node).with("pod_namespace", pod.namespace()).with("why", why);
        Ok(finding.with("registry_host", host).with("image", image).into())
    };
    let preloaded = context.config().cluster.as_ref().and_then(|cluster| cluster.probe_image.as_deref());
    let (why, pull_secret) = match (pod.start().await?, preloaded) {
        // The image may never have been pulled, which says nothing about the registry. The other checks still run.
        (PodStart::Running, Some(image)) => {
            let reason = format!("the pod runs {image}, which is already on the nodes according to `probe_image`");
            return Ok(Verdict::NotApplicable(reason.into()));
        }
        (PodStart::NotPulled { why, .. }, Some(image)) => {
            let what = format!("a probe from {image}, which is already on the nodes according to `probe_image`");
            return Err(Unseen::unreadable(what, why));
        }
        (PodStart::Running, None) => return Ok(Verdict::Pass),
        (PodStart::WrongPlatform { why }, _) => {
            return describe(WRONG_ARCHITECTURE.found(format!("{node}: {why}")), &why);
        }
        (PodStart::NotPulled { why, pull_secret }, None) => (why, pull_secret),
        (other, _) => {
            return Err(Unseen::unreadable(
                format!("the pull on {node}"),
                format!("the pod did not get that far: {other}"),
            ));
        }
    };
    match (words::cause(&why), pull_secret) {
        (Cause::Refused, Some(secret)) => {
            let finding = UNAUTHORIZED.found(format!("{node}, with the pull secret {secret}: {why}"));
            describe(finding.with("secret", secret), &why)
        }
        (Cause::Refused, None) => match pod.credential_helper().await? {
            Some(helper) if !helper.covers(&pod.namespace()) => {
                let serves = helper.watch_namespaces.join(", ");
                let accounts = helper.service_accounts.join(", ");
                let seen = format!("{node}: {why}; the helper covers {accounts} in {serves}");
                let finding = HELPER_NOT_COVERING_NAMESPACE.found(seen);
                describe(finding.with("serves", serves).with("accounts", accounts), &why)
            }
            _ => describe(NO_PULL_SECRET.found(format!("{node}: {why}")), &why),
        },
        (Cause::Unreachable, _) => describe(UNREACHABLE_FROM_NODE.found(format!("{node}: {why}")), &why),
        (Cause::Other, _) => Err(Unseen::unreadable(format!("the pull on {node}"), why)),
    }
}
