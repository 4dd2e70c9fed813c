//! The cloud account's section of the world, `fixtures/lab/cloud.json`.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::policy::Policy;
use crate::world::Section;

/// `/cloud`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CloudWorld {
    #[serde(rename = "comment")]
    _comment: String,
    /// The most entries of one page of a list.
    pub page_size: usize,
    /// The DSS host is an ECS instance of the account.
    pub host_is_ecs: bool,
    /// The actions that no policy allows: `ecs:DescribeInstances`.
    pub denied: Vec<String>,
    /// The policies of the caller; everything is allowed if there are none.
    #[serde(default)]
    pub policies: Option<Vec<Policy>>,
    /// The ids of keys that are disabled.
    pub inactive_keys: Vec<String>,
    pub throttled: Vec<Throttled>,
    pub metadata: MetadataWorld,
    pub vpcs: Vec<Vpc>,
    pub vswitches: Vec<VSwitch>,
    pub route_tables: Vec<RouteTable>,
    pub network_acls: Vec<NetworkAcl>,
    pub security_groups: Vec<Group>,
    pub prefix_lists: Vec<PrefixList>,
    pub port_lists: Vec<PortList>,
    pub cluster: ClusterWorld,
}

impl Section for CloudWorld {
    const NAME: &'static str = "cloud";
}

/// An action that is throttled for its first calls.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Throttled {
    /// `ecs:DescribeSecurityGroups`.
    pub action: String,
    /// How many calls are refused before one is answered.
    pub times: u32,
    /// What `x-acs-retry-after` says, in milliseconds.
    pub retry_after: u64,
}

/// The metadata service of the DSS host.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MetadataWorld {
    /// Hardened mode: nothing without a token.
    pub token_required: bool,
    pub role: Option<RoleWorld>,
}

/// The instance's RAM role and its temporary key.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleWorld {
    pub name: String,
    pub key_id: String,
    pub secret: String,
    pub token: String,
}

/// A VPC.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Vpc {
    pub id: String,
    pub name: String,
    pub region: String,
    pub range: IpNet,
}

/// A vSwitch: a part of a VPC's range in one zone.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VSwitch {
    pub id: String,
    pub vpc: String,
    pub zone: String,
    pub range: IpNet,
    /// A custom route table; the VPC's system table where there is none.
    pub route_table: Option<String>,
}

/// A route table of a VPC.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RouteTable {
    pub id: String,
    pub vpc: String,
    pub kind: TableKind,
    pub entries: Vec<RouteEntry>,
}

/// An entry of a route table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RouteEntry {
    pub range: IpNet,
    pub hop: NextHop,
    pub to: String,
    /// As the API writes it.
    #[serde(default = "available")]
    pub status: String,
}

fn available() -> String {
    "Available".to_owned()
}

/// A network ACL.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NetworkAcl {
    pub id: String,
    pub vpc: String,
    /// Those it is bound to.
    pub vswitches: Vec<String>,
    /// The strongest first.
    pub ingress: Vec<AclEntry>,
    pub egress: Vec<AclEntry>,
}

/// An entry of a network ACL.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AclEntry {
    pub id: String,
    /// `accept` or `drop`.
    pub policy: String,
    /// `tcp`, `udp`, `icmp`, `gre`, `all`, `icmpv6`.
    pub protocol: String,
    /// Of the far end; or a prefix list's id.
    pub range: String,
    pub ports: String,
    /// `custom` or `system`.
    #[serde(default = "custom")]
    pub origin: String,
}

fn custom() -> String {
    "custom".to_owned()
}

/// A security group.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    pub id: String,
    pub name: String,
    pub vpc: String,
    pub kind: GroupKind,
    /// Among the group's own members.
    pub inner_access: Policing,
    pub rules: Vec<GroupRule>,
}

/// A rule of a security group. What a rule does not have is empty.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupRule {
    pub id: String,
    pub direction: Direction,
    /// `TCP`, `UDP`, `ICMP`, `ALL`, …
    pub protocol: String,
    /// `8000/9000`.
    #[serde(default)]
    pub ports: String,
    pub policy: Policing,
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

/// A prefix list, which rules name instead of a range.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PrefixList {
    pub id: String,
    pub name: String,
    pub ranges: Vec<IpNet>,
}

/// A port list, which rules name instead of ports.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PortList {
    pub id: String,
    pub name: String,
    pub ports: Vec<String>,
}

/// What the CS product says of the cluster besides `/deployment/cluster`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClusterWorld {
    pub version: String,
    pub container_range: IpNet,
    pub service_range: IpNet,
    pub public_server: String,
    pub private_server: String,
    pub pod_vswitches: Vec<PodVSwitch>,
    /// Flannel: the nodes whose pods the cloud controller has not given a route.
    pub unrouted: Vec<String>,
}

/// Terway: the vSwitch of the pods in a zone.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PodVSwitch {
    pub zone: String,
    pub vswitch: String,
}

/// Whose a route table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub(super) enum TableKind {
    /// Of the VPC, made with it.
    System,
    /// Made by a user and bound to vSwitches.
    Custom,
}

/// Where an entry of a route table sends packets (`NextHopType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub(super) enum NextHop {
    /// An ECS instance.
    Instance,
    /// An interface of one.
    NetworkInterface,
    /// An address that instances pass on among themselves.
    HaVip,
    NatGateway,
    /// An attachment of a transit router.
    Attachment,
}

/// The kind of a security group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum GroupKind {
    Normal,
    /// Its members do not reach each other by themselves.
    Enterprise,
}

/// Which way the packets of a rule go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Direction {
    Ingress,
    Egress,
}

impl Direction {
    /// As the API writes it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Direction::Ingress => "ingress",
            Direction::Egress => "egress",
        }
    }
}

/// What becomes of packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub(super) enum Policing {
    Accept,
    Drop,
}
