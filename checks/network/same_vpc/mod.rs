//! The DSS host and the cluster are in the same VPC (HOWTO 2.1, Networking).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::cloud::{ClusterNetwork, HostInstance, Instance};
use ackcheck_core::seat::{Cloud, cloud};
use ackcheck_core::verdict::{Code, Finding, Judgement, Verdict};

mod trials;

static OTHER_VPC: Code =
    Code::fail("other-vpc", "the DSS host and the cluster are in different VPCs without routes between them");
static OTHER_VPC_ROUTED: Code =
    Code::warn("other-vpc-routed", "the DSS host and the cluster are in different VPCs, connected by routes");
static OTHER_REGION: Code = Code::fail("other-region", "the DSS host and the cluster are in different regions");
static HOST_NOT_ECS: Code = Code::fail("host-not-ecs", "the DSS host is not an ECS instance of this account");

pub(crate) static CHECK: Check = Check {
    id: "same-vpc",
    title: "The DSS host and the cluster are in the same VPC",
    stage: Stage::Preflight,
    needs: &[],
    uses: &[&cloud::CLUSTER_NETWORK, &cloud::HOST_INSTANCE, &cloud::JOINED],
    deadline: Duration::from_secs(60),
    findings: &[&OTHER_VPC, &OTHER_VPC_ROUTED, &OTHER_REGION, &HOST_NOT_ECS],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Cloud(|context, cloud| Box::pin(judge(context, cloud))),
};

async fn judge(_: &Context, cloud: &dyn Cloud) -> Judgement {
    let network = cloud.cluster_network().await?;
    let host = match cloud.host_instance().await? {
        HostInstance::Ecs(instance) => instance,
        HostInstance::NotEcs { why } => {
            let finding = HOST_NOT_ECS.found(format!("the DSS host is not an ECS instance: {why}"));
            return Ok(finding.with("cluster_vpc", network.vpc).with("cluster_region", network.region).into());
        }
    };
    if host.vpc == network.vpc {
        return Ok(Verdict::Pass);
    }
    let both = format!(
        "the DSS host {} is in {} ({}), the cluster {} in {} ({})",
        host.id, host.vpc, host.region, network.id, network.vpc, network.region
    );
    if host.region != network.region {
        return Ok(named(OTHER_REGION.found(both), &host, &network).into());
    }
    let joined = cloud.joined(&host, &network).await?;
    if joined.routes.is_empty() {
        return Ok(named(OTHER_VPC.found(format!("{both}; no route connects them")), &host, &network).into());
    }
    let routes = joined.routes.join("; ");
    if !joined.unrouted.is_empty() {
        let seen = format!("{both}; there are routes ({routes}), but none leads to {}", joined.unrouted.join(", "));
        return Ok(named(OTHER_VPC.found(seen), &host, &network).into());
    }
    let finding = OTHER_VPC_ROUTED.found(format!("{both}; routes connect them: {routes}"));
    Ok(named(finding, &host, &network).into())
}

fn named(finding: Finding, host: &Instance, network: &ClusterNetwork) -> Finding {
    finding
        .with("instance", host.id.as_str())
        .with("host_vpc", host.vpc.as_str())
        .with("host_region", host.region.as_str())
        .with("cluster_vpc", network.vpc.as_str())
        .with("cluster_region", network.region.as_str())
}
