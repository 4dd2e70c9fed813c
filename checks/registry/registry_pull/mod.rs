//! The node can pull a private image that was just pushed (HOWTO 2.1: the cluster must pull from ACR). It is pulled as by
//! DSS's own pods: with the pull secret that the site file names, or with what the namespace gives every pod.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::pod::PodStart;
use ackcheck_core::seat::{Pod, pod};
use ackcheck_core::verdict::{Finding, Judgement, Unseen, Verdict};

mod blame;
mod credentials;
mod findings;
mod trials;

pub(crate) static CHECK: Check = Check {
    id: "registry-pull",
    title: "The node can pull a private image that was just pushed",
    stage: Stage::Preflight,
    needs: &[&crate::network::registry_path::CHECK],
    uses: &[&pod::START, &pod::CREDENTIAL_HELPER, &pod::PULL_SECRETS],
    deadline: Duration::from_secs(240),
    findings: findings::ALL,
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
    let failure = match (pod.start().await?, preloaded) {
        // The image may never have been pulled, which says nothing about the registry. The other checks still run.
        (PodStart::Running | PodStart::OtherNotPulled { own_pulled: true, .. }, Some(image)) => {
            let reason = format!("the pod runs {image}, which is already on the nodes according to `probe_image`");
            return Ok(Verdict::NotApplicable(reason.into()));
        }
        (PodStart::NotPulled(failure), Some(image)) => {
            let what = format!("a probe from {image}, which is already on the nodes according to `probe_image`");
            return Err(Unseen::unreadable(what, failure.why()));
        }
        (PodStart::Running | PodStart::OtherNotPulled { own_pulled: true, .. }, None) => return Ok(Verdict::Pass),
        (PodStart::WrongPlatform { why }, _) => {
            return describe(findings::WRONG_ARCHITECTURE.found(format!("{node}: {why}")), &why);
        }
        (PodStart::NotPulled(failure), None) => failure,
        (other, _) => {
            return Err(Unseen::unreadable(
                format!("the pull on {node}"),
                format!("the pod did not get that far: {other}"),
            ));
        }
    };
    describe(blame::blame(pod, &failure).await?, &failure.why())
}
