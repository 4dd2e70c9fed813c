//! The account as the world has it: what the services answer from.

use std::net::IpAddr;

use ackcheck_core::seat::cloud::PodNetwork;
use anyhow::Context as _;
use ipnet::IpNet;
use serde::Serialize;

use super::world::{
    CloudWorld, ClusterWorld, Group, MetadataWorld, NetworkAcl, NextHop, PortList, PrefixList, RouteEntry, RouteTable,
    TableKind, Throttled, VSwitch, Vpc,
};
use crate::policy::Policy;
use crate::world::{AccessKey, Deployment, DssHost, Node, World};

/// An ECS instance.
#[derive(Debug, Clone)]
pub(super) struct Instance {
    pub id: String,
    pub host_name: String,
    pub region: String,
    pub zone: String,
    pub vpc: String,
    pub vswitch: String,
    pub groups: Vec<String>,
}

/// What an interface is to its instance (`Type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum InterfaceKind {
    Primary,
    Secondary,
}

impl InterfaceKind {
    /// As the API writes it.
    pub(super) fn name(self) -> &'static str {
        match self {
            InterfaceKind::Primary => "Primary",
            InterfaceKind::Secondary => "Secondary",
        }
    }
}

/// A network interface.
#[derive(Debug, Clone)]
pub(super) struct Interface {
    pub id: String,
    pub kind: InterfaceKind,
    pub instance: String,
    pub region: String,
    pub vpc: String,
    pub vswitch: String,
    pub addresses: Vec<IpAddr>,
    pub groups: Vec<String>,
}

/// The ACK cluster.
#[derive(Debug, Clone)]
pub(super) struct ClusterDetail {
    pub id: String,
    pub name: String,
    pub region: String,
    pub vpc: String,
    pub vswitches: Vec<String>,
    pub group: String,
    pub version: String,
    pub pod_network: PodNetwork,
    pub container_range: IpNet,
    pub service_range: IpNet,
    pub public_server: String,
    pub private_server: String,
    /// Instance id, node name, address.
    pub nodes: Vec<(String, String, IpAddr)>,
}

/// Everything of the account.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub id: String,
    pub page_size: usize,
    pub denied: Vec<String>,
    /// Its policies; everything is allowed if there are none.
    pub policies: Option<Vec<Policy>>,
    pub inactive_keys: Vec<String>,
    pub throttled: Vec<Throttled>,
    pub key: AccessKey,
    pub metadata: MetadataWorld,
    /// The DSS host's instance id, where it is one.
    pub host: Option<String>,
    pub instances: Vec<Instance>,
    pub interfaces: Vec<Interface>,
    pub vpcs: Vec<Vpc>,
    pub vswitches: Vec<VSwitch>,
    pub route_tables: Vec<RouteTable>,
    pub network_acls: Vec<NetworkAcl>,
    pub groups: Vec<Group>,
    pub prefix_lists: Vec<PrefixList>,
    pub port_lists: Vec<PortList>,
    pub cluster: ClusterDetail,
}

impl Account {
    /// Reads the world.
    pub(super) fn of(world: &World) -> anyhow::Result<Account> {
        let section: CloudWorld = world.section()?;
        let deployment: Deployment = world.deployment()?;
        let cluster = cluster_of(&deployment, &section.cluster);
        let mut account = Account {
            id: deployment.account_id.clone(),
            page_size: section.page_size.max(1),
            denied: section.denied,
            policies: section.policies,
            inactive_keys: section.inactive_keys,
            throttled: section.throttled,
            key: deployment.cloud_key.clone(),
            metadata: section.metadata,
            host: section.host_is_ecs.then(|| deployment.host.instance.clone()),
            instances: Vec::new(),
            interfaces: Vec::new(),
            vpcs: section.vpcs,
            vswitches: section.vswitches,
            route_tables: section.route_tables,
            network_acls: section.network_acls,
            groups: section.security_groups,
            prefix_lists: section.prefix_lists,
            port_lists: section.port_lists,
            cluster,
        };
        if section.host_is_ecs {
            account.add_host(&deployment.host)?;
        }
        for node in &deployment.nodes {
            account.add_node(node, &deployment.cluster.security_groups)?;
            match deployment.pod_network {
                PodNetwork::Flannel if section.cluster.unrouted.contains(&node.name) => {}
                PodNetwork::Flannel => account.route_pods(node)?,
                PodNetwork::Terway => {
                    let pods = section.cluster.pod_vswitches.iter().find(|pods| pods.zone == node.zone);
                    let missing = || format!("/cloud/cluster/pod_vswitches has none in {}", node.zone);
                    let pods = pods.with_context(missing)?;
                    account.add_pod_interface(node, &pods.vswitch, &deployment.cluster.security_groups)?;
                }
            }
        }
        Ok(account)
    }

    /// The DSS host, with its only interface.
    fn add_host(&mut self, host: &DssHost) -> anyhow::Result<()> {
        let name = if host.short_name.is_empty() { &host.name } else { &host.short_name };
        self.add_instance(&host.instance, name, &host.vswitch, &host.security_groups)?;
        let (kind, addresses) = (InterfaceKind::Primary, host.addresses.clone());
        self.add_interface(&host.eni, kind, &host.instance, &host.vswitch, addresses, &host.security_groups)
    }

    /// A node, with the interface of its own address.
    fn add_node(&mut self, node: &Node, groups: &[String]) -> anyhow::Result<()> {
        self.add_instance(&node.instance, &node.name, &node.vswitch, groups)?;
        let (kind, addresses) = (InterfaceKind::Primary, vec![IpAddr::V4(node.address)]);
        self.add_interface(&node.eni, kind, &node.instance, &node.vswitch, addresses, groups)
    }

    /// Terway: the interface of a node that carries its pods.
    fn add_pod_interface(&mut self, node: &Node, vswitch: &str, groups: &[String]) -> anyhow::Result<()> {
        let eni = node.eni.replacen("labnode", "labpods", 1);
        let (kind, addresses) = (InterfaceKind::Secondary, vec![IpAddr::V4(node.pod_address)]);
        self.add_interface(&eni, kind, &node.instance, vswitch, addresses, groups)
    }

    /// A vSwitch by id.
    pub(super) fn vswitch(&self, id: &str) -> anyhow::Result<&VSwitch> {
        self.vswitches.iter().find(|vswitch| vswitch.id == id).with_context(|| format!("no vSwitch {id} in /cloud"))
    }

    /// A VPC by id.
    pub(super) fn vpc(&self, id: &str) -> anyhow::Result<&Vpc> {
        self.vpcs.iter().find(|vpc| vpc.id == id).with_context(|| format!("no VPC {id} in /cloud"))
    }

    /// The route table of a vSwitch: its own, or its VPC's system table.
    pub(super) fn table_of(&self, vswitch: &VSwitch) -> Option<&RouteTable> {
        match &vswitch.route_table {
            Some(id) => self.route_tables.iter().find(|table| table.id == *id),
            None => self.route_tables.iter().find(|table| table.vpc == vswitch.vpc && table.kind == TableKind::System),
        }
    }

    fn add_instance(&mut self, id: &str, host_name: &str, vswitch: &str, groups: &[String]) -> anyhow::Result<()> {
        let vswitch = self.vswitch(vswitch)?.clone();
        let region = self.vpc(&vswitch.vpc)?.region.clone();
        self.instances.push(Instance {
            id: id.to_owned(),
            host_name: host_name.to_owned(),
            region,
            zone: vswitch.zone,
            vpc: vswitch.vpc,
            vswitch: vswitch.id,
            groups: groups.to_vec(),
        });
        Ok(())
    }

    fn add_interface(
        &mut self,
        id: &str,
        kind: InterfaceKind,
        instance: &str,
        vswitch: &str,
        addresses: Vec<IpAddr>,
        groups: &[String],
    ) -> anyhow::Result<()> {
        let vswitch = self.vswitch(vswitch)?.clone();
        let region = self.vpc(&vswitch.vpc)?.region.clone();
        self.interfaces.push(Interface {
            id: id.to_owned(),
            kind,
            instance: instance.to_owned(),
            region,
            vpc: vswitch.vpc,
            vswitch: vswitch.id,
            addresses,
            groups: groups.to_vec(),
        });
        Ok(())
    }

    /// Flannel: what the cloud controller writes for a node, one entry in the system table of the cluster's VPC.
    fn route_pods(&mut self, node: &Node) -> anyhow::Result<()> {
        let vpc = self.cluster.vpc.clone();
        let table = self.route_tables.iter_mut().find(|table| table.vpc == vpc && table.kind == TableKind::System);
        let (range, to) = (IpNet::V4(node.pod_range), node.instance.clone());
        let entry = RouteEntry { range, hop: NextHop::Instance, to, status: "Available".to_owned() };
        table.with_context(|| format!("no system route table of {vpc} in /cloud"))?.entries.push(entry);
        Ok(())
    }
}

fn cluster_of(deployment: &Deployment, section: &ClusterWorld) -> ClusterDetail {
    ClusterDetail {
        id: deployment.cluster.id.clone(),
        name: deployment.cluster.name.clone(),
        region: deployment.region.clone(),
        vpc: deployment.vpc.id.clone(),
        vswitches: vswitches_of(&deployment.nodes),
        group: deployment.cluster.security_groups.first().cloned().unwrap_or_default(),
        version: section.version.clone(),
        pod_network: deployment.pod_network,
        container_range: section.container_range,
        service_range: section.service_range,
        public_server: section.public_server.clone(),
        private_server: section.private_server.clone(),
        nodes: deployment.nodes.iter().map(|n| (n.instance.clone(), n.name.clone(), IpAddr::V4(n.address))).collect(),
    }
}

fn vswitches_of(nodes: &[Node]) -> Vec<String> {
    let mut vswitches: Vec<String> = Vec::new();
    for node in nodes {
        if !vswitches.contains(&node.vswitch) {
            vswitches.push(node.vswitch.clone());
        }
    }
    vswitches
}
