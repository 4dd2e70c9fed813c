//! The answers' shapes, as Alibaba's SDKs model them; what is null or absent is empty.

use std::net::IpAddr;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use ackcheck_core::seat::Seen;
use ackcheck_core::verdict::Unseen;

/// Reads every entry of a list; an entry of another shape is an answer that cannot be read.
pub(super) fn all<T: for<'de> Deserialize<'de>>(right: &str, entries: Vec<Value>) -> Seen<Vec<T>> {
    let read = |entry| serde_json::from_value(entry).map_err(|error| Unseen::unreadable(right, error.to_string()));
    entries.into_iter().map(read).collect()
}

fn or_empty<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}

/// `NetworkInterfaceSet` of DescribeNetworkInterfaces.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Interface {
    pub network_interface_id: String,
    /// `Primary`, `Secondary`, `Trunk`, `Member`.
    #[serde(default, rename = "Type", deserialize_with = "or_empty")]
    pub kind: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub instance_id: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub private_ip_address: String,
    #[serde(default, deserialize_with = "or_empty")]
    private_ip_sets: PrivateIpSets,
    #[serde(default, deserialize_with = "or_empty")]
    security_group_ids: SecurityGroupIds,
    pub v_switch_id: String,
    pub vpc_id: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PrivateIpSets {
    #[serde(default)]
    private_ip_set: Vec<PrivateIp>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PrivateIp {
    private_ip_address: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SecurityGroupIds {
    #[serde(default)]
    security_group_id: Vec<String>,
}

impl Interface {
    /// Its addresses, the primary first.
    pub(super) fn addresses(&self) -> Vec<IpAddr> {
        let others = self.private_ip_sets.private_ip_set.iter().map(|ip| &ip.private_ip_address);
        let mut addresses: Vec<IpAddr> = Vec::new();
        for address in std::iter::once(&self.private_ip_address).chain(others).filter_map(|text| text.parse().ok()) {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        addresses
    }

    /// Its groups, sorted.
    pub(super) fn groups(&self) -> Vec<String> {
        let mut groups = self.security_group_ids.security_group_id.clone();
        groups.sort();
        groups
    }
}

/// `Instance` of DescribeInstances, as far as it is asked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Instance {
    pub instance_id: String,
}

/// `SecurityGroup` of DescribeSecurityGroups.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Group {
    pub security_group_id: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub security_group_name: String,
    /// `normal` or `enterprise`.
    pub security_group_type: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub vpc_id: String,
}

/// `Permission` of DescribeSecurityGroupAttribute.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Permission {
    #[serde(deserialize_with = "or_empty")]
    pub security_group_rule_id: String,
    #[serde(deserialize_with = "or_empty")]
    pub direction: String,
    #[serde(deserialize_with = "or_empty")]
    pub ip_protocol: String,
    #[serde(deserialize_with = "or_empty")]
    pub port_range: String,
    #[serde(deserialize_with = "or_empty")]
    pub port_range_list_id: String,
    #[serde(deserialize_with = "or_empty")]
    pub source_port_range: String,
    #[serde(deserialize_with = "or_empty")]
    pub policy: String,
    /// Documented as a string; numbers are seen too.
    pub priority: Value,
    #[serde(deserialize_with = "or_empty")]
    pub source_cidr_ip: String,
    #[serde(deserialize_with = "or_empty")]
    pub dest_cidr_ip: String,
    #[serde(deserialize_with = "or_empty", rename = "Ipv6SourceCidrIp")]
    pub ipv6_source_cidr_ip: String,
    #[serde(deserialize_with = "or_empty", rename = "Ipv6DestCidrIp")]
    pub ipv6_dest_cidr_ip: String,
    #[serde(deserialize_with = "or_empty")]
    pub source_group_id: String,
    #[serde(deserialize_with = "or_empty")]
    pub dest_group_id: String,
    #[serde(deserialize_with = "or_empty")]
    pub source_prefix_list_id: String,
    #[serde(deserialize_with = "or_empty")]
    pub dest_prefix_list_id: String,
}

/// `VSwitch` of DescribeVSwitches.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct VSwitch {
    pub v_switch_id: String,
    pub cidr_block: String,
    /// Empty where no ACL is bound to it.
    #[serde(default, deserialize_with = "or_empty")]
    pub network_acl_id: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub route_table: RouteTable,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct RouteTable {
    #[serde(deserialize_with = "or_empty")]
    pub route_table_id: String,
    /// `System` or `Custom`.
    #[serde(deserialize_with = "or_empty")]
    pub route_table_type: String,
}

/// `RouteEntry` of DescribeRouteEntryList.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RouteEntry {
    pub destination_cidr_block: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub status: String,
    #[serde(default, deserialize_with = "or_empty")]
    next_hops: NextHops,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NextHops {
    #[serde(default)]
    next_hop: Vec<NextHop>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct NextHop {
    #[serde(deserialize_with = "or_empty")]
    pub next_hop_type: String,
    #[serde(deserialize_with = "or_empty")]
    pub next_hop_id: String,
    /// 1 where it is used; absent from old answers.
    pub enabled: Option<i64>,
}

impl RouteEntry {
    /// Every next hop that is used.
    pub(super) fn hops(&self) -> impl Iterator<Item = &NextHop> {
        self.next_hops.next_hop.iter().filter(|hop| hop.enabled != Some(0))
    }

    /// The next hop; with several equal ones, the first stands for all.
    pub(super) fn hop(&self) -> Option<&NextHop> {
        self.next_hops.next_hop.first()
    }
}

/// `NetworkAclAttribute` of DescribeNetworkAclAttributes, as far as it is asked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NetworkAcl {
    #[serde(default, deserialize_with = "or_empty")]
    pub ingress_acl_entries: IngressAclEntries,
    #[serde(default, deserialize_with = "or_empty")]
    pub egress_acl_entries: EgressAclEntries,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct IngressAclEntries {
    #[serde(deserialize_with = "or_empty")]
    pub ingress_acl_entry: Vec<AclEntry>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct EgressAclEntries {
    #[serde(deserialize_with = "or_empty")]
    pub egress_acl_entry: Vec<AclEntry>,
}

/// An entry of either direction.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct AclEntry {
    #[serde(deserialize_with = "or_empty")]
    pub network_acl_entry_id: String,
    /// `custom`, `system` or `service`.
    #[serde(deserialize_with = "or_empty")]
    pub entry_type: String,
    #[serde(deserialize_with = "or_empty")]
    pub policy: String,
    #[serde(deserialize_with = "or_empty")]
    pub protocol: String,
    /// `80/80`; `-1/-1` for every port.
    #[serde(deserialize_with = "or_empty")]
    pub port: String,
    /// Of an entry for packets in: a range, or the id of a prefix list.
    #[serde(deserialize_with = "or_empty")]
    pub source_cidr_ip: String,
    /// Of one for packets out.
    #[serde(deserialize_with = "or_empty")]
    pub destination_cidr_ip: String,
}

/// `PrefixListEntry` of GetVpcPrefixListEntries.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PrefixListEntry {
    pub cidr: String,
}

/// DescribeClusterDetail, as far as it is asked for.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Cluster {
    pub cluster_id: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub name: String,
    pub region_id: String,
    pub vpc_id: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub container_cidr: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub subnet_cidr: String,
    /// JSON in a string.
    #[serde(default, deserialize_with = "or_empty")]
    pub meta_data: String,
}

/// `nodes[]` of DescribeClusterNodes.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Node {
    #[serde(default, deserialize_with = "or_empty")]
    pub instance_id: String,
    pub node_name: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub ip_address: Vec<String>,
}
