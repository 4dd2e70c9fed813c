//! Alibaba's OpenAPI and the ECS metadata.

use std::net::IpAddr;

use async_trait::async_trait;
use ipnet::IpNet;

use super::operation::{Need, Operation, Part, When, Without};
use super::{Ports, Seen};
use crate::place::Vantage;
use crate::right::Right;

mod acl;
mod routes;

pub use acl::{AclEntry, NetworkAcl, VSwitchAcl};
pub use routes::{Hop, Route, RouteTable};

/// The DSS host as the cloud knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostInstance {
    /// An ECS instance.
    Ecs(Instance),
    /// No metadata service answers and no instance has its address: not an ECS machine.
    NotEcs { why: String },
}

/// An ECS instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    pub id: String,
    pub region: String,
    pub vpc: String,
    /// The primary one first.
    pub enis: Vec<Eni>,
}

/// An elastic network interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Eni {
    pub id: String,
    pub vswitch: String,
    /// The range of its vSwitch, where it was looked up.
    pub vswitch_range: Option<IpNet>,
    /// Its private addresses, the primary first.
    pub addresses: Vec<IpAddr>,
    pub security_groups: Vec<String>,
}

/// How the cluster gives pods their addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PodNetwork {
    /// Pod addresses are of a range outside the VPC, routed by node; no ENI has them.
    Flannel,
    /// Pod addresses are of a vSwitch, on ENIs.
    Terway,
}

impl PodNetwork {
    /// Every one, the usual one first.
    pub const ALL: [PodNetwork; 2] = [PodNetwork::Terway, PodNetwork::Flannel];

    /// The plug-in's name, as it is written on command lines and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            PodNetwork::Flannel => "flannel",
            PodNetwork::Terway => "terway",
        }
    }
}

impl std::str::FromStr for PodNetwork {
    type Err = String;

    /// By its name.
    fn from_str(name: &str) -> Result<PodNetwork, String> {
        let found = PodNetwork::ALL.into_iter().find(|plugin| plugin.name() == name);
        found.ok_or_else(|| format!("{name:?} is not a pod network"))
    }
}

/// The cluster's network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterNetwork {
    pub id: String,
    pub name: String,
    pub region: String,
    pub vpc: String,
    pub plugin: PodNetwork,
    /// Where pods' packets come from, one for each range and set of groups.
    pub pods: Vec<PodSource>,
    /// The nodes' primary ENIs: node name, ENI.
    pub nodes: Vec<(String, Eni)>,
}

/// Addresses that pods have.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PodSource {
    /// What it is, in words: `the pod vSwitch vsw-…`, `the cluster's pod range`.
    pub what: String,
    pub range: IpNet,
    /// The vSwitches that their packets come out of.
    pub vswitches: Vec<String>,
    /// Terway: the groups of the ENIs that carry them. Empty for Flannel, whose pod addresses are on no ENI.
    pub security_groups: Vec<String>,
    /// The names of the nodes whose pods have them.
    pub nodes: Vec<String>,
}

/// The kind of a security group; its defaults differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupKind {
    /// Basic (`normal`): egress is open unless dropped; members reach each other unless isolated.
    Basic,
    /// Advanced (`enterprise`): egress is closed unless accepted; no intra-group reachability.
    Advanced,
}

/// The peer of a security-group rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peer {
    Range(IpNet),
    /// The ENIs of this group.
    Group(String),
    /// A prefix list, expanded.
    PrefixList {
        id: String,
        ranges: Vec<IpNet>,
    },
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub id: String,
    pub ingress: bool,
    pub accept: bool,
    /// 1 is the strongest; legacy rules have 110.
    pub priority: u32,
    /// `TCP` or `ALL`, upper case; or an IANA number.
    pub protocol: String,
    /// Destination ports; all of them for `-1/-1`.
    pub ports: Vec<Ports>,
    pub peer: Peer,
    /// The addresses of the own side that it is for, where it is not for all.
    pub own: Option<IpNet>,
    /// The source ports that it is for, where it is not for all.
    pub source_ports: Option<Ports>,
    /// What of it cannot be read; in its place stands the most that it may be.
    pub unread: Option<String>,
}

impl Rule {
    /// Whether rules of a protocol are for TCP; none where that is not known.
    pub fn is_for_tcp(protocol: &str) -> Option<bool> {
        let is = |names: &[&str]| names.iter().any(|name| protocol.eq_ignore_ascii_case(name));
        match protocol.parse::<u8>() {
            Ok(number) => Some(number == 6),
            Err(_) if is(&["ALL", "TCP", "-1"]) => Some(true),
            Err(_) if is(&["UDP", "ICMP", "ICMPv6", "GRE", "IGMP", "ESP", "AH", "SCTP", "VRRP"]) => Some(false),
            Err(_) => None,
        }
    }
}

/// A security group with its rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityGroup {
    pub id: String,
    pub name: String,
    pub vpc: String,
    pub kind: GroupKind,
    /// `InnerAccessPolicy` is Accept.
    pub inner_accept: bool,
    /// Those that can be for TCP.
    pub rules: Vec<Rule>,
}

/// Whether two VPCs are joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// The routes that lead from one to the other, either way, in words; empty where there are none.
    pub routes: Vec<String>,
    /// What no route leads to, in words: `10.0.1.11 from the vSwitch vsw-…`.
    pub unrouted: Vec<String>,
}

const fn ram(action: &'static str) -> Need {
    Need::of(Right::open_api(action))
}

/// [`Cloud::host_instance`].
pub static HOST_INSTANCE: Operation = Operation {
    needs: &[
        ram("ecs:DescribeNetworkInterfaces"),
        Need {
            right: Right::open_api("ecs:DescribeInstances"),
            without: Without::UnjudgedElsewhere(
                "if its metadata does not answer, the DSS host is not found by its address",
            ),
            when: When::Always,
        },
    ],
    ..Operation::on(Vantage::Cloud, "Cloud::host_instance")
};
/// [`Cloud::cluster_network`].
pub static CLUSTER_NETWORK: Operation = Operation {
    also: Some(Part::ClusterId),
    needs: &[
        ram("cs:DescribeClusterDetail"),
        ram("cs:DescribeClusterNodes"),
        ram("ecs:DescribeNetworkInterfaces"),
        ram("vpc:DescribeVSwitches"),
    ],
    ..Operation::on(Vantage::Cloud, "Cloud::cluster_network")
};
/// [`Cloud::security_groups`].
pub static SECURITY_GROUPS: Operation = Operation {
    needs: &[
        ram("ecs:DescribeSecurityGroups"),
        ram("ecs:DescribeSecurityGroupAttribute"),
        ram("ecs:DescribePrefixListAttributes"),
        ram("ecs:DescribePortRangeListEntries"),
    ],
    ..Operation::on(Vantage::Cloud, "Cloud::security_groups")
};
/// [`Cloud::joined`].
pub static JOINED: Operation = Operation {
    needs: &[ram("vpc:DescribeVSwitches"), ram("vpc:DescribeRouteEntryList")],
    ..Operation::on(Vantage::Cloud, "Cloud::joined")
};

/// [`Cloud::network_acls`].
pub static NETWORK_ACLS: Operation = Operation {
    needs: &[ram("vpc:DescribeVSwitches"), ram("vpc:DescribeNetworkAclAttributes"), ram("vpc:GetVpcPrefixListEntries")],
    ..Operation::on(Vantage::Cloud, "Cloud::network_acls")
};
/// [`Cloud::route_table`].
pub static ROUTE_TABLE: Operation = Operation {
    needs: &[ram("vpc:DescribeVSwitches"), ram("vpc:DescribeRouteEntryList")],
    ..Operation::on(Vantage::Cloud, "Cloud::route_table")
};

/// What of it others must allow.
pub static OPERATIONS: &[&Operation] =
    &[&HOST_INSTANCE, &CLUSTER_NETWORK, &SECURITY_GROUPS, &JOINED, &NETWORK_ACLS, &ROUTE_TABLE];

/// The OpenAPI and the metadata. A refusal by RAM is `Denied` with the action's name.
#[async_trait]
pub trait Cloud: Send + Sync {
    /// The DSS host.
    async fn host_instance(&self) -> Seen<HostInstance>;
    /// The cluster's network.
    async fn cluster_network(&self) -> Seen<ClusterNetwork>;
    /// These security groups, rules of all pages included.
    async fn security_groups(&self, ids: &[String]) -> Seen<Vec<SecurityGroup>>;
    /// Whether the route tables of the host's vSwitch and of the cluster's lead to each other (CEN, peering, VPN).
    async fn joined(&self, from: &Instance, to: &ClusterNetwork) -> Seen<Joined>;
    /// The network ACLs of these vSwitches of a VPC, in the same order.
    async fn network_acls(&self, vpc: &str, vswitches: &[String]) -> Seen<Vec<VSwitchAcl>>;
    /// The route table of a vSwitch of a VPC.
    async fn route_table(&self, vpc: &str, vswitch: &str) -> Seen<RouteTable>;
}
