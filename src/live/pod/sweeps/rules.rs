//! Whose packets are judged by the same rules, as the cloud tells it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::sample::edges_of;
use crate::cloud::{self, Account};
use ackcheck_core::evidence::Journal;
use ackcheck_core::seat::cloud::{AclEntry, HostInstance};
use ackcheck_core::seat::{Cloud, Seen};

/// What the cloud tells of nodes.
#[derive(Debug, Default)]
pub(super) struct Rules {
    /// By node, in words that are the same for those whose packets are judged by the same rules.
    of_nodes: BTreeMap<String, String>,
    /// Ports at which some rule begins or ends.
    pub(super) edges: BTreeSet<u16>,
}

impl Rules {
    /// As the account shows them. Where it does not, all nodes are alike, and their answers alone tell them apart.
    pub(super) async fn read(account: Option<&Arc<Account>>, journal: &Journal) -> Rules {
        match account {
            Some(account) => of(account, journal).await.unwrap_or_default(),
            None => Rules::default(),
        }
    }

    /// Nodes by the rules that judge their packets.
    pub(super) fn sort(&self, nodes: &[String]) -> BTreeMap<String, Vec<String>> {
        let mut by_rules: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for node in nodes {
            let rules = self.of_nodes.get(node).cloned().unwrap_or_default();
            by_rules.entry(rules).or_default().push(node.clone());
        }
        by_rules
    }
}

/// A node's vSwitch stands for its route table, its network ACL and the vSwitch of its pods, which follows from its zone;
/// the groups of pods' interfaces are the cluster's. Edges are those of every rule of every group and ACL on the way, since
/// a rule can be for some addresses of a vSwitch alone: the edges of what the rules let through are among them.
async fn of(account: &Arc<Account>, journal: &Journal) -> Seen<Rules> {
    let cloud = cloud::open(account, journal.clone())?;
    let network = cloud.cluster_network().await?;
    let mut groups: BTreeSet<String> = BTreeSet::new();
    let mut vswitches: BTreeSet<String> = BTreeSet::new();
    let mut of_nodes = BTreeMap::new();
    for (node, eni) in &network.nodes {
        let mut own = eni.security_groups.clone();
        own.sort();
        of_nodes.insert(node.clone(), format!("{} {}", eni.vswitch, own.join(" ")));
        vswitches.insert(eni.vswitch.clone());
        groups.extend(own);
    }
    for pods in &network.pods {
        groups.extend(pods.security_groups.iter().cloned());
        vswitches.extend(pods.vswitches.iter().cloned());
    }
    let mut acls = acls(&*cloud, &network.vpc, vswitches).await;
    if let Ok(HostInstance::Ecs(host)) = cloud.host_instance().await {
        let of_host = host.enis.iter().map(|eni| eni.vswitch.clone()).collect();
        acls.extend(self::acls(&*cloud, &host.vpc, of_host).await);
        groups.extend(host.enis.into_iter().flat_map(|eni| eni.security_groups));
    }
    let groups: Vec<String> = groups.into_iter().collect();
    let groups = cloud.security_groups(&groups).await.unwrap_or_default();
    let of_groups = groups.iter().flat_map(|group| &group.rules).flat_map(|rule| rule.ports.iter().copied());
    let edges = edges_of(of_groups.chain(acls.iter().map(|entry| entry.ports)));
    Ok(Rules { of_nodes, edges })
}

/// The entries of the ACLs of these vSwitches that are for new connections; none where the account does not show them.
async fn acls(cloud: &dyn Cloud, vpc: &str, vswitches: BTreeSet<String>) -> Vec<AclEntry> {
    let vswitches: Vec<String> = vswitches.into_iter().filter(|id| !id.is_empty()).collect();
    let acls = cloud.network_acls(vpc, &vswitches).await.unwrap_or_default();
    acls.into_iter().filter_map(|of| of.acl).flat_map(|acl| acl.ingress.into_iter().chain(acl.egress)).collect()
}
