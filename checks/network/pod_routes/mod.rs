//! The DSS host's route table leads back to nodes and pods (HOWTO 2.1, Networking).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::cloud::{HostInstance, Instance, RouteTable};
use ackcheck_core::seat::{Cloud, cloud, cluster};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

use super::prediction::goals;
use super::prediction::routes::{Astray, Leg, astray};
use super::prediction::ways::target;

mod advice;
mod trials;

static ROUTE_MISSING: Code =
    Code::fail("route-missing", "the DSS host's route table has no route to nodes' pods, so answers are lost");
static ROUTE_WRONG_NODE: Code =
    Code::fail("route-wrong-node", "the DSS host's route table leads packets for pods to another node");
static CUSTOM_TABLE: Code =
    Code::fail("custom-table", "the DSS host's vSwitch has a custom route table without the routes to pods");

pub(crate) static CHECK: Check = Check {
    id: "pod-routes",
    title: "The DSS host's routes lead back to nodes and pods",
    stage: Stage::Preflight,
    needs: &[&super::same_vpc::CHECK],
    uses: &[&cloud::CLUSTER_NETWORK, &cloud::HOST_INSTANCE, &cloud::ROUTE_TABLE, &cluster::LIST_NODES],
    deadline: Duration::from_secs(60),
    findings: &[&ROUTE_MISSING, &ROUTE_WRONG_NODE, &CUSTOM_TABLE],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Cloud(|context, cloud| Box::pin(judge(context, cloud))),
};

async fn judge(context: &Context, cloud: &dyn Cloud) -> Judgement {
    let host = match cloud.host_instance().await? {
        HostInstance::Ecs(instance) => instance,
        HostInstance::NotEcs { why } => {
            return Ok(Verdict::NotApplicable(format!("the DSS host does not have a route table: {why}").into()));
        }
    };
    let network = cloud.cluster_network().await?;
    let table = cloud.route_table(&host.vpc, &target(context, &host)?.vswitch).await?;
    let goals = goals::of(context, &host, &network).await?;
    let legs: Vec<Leg<'_>> = goals.iter().flat_map(|goal| astray(&table, goal)).collect();
    let of = |wanted: Astray| legs.iter().filter(|leg| leg.astray == wanted).collect::<Vec<_>>();
    let (missing, elsewhere, unknown) = (of(Astray::Missing), of(Astray::Elsewhere), of(Astray::Unknown));
    let code = match (missing.is_empty(), elsewhere.is_empty(), table.custom) {
        (false, _, true) => &CUSTOM_TABLE,
        (false, _, false) => &ROUTE_MISSING,
        (true, false, _) => &ROUTE_WRONG_NODE,
        (true, true, _) if unknown.is_empty() => return Ok(Verdict::Pass),
        (true, true, _) => {
            let why = advice::in_words(&unknown, &table);
            return Err(Unseen::unreadable(format!("what becomes of packets by the route table {}", table.id), why));
        }
    };
    let wrong: Vec<&Leg<'_>> = missing.into_iter().chain(elsewhere).collect();
    let finding = code.found(advice::in_words(&wrong, &table));
    Ok(named(finding, &host, &table).with("commands", advice::commands(&wrong, &table, &host.region)).into())
}

fn named(finding: Finding, host: &Instance, table: &RouteTable) -> Finding {
    finding.with("table", table.id.as_str()).with("region", host.region.as_str())
}
