//! The world's sections as the account reads them: `/cloud`, and of `/deployment` what concerns it.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::Deserialize;
use serde_json::Value;

use crate::policy::Policy;

/// `/cloud` of the world.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Section {
    #[serde(rename = "comment")]
    _comment: String,
    pub page_size: usize,
    pub host_is_ecs: bool,
    pub denied: Vec<String>,
    /// The policies of whoever asks; everything is allowed where there are none.
    #[serde(default)]
    pub policies: Option<Vec<Policy>>,
    pub inactive_keys: Vec<String>,
    pub throttled: Vec<Throttled>,
    pub metadata: Metadata,
    pub vpcs: Vec<Vpc>,
    pub vswitches: Vec<VSwitch>,
    pub route_tables: Vec<RouteTable>,
    pub security_groups: Vec<Group>,
    pub prefix_lists: Vec<PrefixList>,
    pub port_lists: Vec<PortList>,
    pub cluster: ClusterSection,
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

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Metadata {
    /// Hardened mode: nothing without a token.
    pub token_required: bool,
    pub role: Option<Role>,
}

/// The instance's RAM role and its temporary key.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Role {
    pub name: String,
    pub key_id: String,
    pub secret: String,
    pub token: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Vpc {
    pub id: String,
    pub name: String,
    pub region: String,
    pub range: IpNet,
}

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

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RouteTable {
    pub id: String,
    pub vpc: String,
    /// `System` or `Custom`.
    pub kind: String,
    pub entries: Vec<RouteEntry>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RouteEntry {
    pub range: IpNet,
    /// `NextHopType`: `Instance`, `Attachment`, `NatGateway`, …
    pub hop: String,
    pub to: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
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
pub(super) struct Rule {
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
pub(super) struct PrefixList {
    pub id: String,
    pub name: String,
    pub ranges: Vec<IpNet>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PortList {
    pub id: String,
    pub name: String,
    pub ports: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClusterSection {
    pub version: String,
    pub container_range: IpNet,
    pub service_range: IpNet,
    pub public_server: String,
    pub private_server: String,
    pub pod_vswitches: Vec<PodVSwitch>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PodVSwitch {
    pub zone: String,
    pub vswitch: String,
}

/// `/deployment`, as far as the account is concerned.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Deployment {
    pub region: String,
    pub account_id: String,
    pub vpc: VpcId,
    pub pod_network: String,
    pub host: HostEntry,
    pub cluster: ClusterEntry,
    pub nodes: Vec<NodeEntry>,
    pub cloud_key: Key,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct VpcId {
    pub id: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct HostEntry {
    pub name: String,
    pub short_name: String,
    pub addresses: Vec<IpAddr>,
    pub instance: String,
    pub eni: String,
    pub vswitch: String,
    pub security_groups: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct ClusterEntry {
    pub id: String,
    pub name: String,
    pub security_groups: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct NodeEntry {
    pub name: String,
    pub address: IpAddr,
    pub zone: String,
    pub instance: String,
    pub eni: String,
    pub vswitch: String,
    pub pod_range: IpNet,
    pub pod_address: IpAddr,
}

/// An access key.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Key {
    pub id: String,
    pub secret: String,
}
