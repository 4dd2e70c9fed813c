//! Security groups allow every TCP port from all the addresses that pods send from to the DSS host (HOWTO 2.1, Networking);
//! where DSS is kept to a range, those that it uses.

use std::net::Ipv4Addr;
use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::required_ports::RequiredPorts;
use ackcheck_core::seat::cloud::{ClusterNetwork, HostInstance, PodNetwork, SecurityGroup};
use ackcheck_core::seat::{Cloud, cloud};
use ackcheck_core::verdict::{Code, Judgement, Unseen, Verdict};

use super::called;
use super::prediction::rules::{Direction, Other, Taken, blocked};
use super::prediction::sources::{self, Source};
use super::prediction::ways::{Closed, Door, addresses, egress, ingress, needed, pick, target};
use super::prediction::words;

mod advice;
mod trials;

static PORTS_BLOCKED: Code =
    Code::fail("ports-blocked", "the security groups of the DSS host block ports from nodes or pods");
static POD_SOURCE_NOT_COVERED: Code = Code::fail(
    "pod-source-not-covered",
    "a rule allows the nodes' security group, which does not include Flannel pods",
);
static EGRESS_BLOCKED: Code =
    Code::fail("egress-blocked", "the security groups of nodes or pods block ports to the DSS host");

pub(crate) static CHECK: Check = Check {
    id: "security-group-ports",
    title: "Security groups let nodes and pods reach every TCP port of the DSS host",
    stage: Stage::Preflight,
    needs: &[&super::network_acl::CHECK],
    uses: &[&cloud::CLUSTER_NETWORK, &cloud::HOST_INSTANCE, &cloud::SECURITY_GROUPS],
    deadline: Duration::from_secs(60),
    findings: &[&PORTS_BLOCKED, &POD_SOURCE_NOT_COVERED, &EGRESS_BLOCKED],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Cloud(|context, cloud| Box::pin(judge(context, cloud))),
};

async fn judge(context: &Context, cloud: &dyn Cloud) -> Judgement {
    let host = match cloud.host_instance().await? {
        HostInstance::Ecs(instance) => instance,
        HostInstance::NotEcs { why } => {
            return Ok(Verdict::NotApplicable(format!("the DSS host does not have security groups: {why}").into()));
        }
    };
    let network = cloud.cluster_network().await?;
    let sources = sources::of(&network)?;
    let target = target(context, &host)?;
    let mut ids: Vec<String> = sources.iter().flat_map(|source| source.groups.clone()).collect();
    ids.extend(target.security_groups.iter().cloned());
    ids.sort();
    ids.dedup();
    let groups = cloud.security_groups(&ids).await?;
    let guarding = pick(&groups, &target.security_groups)?;

    let door = Door { target, addresses: addresses(context, &host, target)? };
    let required = called::ports_by_files(context).await?;
    let needed = |closed| needed(closed, &required);
    let closed = needed(ingress(&door, &sources, &guarding, Taken::ForOpen));
    if !closed.is_empty() {
        let seen = advice::in_words(&closed, &guarding) + &required.why_all();
        let finding = if only_lacks_the_group(&network, &sources, &closed, &guarding, &door, &required) {
            POD_SOURCE_NOT_COVERED.found(seen + &advice::admitting_groups(&guarding))
        } else {
            PORTS_BLOCKED.found(seen)
        };
        return Ok(finding.with("commands", advice::open_ingress(&closed, &required, &host.region, target)).into());
    }
    let closed = needed(egress(&door, &sources, &groups, Taken::ForOpen)?);
    if let Some(first) = closed.first() {
        let seen = advice::in_words(&closed, &pick(&groups, &first.source.groups)?) + &required.why_all();
        let commands = advice::open_egress(&closed, &required, &host.region);
        return Ok(EGRESS_BLOCKED.found(seen).with("commands", commands).into());
    }
    let uncertain = !needed(ingress(&door, &sources, &guarding, Taken::ForClosed)).is_empty()
        || !needed(egress(&door, &sources, &groups, Taken::ForClosed)?).is_empty();
    match uncertain {
        false => Ok(Verdict::Pass),
        true => {
            let why = words::undecided(&groups.iter().collect::<Vec<_>>());
            Err(Unseen::unreadable("a rule that decides whether ports are open", why))
        }
    }
}

/// Flannel: true if every blocked source is a pod range that would be open if pods were in their nodes' groups.
fn only_lacks_the_group(
    network: &ClusterNetwork,
    sources: &[Source],
    closed: &[Closed<'_>],
    guarding: &[&SecurityGroup],
    door: &Door<'_>,
    required: &RequiredPorts,
) -> bool {
    let Some(node) = sources.iter().find(|source| !source.pods) else { return false };
    network.plugin == PodNetwork::Flannel
        && closed.iter().all(|closed| {
            let as_node = Other { range: closed.source.range, groups: &node.groups };
            let open = |to: &Ipv4Addr| {
                let blocked = blocked(Direction::Ingress, (guarding, (*to).into()), as_node, Taken::ForOpen);
                blocked.iter().all(|blocked| required.within(blocked.ports).next().is_none())
            };
            closed.source.pods && door.addresses.iter().all(open)
        })
}
