//! Where packets to the DSS host come from: every node, and every address range of pods.
//!
//! With Flannel both count: it is not documented whether ACK's nodes masquerade what pods send into the VPC, so the pod
//! range and the nodes' own addresses must both be allowed. IPv6 is left out: DSS gives executors an IPv4 address or a
//! name, and ACK's pods have IPv4 addresses first.

use std::net::{IpAddr, Ipv4Addr};

use ackcheck_core::seat::cloud::{ClusterNetwork, Eni, PodSource};
use ackcheck_core::verdict::Unseen;
use ipnet::{IpNet, Ipv4Net};

/// One source.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// `node cn-hangzhou.10.0.1.11 (10.0.1.11)`.
    pub what: String,
    pub range: Ipv4Net,
    /// The range to allow: the node's vSwitch, so that the next node is allowed as well.
    pub to_admit: Ipv4Net,
    /// The vSwitches that its packets come out of: empty texts for a node that is not on one.
    pub vswitches: Vec<String>,
    /// The groups of the network interface with these addresses; empty if there is none.
    pub groups: Vec<String>,
    pub pods: bool,
}

/// Every source of a cluster. Without nodes or without pods, nothing can be judged.
pub(crate) fn of(network: &ClusterNetwork) -> Result<Vec<Source>, Unseen> {
    let mut sources = Vec::new();
    for (name, eni) in &network.nodes {
        let address = address(eni).ok_or_else(|| {
            Unseen::unreadable(format!("the network interface {} of node {name}", eni.id), "it has no IPv4 address")
        })?;
        let to_admit = match eni.vswitch_range {
            Some(IpNet::V4(range)) if range.contains(&address) => range,
            _ => address.into(),
        };
        let what = format!("node {name} ({address})");
        sources.push(Source {
            what,
            range: address.into(),
            to_admit,
            vswitches: vec![eni.vswitch.clone()],
            groups: eni.security_groups.clone(),
            pods: false,
        });
    }
    if sources.is_empty() {
        return Err(Unseen::unreadable(format!("the nodes of cluster {}", network.id), "the cluster has none"));
    }
    let nodes = sources.len();
    for pods in &network.pods {
        let IpNet::V4(range) = pods.range else { continue };
        let what = format!("pods of {} ({range})", pods.what);
        let (vswitches, groups) = (pods.vswitches.clone(), pods.security_groups.clone());
        sources.push(Source { what, range, to_admit: range, vswitches, groups, pods: true });
    }
    if sources.len() == nodes {
        return Err(Unseen::unreadable(format!("the pods of cluster {}", network.id), "their IPv4 range is not known"));
    }
    Ok(sources)
}

/// Where the packets of a node's pods come from: one of these.
pub(crate) fn of_pods_on(network: &ClusterNetwork, node: &str) -> Result<Vec<Source>, Unseen> {
    let unknown = |why: &str| Unseen::unreadable(format!("where pods of node {node} send from"), why);
    let own = network.nodes.iter().find(|(name, _)| name == node);
    let own = own.ok_or_else(|| unknown("the cluster has no such node by DescribeClusterNodes"))?;
    let here = network.pods.iter().filter(|pods| pods.nodes.iter().any(|name| name == node));
    let pods: Vec<PodSource> = here.map(|pods| PodSource { nodes: Vec::new(), ..pods.clone() }).collect();
    if pods.is_empty() {
        return Err(unknown("it has no network interface for pods yet"));
    }
    // Of this node alone: a large cluster has thousands, each of which asks.
    let alone = ClusterNetwork { nodes: vec![own.clone()], pods, ..of_no_node(network) };
    let masqueraded = super::perhaps_masqueraded(network.plugin);
    let (mut pods, nodes): (Vec<Source>, Vec<Source>) = of(&alone)?.into_iter().partition(|source| source.pods);
    if let (true, Some(node)) = (masqueraded, nodes.first()) {
        // Pods of Flannel leave through their node.
        pods.iter_mut().for_each(|pods| pods.vswitches.clone_from(&node.vswitches));
    }
    Ok(pods.into_iter().chain(nodes.into_iter().filter(|_| masqueraded)).collect())
}

/// What is the same for every node.
fn of_no_node(network: &ClusterNetwork) -> ClusterNetwork {
    ClusterNetwork {
        id: network.id.clone(),
        name: network.name.clone(),
        region: network.region.clone(),
        vpc: network.vpc.clone(),
        plugin: network.plugin,
        nodes: Vec::new(),
        pods: Vec::new(),
    }
}

/// The first IPv4 address of an interface.
pub(crate) fn address(eni: &Eni) -> Option<Ipv4Addr> {
    eni.addresses.iter().find_map(|address| fourth(*address))
}

pub(crate) fn fourth(address: IpAddr) -> Option<Ipv4Addr> {
    match address {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    }
}
