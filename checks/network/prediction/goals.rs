//! What the DSS host's packets have to be led to.

use ackcheck_core::context::Context;
use ackcheck_core::seat::cloud::{ClusterNetwork, Instance, PodNetwork};
use ackcheck_core::seat::cluster::Node;
use ackcheck_core::verdict::Unseen;
use ipnet::{IpNet, Ipv4Net};

use super::routes::{At, Goal};
use super::sources;

/// Everything that the DSS host answers to.
pub(crate) async fn of(context: &Context, host: &Instance, network: &ClusterNetwork) -> Result<Vec<Goal>, Unseen> {
    let mut goals = of_vswitches(network, host.vpc == network.vpc)?;
    if network.plugin == PodNetwork::Flannel {
        if host.vpc != network.vpc {
            let why = "which of the cluster's route tables the connection between the VPCs uses is not known";
            return Err(Unseen::unreadable("the routes to the pods of another VPC", why));
        }
        goals.extend(of_flannel(network, &context.cluster()?.nodes().await?)?);
    }
    Ok(goals)
}

/// The name of a node's pods, as a goal and as a sender.
pub(super) fn pods_of(node: &str) -> String {
    format!("pods of node {node}")
}

/// Nodes that are on a vSwitch, and Terway's pods: within the host's VPC, or in another.
fn of_vswitches(network: &ClusterNetwork, within: bool) -> Result<Vec<Goal>, Unseen> {
    let at = if within { At::Local } else { At::Away };
    let on_a_vswitch = |source: &sources::Source| match source.pods {
        true => network.plugin == PodNetwork::Terway,
        false => source.vswitches.iter().any(|vswitch| !vswitch.is_empty()),
    };
    let all = sources::of(network)?.into_iter().filter(on_a_vswitch);
    let mut goals: Vec<Goal> = Vec::new();
    for source in all {
        let goal = Goal { what: source.what, range: source.range, at: at.clone() };
        if !goals.contains(&goal) {
            goals.push(goal);
        }
    }
    Ok(goals)
}

/// Flannel: each node's pod range, which the Kubernetes API has.
fn of_flannel(network: &ClusterNetwork, nodes: &[Node]) -> Result<Vec<Goal>, Unseen> {
    let mut goals = Vec::new();
    // A virtual node has no instance, and gives its pods addresses of a vSwitch.
    for node in nodes.iter().filter(|node| !instance(node).is_empty()) {
        let fourth = node.pod_ranges.iter().filter_map(|range| match range {
            IpNet::V4(range) => Some(*range),
            IpNet::V6(_) => None,
        });
        let ranges: Vec<Ipv4Net> = fourth.collect();
        if ranges.is_empty() {
            let what = format!("the pod range of node {}", node.name);
            return Err(Unseen::unreadable(what, "the Kubernetes API has no podCIDR of IPv4 for it"));
        }
        let own = network.nodes.iter().find(|(name, _)| *name == node.name);
        let interface = own.map(|(_, eni)| eni.id.clone()).unwrap_or_default();
        let at = At::Node { instance: instance(node).to_owned(), interface };
        let goal = |range| Goal { what: pods_of(&node.name), range, at: at.clone() };
        goals.extend(ranges.into_iter().map(goal));
    }
    if goals.is_empty() {
        return Err(Unseen::unreadable("the pod ranges of the nodes", "no node of the cluster is an ECS instance"));
    }
    Ok(goals)
}

/// The ECS instance that a node is: `cn-hangzhou.i-bp1…` or `alicloud://cn-hangzhou.i-bp1…`; empty where it is none.
fn instance(node: &Node) -> &str {
    let last = node.provider_id.rsplit('.').next().unwrap_or_default();
    if last.starts_with("i-") { last } else { "" }
}
