//! What the cloud's rules say of packets from nodes and pods to the DSS host, for every TCP port at once.
//!
//! Checks about one kind of rule use its part: [`rules`] for security groups. Who needs the whole asks once, and then for
//! each node and address of the DSS host:
//!
//! ```ignore
//! let answers = match prediction::ask(cloud).await? {
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
//! names in its `uses` the operations of the cloud seat that [`ask`] calls.

use std::net::{IpAddr, Ipv4Addr};

use ackcheck_core::seat::Cloud;
use ackcheck_core::seat::cloud::{ClusterNetwork, Eni, HostInstance, Instance, PodNetwork, SecurityGroup};
use ackcheck_core::verdict::Unseen;

mod closings;
pub(crate) mod rules;
pub(crate) mod sources;
pub(crate) mod ways;
pub(crate) mod words;

use closings::{Layer, first_links, of_any_sender};
pub(crate) use closings::{Link, Predicted};
use rules::{Direction, Other, Taken, blocked};
use sources::Source;

/// What the account answered of the DSS host, the cluster and the rules between them.
#[derive(Debug, Clone)]
pub(crate) struct Answers {
    pub(crate) host: Instance,
    pub(crate) network: ClusterNetwork,
    pub(crate) groups: Vec<SecurityGroup>,
}

/// What came of asking.
#[derive(Debug, Clone)]
#[expect(dead_code, reason = "prediction-agrees is what asks")]
pub(crate) enum Asked {
    Answered(Box<Answers>),
    /// The DSS host is not an ECS instance: the cloud has no rules for it.
    NotEcs(String),
}

/// Asks for all that a prediction takes.
#[expect(dead_code, reason = "prediction-agrees is what asks")]
pub(crate) async fn ask(cloud: &dyn Cloud) -> Result<Asked, Unseen> {
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
    Ok(Asked::Answered(Box::new(Answers { host, network, groups })))
}

impl Answers {
    /// What the rules say of packets from the pods of a node to an address of the DSS host.
    #[expect(dead_code, reason = "prediction-agrees is what asks")]
    pub(crate) fn of_node(&self, node: &str, to: IpAddr) -> Result<Predicted, Unseen> {
        let (target, to) = self.target(to)?;
        let senders = sources::of_pods_on(&self.network, node)?;
        let told = senders.iter().map(|sender| Ok(first_links(&self.layers(sender, target, to)?)));
        Ok(of_any_sender(told.collect::<Result<Vec<_>, Unseen>>()?))
    }

    /// The interface of the DSS host that has this address.
    fn target(&self, to: IpAddr) -> Result<(&Eni, Ipv4Addr), Unseen> {
        let unreadable = |why: &str| Unseen::unreadable(format!("the rules for packets to {to}"), why);
        let address = sources::fourth(to).ok_or_else(|| unreadable("only IPv4 is predicted"))?;
        let target = self.host.enis.iter().find(|eni| eni.addresses.contains(&to));
        let why = format!("no network interface of {} has this address", self.host.id);
        Ok((target.ok_or_else(|| unreadable(&why))?, address))
    }

    /// What each link closes for one sender.
    fn layers(&self, sender: &Source, target: &Eni, to: Ipv4Addr) -> Result<Vec<Layer>, Unseen> {
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
