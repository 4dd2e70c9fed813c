//! Security groups allow every TCP port from all the addresses that pods send from to the DSS host (HOWTO 2.1, Networking).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::cloud::{ClusterNetwork, Eni, HostInstance, Instance, PodNetwork, SecurityGroup};
use ackcheck_core::seat::{Cloud, cloud};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

mod advice;
mod rules;
mod sources;
mod trials;

use rules::{Blocked, Direction, Other, blocked};
use sources::Source;

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
    needs: &[&super::same_vpc::CHECK],
    uses: &[&cloud::CLUSTER_NETWORK, &cloud::HOST_INSTANCE, &cloud::SECURITY_GROUPS],
    deadline: Duration::from_secs(60),
    findings: &[&PORTS_BLOCKED, &POD_SOURCE_NOT_COVERED, &EGRESS_BLOCKED],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Cloud(|context, cloud| Box::pin(judge(context, cloud))),
};

/// What is blocked between one source and the DSS host.
struct Closed<'a> {
    source: &'a Source,
    blocked: Vec<Blocked<'a>>,
}

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

    let mut closed: Vec<Closed<'_>> = Vec::new();
    for source in &sources {
        let other = Other { range: source.range, groups: &source.groups };
        let blocked = blocked(Direction::Ingress, &guarding, other);
        closed.extend((!blocked.is_empty()).then_some(Closed { source, blocked }));
    }
    if !closed.is_empty() {
        let seen = advice::in_words(&closed, &guarding);
        let finding = if only_lacks_the_group(&network, &sources, &closed, &guarding) {
            POD_SOURCE_NOT_COVERED.found(seen + &advice::admitting_groups(&guarding))
        } else {
            PORTS_BLOCKED.found(seen)
        };
        return Ok(finding.with("commands", advice::open_ingress(&closed, &host.region, target)).into());
    }
    egress(&host, target, &sources, &groups)
}

/// Flannel: true if every blocked source is a pod range that would be open if pods were in their nodes' groups.
fn only_lacks_the_group(
    network: &ClusterNetwork,
    sources: &[Source],
    closed: &[Closed<'_>],
    guarding: &[&SecurityGroup],
) -> bool {
    let Some(node) = sources.iter().find(|source| !source.pods) else { return false };
    network.plugin == PodNetwork::Flannel
        && closed.iter().all(|closed| {
            let as_node = Other { range: closed.source.range, groups: &node.groups };
            closed.source.pods && blocked(Direction::Ingress, guarding, as_node).is_empty()
        })
}

/// Judges the way from each source's own groups to the DSS host. Flannel's pods leave through their node, whose groups
/// are judged with the node.
fn egress(host: &Instance, target: &Eni, sources: &[Source], groups: &[SecurityGroup]) -> Judgement {
    let address = sources::address(target).ok_or_else(|| no_address(host))?;
    let mut own = Vec::new();
    for source in sources.iter().filter(|source| !source.groups.is_empty()) {
        own.push((source, pick(groups, &source.groups)?));
    }
    let towards = Other { range: address.into(), groups: &target.security_groups };
    let mut closed: Vec<Closed<'_>> = Vec::new();
    for (source, own) in &own {
        let blocked = blocked(Direction::Egress, own, towards);
        closed.extend((!blocked.is_empty()).then_some(Closed { source, blocked }));
    }
    let Some(first) = closed.first() else { return Ok(Verdict::Pass) };
    let guarding = pick(groups, &first.source.groups)?;
    let finding: Finding = EGRESS_BLOCKED.found(advice::in_words(&closed, &guarding));
    Ok(finding.with("commands", advice::open_egress(&closed, &host.region, address)).into())
}

/// The interface that pods connect to: the one with an address that the site file names, or else the primary one.
fn target<'a>(context: &Context, host: &'a Instance) -> Result<&'a Eni, Unseen> {
    let named = &context.config().host.addresses;
    let by_name = host.enis.iter().find(|eni| eni.addresses.iter().any(|address| named.contains(address)));
    by_name.or(host.enis.first()).ok_or_else(|| no_address(host))
}

fn no_address(host: &Instance) -> Unseen {
    Unseen::unreadable(format!("the network interfaces of {}", host.id), "none of them has a private IPv4 address")
}

/// The groups with these ids. A group that the API does not return cannot be judged.
fn pick<'a>(groups: &'a [SecurityGroup], ids: &[String]) -> Result<Vec<&'a SecurityGroup>, Unseen> {
    ids.iter()
        .map(|id| {
            let found = groups.iter().find(|group| group.id == *id);
            found.ok_or_else(|| {
                Unseen::unreadable(format!("security group {id}"), "it is missing from DescribeSecurityGroups")
            })
        })
        .collect()
}
