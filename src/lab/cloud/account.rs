//! The account as the world has it: what the services answer from.

use std::net::IpAddr;

use anyhow::Context as _;
use ipnet::IpNet;

use super::section::{
    Deployment, Group, Key, Metadata, NodeEntry, PortList, PrefixList, RouteEntry, RouteTable, Section, Throttled,
    VSwitch, Vpc,
};
use crate::policy::Policy;
use crate::world::World;

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

/// A network interface.
#[derive(Debug, Clone)]
pub(super) struct Interface {
    pub id: String,
    /// `Primary` or `Secondary`.
    pub kind: &'static str,
    pub instance: String,
    pub region: String,
    pub vpc: String,
    pub vswitch: String,
    pub addresses: Vec<IpAddr>,
    pub groups: Vec<String>,
}

/// The ACK cluster.
#[derive(Debug, Clone)]
pub(super) struct Cluster {
    pub id: String,
    pub name: String,
    pub region: String,
    pub vpc: String,
    pub vswitches: Vec<String>,
    pub group: String,
    pub version: String,
    pub flannel: bool,
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
    /// Its policies; everything is allowed where there are none.
    pub policies: Option<Vec<Policy>>,
    pub inactive_keys: Vec<String>,
    pub throttled: Vec<Throttled>,
    pub key: Key,
    pub metadata: Metadata,
    /// The DSS host's instance id, where it is one.
    pub host: Option<String>,
    pub instances: Vec<Instance>,
    pub interfaces: Vec<Interface>,
    pub vpcs: Vec<Vpc>,
    pub vswitches: Vec<VSwitch>,
    pub route_tables: Vec<RouteTable>,
    pub groups: Vec<Group>,
    pub prefix_lists: Vec<PrefixList>,
    pub port_lists: Vec<PortList>,
    pub cluster: Cluster,
}

impl Account {
    /// Reads the world.
    pub(super) fn of(world: &World) -> anyhow::Result<Account> {
        let section: Section = world.at("/cloud")?;
        let deployment: Deployment = world.at("/deployment")?;
        let flannel = match deployment.pod_network.as_str() {
            "flannel" => true,
            "terway" => false,
            other => anyhow::bail!("/deployment/pod_network is {other}, neither terway nor flannel"),
        };
        let cluster = Cluster {
            id: deployment.cluster.id.clone(),
            name: deployment.cluster.name.clone(),
            region: deployment.region.clone(),
            vpc: deployment.vpc.id.clone(),
            vswitches: vswitches_of(&deployment.nodes),
            group: deployment.cluster.security_groups.first().cloned().unwrap_or_default(),
            version: section.cluster.version.clone(),
            flannel,
            container_range: section.cluster.container_range,
            service_range: section.cluster.service_range,
            public_server: section.cluster.public_server.clone(),
            private_server: section.cluster.private_server.clone(),
            nodes: deployment.nodes.iter().map(|n| (n.instance.clone(), n.name.clone(), n.address)).collect(),
        };
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
            groups: section.security_groups,
            prefix_lists: section.prefix_lists,
            port_lists: section.port_lists,
            cluster,
        };
        if section.host_is_ecs {
            let host = &deployment.host;
            let host_name = if host.short_name.is_empty() { &host.name } else { &host.short_name };
            account.add_instance(&host.instance, host_name, &host.vswitch, &host.security_groups)?;
            let addresses = host.addresses.clone();
            account.add_interface(
                &host.eni,
                "Primary",
                &host.instance,
                &host.vswitch,
                addresses,
                &host.security_groups,
            )?;
        }
        let groups = &deployment.cluster.security_groups;
        for node in &deployment.nodes {
            account.add_instance(&node.instance, &node.name, &node.vswitch, groups)?;
            account.add_interface(&node.eni, "Primary", &node.instance, &node.vswitch, vec![node.address], groups)?;
            if flannel {
                account.route_pods(node)?;
                continue;
            }
            let pods = section.cluster.pod_vswitches.iter().find(|pods| pods.zone == node.zone);
            let pods = pods.with_context(|| format!("/cloud/cluster/pod_vswitches has none in {}", node.zone))?;
            let eni = node.eni.replacen("labnode", "labpods", 1);
            let addresses = vec![node.pod_address];
            account.add_interface(&eni, "Secondary", &node.instance, &pods.vswitch, addresses, groups)?;
        }
        Ok(account)
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
            None => self.route_tables.iter().find(|table| table.vpc == vswitch.vpc && table.kind == "System"),
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
        kind: &'static str,
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
    fn route_pods(&mut self, node: &NodeEntry) -> anyhow::Result<()> {
        let vpc = self.cluster.vpc.clone();
        let table = self.route_tables.iter_mut().find(|table| table.vpc == vpc && table.kind == "System");
        let entry = RouteEntry { range: node.pod_range, hop: "Instance".to_owned(), to: node.instance.clone() };
        table.with_context(|| format!("no system route table of {vpc} in /cloud"))?.entries.push(entry);
        Ok(())
    }
}

fn vswitches_of(nodes: &[NodeEntry]) -> Vec<String> {
    let mut vswitches: Vec<String> = Vec::new();
    for node in nodes {
        if !vswitches.contains(&node.vswitch) {
            vswitches.push(node.vswitch.clone());
        }
    }
    vswitches
}
