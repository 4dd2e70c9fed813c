//! What the cloud's rules say of packets from nodes and pods to the DSS host, for every TCP port at once.
//!
//! Checks about one kind of rule use its part: [`rules`] for security groups, [`acl`] for network ACLs, [`routes`] for
//! route tables. Who needs the whole asks once, and then for
//! each node and address of the DSS host:
//!
//! ```text
//! let answers = match prediction::ask(context, cloud).await? {
//!     Asked::Answered(answers) => answers,
//!     Asked::NotEcs(why) => …,                      // the DSS host is not an ECS instance: nothing is predicted
//! };
//! let predicted = answers.of_node("cn-hangzhou.10.0.1.11", address)?;
//! predicted.closed;                                 // Vec<Closing>: ports, the first link that closes them, why
//! predicted.uncertain;                              // the same for what is perhaps closed; all other ports are open
//! ```
//!
//! Both lists are in the order of ports, and no port is in more than one entry. It is about what pods on that node send:
//! of Terway from the vSwitches of the node's interfaces for pods, of Flannel from the pod range or, masqueraded, from
//! the node's own address, and only what is closed from both is surely closed. A check that asks
//! names in its `uses` the operations of the cloud seat that [`ask`] calls, and `cluster::LIST_NODES`.

use std::net::{IpAddr, Ipv4Addr};

use ackcheck_core::context::Context;
use ackcheck_core::seat::Cloud;
use ackcheck_core::seat::cloud::{
    ClusterNetwork, Eni, HostInstance, Instance, PodNetwork, RouteTable, SecurityGroup, VSwitchAcl,
};
use ackcheck_core::verdict::Unseen;
use ipnet::Ipv4Net;

pub(crate) mod acl;
mod closings;
pub(crate) mod goals;
mod intervals;
pub(crate) mod routes;
pub(crate) mod rules;
pub(crate) mod sources;
pub(crate) mod ways;
pub(crate) mod words;

use acl::Towards;
pub(crate) use closings::{Closing, Link, Predicted};
use closings::{Layer, first_links, of_any_sender};
use routes::Goal;
use rules::{Direction, Other, Taken, blocked};
use sources::Source;

/// What the account answered of the DSS host, the cluster and the rules between them.
#[derive(Debug, Clone)]
pub(crate) struct Answers {
    pub(crate) host: Instance,
    pub(crate) network: ClusterNetwork,
    groups: Vec<SecurityGroup>,
    acls: Vec<VSwitchAcl>,
    /// Of each vSwitch of the DSS host.
    tables: Vec<(String, RouteTable)>,
    goals: Vec<Goal>,
}

/// What came of asking.
#[derive(Debug, Clone)]
pub(crate) enum Asked {
    Answered(Box<Answers>),
    /// The DSS host is not an ECS instance: the cloud has no rules for it.
    NotEcs(String),
}

/// Asks for all that a prediction takes.
pub(crate) async fn ask(context: &Context, cloud: &dyn Cloud) -> Result<Asked, Unseen> {
    let host = match cloud.host_instance().await? {
        HostInstance::Ecs(instance) => instance,
        HostInstance::NotEcs { why } => return Ok(Asked::NotEcs(why)),
    };
    let network = cloud.cluster_network().await?;
    let of_host = host.enis.iter().flat_map(|eni| &eni.security_groups);
    let of_nodes = network.nodes.iter().flat_map(|(_, eni)| &eni.security_groups);
    let of_pods = network.pods.iter().flat_map(|pods| &pods.security_groups);
    let mut ids: Vec<String> = of_host.chain(of_nodes).chain(of_pods).cloned().collect();
    ids.sort();
    ids.dedup();
    let groups = cloud.security_groups(&ids).await?;
    let mut of_host: Vec<String> = host.enis.iter().map(|eni| eni.vswitch.clone()).collect();
    of_host.sort();
    of_host.dedup();
    let mut acls = cloud.network_acls(&host.vpc, &of_host).await?;
    let mut of_cluster = acl::vswitches(&sources::of(&network)?);
    of_cluster.retain(|id| !of_host.contains(id));
    acls.extend(cloud.network_acls(&network.vpc, &of_cluster).await?);
    let mut tables = Vec::new();
    for vswitch in of_host {
        let table = cloud.route_table(&host.vpc, &vswitch).await?;
        tables.push((vswitch, table));
    }
    let goals = goals::of(context, &host, &network).await?;
    Ok(Asked::Answered(Box::new(Answers { host, network, groups, acls, tables, goals })))
}

impl Answers {
    /// What the rules say of packets from the pods of a node to an address of the DSS host, and of the answers.
    pub(crate) fn of_node(&self, node: &str, to: IpAddr) -> Result<Predicted, Unseen> {
        let (target, to) = self.target(to)?;
        let told = self.sources(node)?.into_iter().map(|sender| {
            let mut layers = self.by_routes(&sender, target)?;
            layers.extend(self.by_acls(&sender, Towards { address: to, vswitch: &target.vswitch })?);
            layers.extend(self.by_groups(&sender, target, to)?);
            Ok(first_links(&layers))
        });
        Ok(of_any_sender(told.collect::<Result<Vec<_>, Unseen>>()?))
    }

    /// As what the packets of a node's pods may be sent: Flannel's pods with the node's own range.
    fn sources(&self, node: &str) -> Result<Vec<Source>, Unseen> {
        let all = sources::of_pods_on(&self.network, node)?;
        let what = goals::pods_of(node);
        let own: Vec<&Goal> = self.goals.iter().filter(|goal| goal.what == what).collect();
        let narrowed = |sender: Source| match sender.pods && !own.is_empty() {
            true => own.iter().map(|goal| Source { what: what.clone(), range: goal.range, ..sender.clone() }).collect(),
            false => vec![sender],
        };
        Ok(all.into_iter().flat_map(narrowed).collect())
    }

    /// The addresses that packets of a node's pods can come from.
    pub(crate) fn senders(&self, node: &str) -> Result<Vec<Ipv4Net>, Unseen> {
        Ok(self.sources(node)?.into_iter().map(|sender| sender.range).collect())
    }

    /// The interface of the DSS host that has this address.
    fn target(&self, to: IpAddr) -> Result<(&Eni, Ipv4Addr), Unseen> {
        let unreadable = |why: &str| Unseen::unreadable(format!("the rules for packets to {to}"), why);
        let address = sources::fourth(to).ok_or_else(|| unreadable("only IPv4 is predicted"))?;
        let target = self.host.enis.iter().find(|eni| eni.addresses.contains(&to));
        let why = format!("no network interface of {} has this address", self.host.id);
        Ok((target.ok_or_else(|| unreadable(&why))?, address))
    }

    /// Answers that are led astray are lost from every port.
    fn by_routes(&self, sender: &Source, target: &Eni) -> Result<Vec<Layer>, Unseen> {
        let table = self.tables.iter().find(|(vswitch, _)| *vswitch == target.vswitch);
        let unknown = || Unseen::unreadable(format!("the route table of {}", target.vswitch), "it was not asked for");
        let (_, table) = table.ok_or_else(unknown)?;
        let goals = self.goals.iter().filter(|goal| goal.range == sender.range);
        Ok(goals.flat_map(|goal| closings::of_routes(goal, &routes::astray(table, goal), table)).collect())
    }

    fn by_acls(&self, sender: &Source, towards: Towards<'_>) -> Result<Vec<Layer>, Unseen> {
        let mut layers = Vec::new();
        for taken in [Taken::ForOpen, Taken::ForClosed] {
            let dropped = acl::droppings(sender, towards, &self.acls, taken)?;
            layers.extend(closings::of_acls(&dropped, sender.range, taken));
        }
        Ok(layers)
    }

    fn by_groups(&self, sender: &Source, target: &Eni, to: Ipv4Addr) -> Result<Vec<Layer>, Unseen> {
        let guarding = ways::pick(&self.groups, &target.security_groups)?;
        let own = ways::pick(&self.groups, &sender.groups)?;
        let mut layers = Vec::new();
        for taken in [Taken::ForOpen, Taken::ForClosed] {
            if !own.is_empty() {
                let towards = Other { range: to.into(), groups: &target.security_groups };
                let out = blocked(Direction::Egress, (&own, sender.range), towards, taken);
                layers.extend(closings::of_groups(Link::SenderGroups, (sender.range, to.into()), &out, &own, taken));
            }
            let from = Other { range: sender.range, groups: &sender.groups };
            let back = blocked(Direction::Ingress, (&guarding, to.into()), from, taken);
            layers.extend(closings::of_groups(Link::HostGroups, (to.into(), sender.range), &back, &guarding, taken));
        }
        Ok(layers)
    }
}

/// Whether pods' packets can have their node's own address: of Flannel it is not documented whether nodes masquerade
/// what pods send into the VPC.
fn perhaps_masqueraded(plugin: PodNetwork) -> bool {
    plugin == PodNetwork::Flannel
}

#[cfg(test)]
#[path = "prediction/scale_tests.rs"]
mod scale;

#[cfg(test)]
#[path = "prediction/worlds_tests.rs"]
mod worlds;
