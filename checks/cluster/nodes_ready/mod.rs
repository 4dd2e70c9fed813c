//! Every schedulable node is ready (HOWTO 2.1: a cluster up and running).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Cluster;
use ackcheck_core::verdict::{Code, Judgement, Unseen, Verdict};

mod trials;

static NOT_READY: Code = Code::fail("not-ready", "the node is not ready");

pub(crate) static CHECK: Check = Check {
    id: "nodes-ready",
    title: "The node is ready",
    stage: Stage::Preflight,
    needs: &[&super::cluster_answers::CHECK],
    uses: &[],
    deadline: Duration::from_secs(60),
    findings: &[&NOT_READY],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachNodeOfCluster(|context, cluster, node| Box::pin(judge(context, cluster, node))),
};

async fn judge(_: &Context, cluster: &dyn Cluster, node: &str) -> Judgement {
    let nodes = cluster.nodes().await?;
    let Some(seen) = nodes.iter().find(|seen| seen.name == node) else {
        return Err(Unseen::unreadable(node, "it was removed from the cluster during the run"));
    };
    if let Some(why) = &seen.spared {
        return Ok(Verdict::NotApplicable(why.clone().into()));
    }
    if seen.ready {
        return Ok(Verdict::Pass);
    }
    let address = seen.addresses.first().cloned().unwrap_or_default();
    let instance = seen.provider_id.rsplit('.').next().unwrap_or_default().to_owned();
    let finding = NOT_READY.found(format!("{node}: {}", seen.condition));
    Ok(finding.with("node", node).with("address", address).with("instance", instance).into())
}
