//! The account as the world has it: what the services answer from.

use std::net::IpAddr;

use anyhow::Context as _;
use ipnet::IpNet;
use serde::Deserialize;
use serde_json::Value;

use crate::lab::world::World;

/// `/cloud` of the world.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    #[serde(rename = "comment")]
    _comment: String,
    page_size: usize,
    host_is_ecs: bool,
    denied: Vec<String>,
    inactive_keys: Vec<String>,
    throttled: Vec<Throttled>,
    metadata: Metadata,
    vpcs: Vec<Vpc>,
    vswitches: Vec<VSwitch>,
    route_tables: Vec<RouteTable>,
    security_groups: Vec<Group>,
    prefix_lists: Vec<PrefixList>,
    port_lists: Vec<PortList>,
    cluster: ClusterSection,
}

/// An action that is throttled for its first calls.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Throttled {
    /// `ecs:DescribeSecurityGroups`.
    pub action: String,
    /// How many calls are refused before one is answered.
    pub times: u32,
    /// What `x-acs-retry-after` says, in milliseconds.
    pub retry_after: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// Hardened mode: nothing without a token.
    pub token_required: bool,
    pub role: Option<Role>,
}

/// The instance's RAM role and its temporary key.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    pub name: String,
    pub key_id: String,
    pub secret: String,
    pub token: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vpc {
    pub id: String,
    pub name: String,
    pub region: String,
    pub range: IpNet,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VSwitch {
    pub id: String,
    pub vpc: String,
    pub zone: String,
    pub range: IpNet,
    /// A custom route table; the VPC's system table where there is none.
    pub route_table: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteTable {
    pub id: String,
    pub vpc: String,
    /// `System` or `Custom`.
    pub kind: String,
    pub entries: Vec<RouteEntry>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteEntry {
    pub range: IpNet,
    /// `NextHopType`: `Instance`, `Attachment`, `NatGateway`, …
    pub hop: String,
    pub to: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    pub id: String,
    pub name: String,
    pub vpc: String,
    /// `normal` or `enterprise`.
    pub kind: String,
    /// `Accept` or `Drop`.
    pub inner_access: String,
    pub rules: Vec<Rule>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub id: String,
    pub direction: String,
    pub protocol: String,
    #[serde(default)]
    pub ports: String,
    pub policy: String,
    /// A string as documented, or a number as some clients have seen it.
    pub priority: Value,
    #[serde(default)]
    pub range: String,
    #[serde(default)]
    pub ipv6_range: String,
    #[serde(default)]
    pub group: String,
    #[serde(default)]
    pub prefix_list: String,
    #[serde(default)]
    pub port_list: String,
    #[serde(default)]
    pub source_ports: String,
    /// The range of the side that the group's members are on.
    #[serde(default)]
    pub own_range: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrefixList {
    pub id: String,
    pub name: String,
    pub ranges: Vec<IpNet>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortList {
    pub id: String,
    pub name: String,
    pub ports: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClusterSection {
    version: String,
    container_range: IpNet,
    service_range: IpNet,
    public_server: String,
    private_server: String,
    pod_vswitches: Vec<PodVSwitch>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct PodVSwitch {
    zone: String,
    vswitch: String,
}

/// `/deployment`, as far as the account is concerned.
#[derive(Debug, Clone, Deserialize)]
struct Deployment {
    region: String,
    account_id: String,
    vpc: VpcId,
    pod_network: String,
    host: HostEntry,
    cluster: ClusterEntry,
    nodes: Vec<NodeEntry>,
    cloud_key: Key,
}

#[derive(Debug, Clone, Deserialize)]
struct VpcId {
    id: String,
}

#[derive(Debug, Clone, Deserialize)]
struct HostEntry {
    name: String,
    short_name: String,
    addresses: Vec<IpAddr>,
    instance: String,
    eni: String,
    vswitch: String,
    security_groups: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct ClusterEntry {
    id: String,
    name: String,
    security_groups: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct NodeEntry {
    name: String,
    address: IpAddr,
    zone: String,
    instance: String,
    eni: String,
    vswitch: String,
    pod_range: IpNet,
    pod_address: IpAddr,
}

/// An access key.
#[derive(Debug, Clone, Deserialize)]
pub struct Key {
    pub id: String,
    pub secret: String,
}

/// An ECS instance.
#[derive(Debug, Clone)]
pub struct Instance {
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
pub struct Interface {
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
pub struct Cluster {
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
pub struct Account {
    pub id: String,
    pub page_size: usize,
    pub denied: Vec<String>,
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
    pub fn of(world: &World) -> anyhow::Result<Account> {
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
    pub fn vswitch(&self, id: &str) -> anyhow::Result<&VSwitch> {
        self.vswitches.iter().find(|vswitch| vswitch.id == id).with_context(|| format!("no vSwitch {id} in /cloud"))
    }

    /// A VPC by id.
    pub fn vpc(&self, id: &str) -> anyhow::Result<&Vpc> {
        self.vpcs.iter().find(|vpc| vpc.id == id).with_context(|| format!("no VPC {id} in /cloud"))
    }

    /// The route table of a vSwitch: its own, or its VPC's system table.
    pub fn table_of(&self, vswitch: &VSwitch) -> Option<&RouteTable> {
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
