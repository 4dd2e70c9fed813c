//! Network ACLs of the vSwitches let nodes and pods connect to the DSS host, and its answers return (HOWTO 2.1,
//! Networking: reachable on all ports); where DSS is kept to a range, to the ports that it uses.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::cloud::{HostInstance, VSwitchAcl};
use ackcheck_core::seat::{Cloud, cloud};
use ackcheck_core::verdict::{Code, Judgement, Unseen, Verdict};

use super::called;
use super::prediction::acl::{Dropping, Towards, droppings, needed, vswitches};
use super::prediction::rules::Taken;
use super::prediction::sources::{self, Source};
use super::prediction::ways::{addresses, target};

mod advice;
mod trials;

static BLOCKED_FORWARD: Code =
    Code::fail("blocked-forward", "network ACLs drop connections from nodes or pods to the DSS host");
static BLOCKED_RETURN: Code =
    Code::fail("blocked-return", "network ACLs drop what the DSS host answers to nodes or pods");

pub(crate) static CHECK: Check = Check {
    id: "network-acl",
    title: "Network ACLs let nodes and pods connect to the DSS host, and its answers return",
    stage: Stage::Preflight,
    needs: &[&super::pod_routes::CHECK],
    uses: &[&cloud::CLUSTER_NETWORK, &cloud::HOST_INSTANCE, &cloud::NETWORK_ACLS],
    deadline: Duration::from_secs(60),
    findings: &[&BLOCKED_FORWARD, &BLOCKED_RETURN],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Cloud(|context, cloud| Box::pin(judge(context, cloud))),
};

async fn judge(context: &Context, cloud: &dyn Cloud) -> Judgement {
    let host = match cloud.host_instance().await? {
        HostInstance::Ecs(instance) => instance,
        HostInstance::NotEcs { why } => {
            return Ok(Verdict::NotApplicable(format!("the DSS host is not on a vSwitch: {why}").into()));
        }
    };
    let network = cloud.cluster_network().await?;
    let sources = sources::of(&network)?;
    let target = target(context, &host)?;
    let mut acls = cloud.network_acls(&host.vpc, std::slice::from_ref(&target.vswitch)).await?;
    let mut of_sources = vswitches(&sources);
    of_sources.retain(|id| *id != target.vswitch);
    acls.extend(cloud.network_acls(&network.vpc, &of_sources).await?);

    let addresses = addresses(context, &host, target)?;
    let towards: Vec<Towards<'_>> =
        addresses.into_iter().map(|address| Towards { address, vswitch: &target.vswitch }).collect();
    let required = called::ports_by_files(context).await?;
    let all = |taken| Ok::<_, Unseen>(needed(all(&sources, &towards, &acls, taken)?, &required));
    let (answers, forward): (Vec<_>, Vec<_>) =
        all(Taken::ForOpen)?.into_iter().partition(|dropping| dropping.pass.of_answers());
    for (code, dropped) in [(&BLOCKED_FORWARD, forward), (&BLOCKED_RETURN, answers)] {
        if !dropped.is_empty() {
            let finding = code.found(advice::in_words(&dropped) + &required.why_all());
            return Ok(finding
                .with("entries", advice::entries(&dropped, &required))
                .with("acls", advice::acls(&dropped))
                .with("region", host.region.as_str())
                .into());
        }
    }
    match all(Taken::ForClosed)?.is_empty() {
        true => Ok(Verdict::Pass),
        false => {
            let why = advice::undecided(&acls);
            Err(Unseen::unreadable("an entry of a network ACL that decides whether packets pass", why))
        }
    }
}

fn all<'a>(
    sources: &'a [Source],
    towards: &[Towards<'_>],
    acls: &'a [VSwitchAcl],
    taken: Taken,
) -> Result<Vec<Dropping<'a>>, Unseen> {
    let mut all = Vec::new();
    for source in sources {
        for towards in towards {
            all.extend(droppings(source, *towards, acls, taken)?);
        }
    }
    Ok(all)
}
