//! What becomes of packets to the DSS host by the world's security groups, network ACLs and routes: one packet at a time,
//! with nothing of how the checks predict it.

use std::net::IpAddr;

use ackcheck_core::seat::cloud::PodNetwork;
use ackcheck_probe_protocol::Ports;
use serde_json::Value;

use super::paths::{SOURCE_PORT, Trip, ports_of, within};
use super::world::{CloudWorld, Direction, Group, GroupKind, GroupRule, Policing};
use crate::world::{Deployment, World};

/// A packet to a TCP port, as the groups of one end see it.
struct Packet<'a> {
    direction: Direction,
    own: IpAddr,
    other: IpAddr,
    /// Of the network interface at the other end, if there is one.
    other_groups: &'a [String],
    port: u16,
}

/// The TCP ports of the DSS host that the cloud closes for pods, by node. Nodes do not masquerade what pods send.
pub(crate) fn closed(world: &World) -> anyhow::Result<Vec<(String, IpAddr, Ports)>> {
    let (cloud, deployment): (CloudWorld, Deployment) = (world.section()?, world.deployment()?);
    if !cloud.host_is_ecs {
        return Ok(Vec::new());
    }
    let edges = edges(&cloud);
    let mut closed = Vec::new();
    for node in &deployment.nodes {
        let (pod, groups): (IpAddr, &[String]) = match deployment.pod_network {
            PodNetwork::Terway => (node.pod_address.into(), &deployment.cluster.security_groups),
            PodNetwork::Flannel => (node.pod_range.network().into(), &[]),
        };
        for &address in &deployment.host.addresses {
            for (first, next) in edges.iter().zip(edges.iter().skip(1)) {
                let port = u16::try_from(*first)?;
                let into =
                    Packet { direction: Direction::Ingress, own: address, other: pod, other_groups: groups, port };
                let to = &deployment.host.security_groups;
                let out = Packet { direction: Direction::Egress, own: pod, other: address, other_groups: to, port };
                let trip = Trip { deployment: &deployment, node, pod, host: address, port };
                if !(cloud.passes(groups, &out) && cloud.passes(to, &into) && cloud.makes(&trip)?) {
                    let ports =
                        Ports::new(port, u16::try_from(next - 1)?).map_err(|error| anyhow::anyhow!("{error}"))?;
                    closed.push((node.name.clone(), address, ports));
                }
            }
        }
    }
    Ok(closed)
}

/// The ports between which every rule says the same.
fn edges(cloud: &CloudWorld) -> Vec<u32> {
    let rules = cloud.security_groups.iter().flat_map(|group| &group.rules);
    let listed = cloud.port_lists.iter().flat_map(|list| list.ports.iter().map(String::as_str));
    let entries = cloud.network_acls.iter().flat_map(|acl| acl.ingress.iter().chain(&acl.egress));
    let ranges = rules.map(|rule| rule.ports.as_str()).chain(entries.map(|entry| entry.ports.as_str()));
    let ranges = ranges.chain(listed).filter_map(ports_of);
    let mut edges: Vec<u32> = ranges.flat_map(|(first, last)| [u32::from(first), u32::from(last) + 1]).collect();
    edges.extend([1, 65_536]);
    edges.retain(|edge| (1..=65_536).contains(edge));
    edges.sort_unstable();
    edges.dedup();
    edges
}

impl CloudWorld {
    /// Whether the groups of one end, by their ids, let a packet through; an end without groups lets everything through.
    fn passes(&self, ids: &[String], packet: &Packet<'_>) -> bool {
        let own: Vec<&Group> = self.security_groups.iter().filter(|group| ids.contains(&group.id)).collect();
        let members = |group: &&Group| {
            group.kind == GroupKind::Normal
                && group.inner_access == Policing::Accept
                && packet.other_groups.contains(&group.id)
        };
        if own.is_empty() || own.iter().any(members) {
            return true;
        }
        let rules = own.iter().flat_map(|group| &group.rules).filter(|rule| self.matches(rule, packet));
        let strongest = rules.min_by_key(|rule| (priority(&rule.priority), rule.policy == Policing::Accept));
        match strongest {
            Some(rule) => rule.policy == Policing::Accept,
            None => packet.direction == Direction::Egress && own.iter().all(|group| group.kind == GroupKind::Normal),
        }
    }

    fn matches(&self, rule: &GroupRule, packet: &Packet<'_>) -> bool {
        let is_tcp = ["TCP", "ALL"].iter().any(|protocol| rule.protocol.eq_ignore_ascii_case(protocol));
        let holds =
            |written: &str, port: u16| ports_of(written).is_some_and(|(first, last)| (first..=last).contains(&port));
        let of_list = || {
            let list = self.port_lists.iter().find(|list| list.id == rule.port_list);
            list.is_some_and(|list| list.ports.iter().any(|ports| holds(ports, packet.port)))
        };
        rule.direction == packet.direction
            && is_tcp
            && if rule.port_list.is_empty() { holds(&rule.ports, packet.port) } else { of_list() }
            && (rule.source_ports.is_empty() || holds(&rule.source_ports, SOURCE_PORT))
            && (rule.own_range.is_empty() || within(&rule.own_range, packet.own))
            && self.is_peer(rule, packet)
    }

    fn is_peer(&self, rule: &GroupRule, packet: &Packet<'_>) -> bool {
        let list = self.prefix_lists.iter().find(|list| list.id == rule.prefix_list);
        within(&rule.range, packet.other)
            || within(&rule.ipv6_range, packet.other)
            || packet.other_groups.contains(&rule.group)
            || list.is_some_and(|list| list.ranges.iter().any(|range| range.contains(&packet.other)))
    }
}

/// Written as a number or as a string.
fn priority(written: &Value) -> u64 {
    let number = written.as_u64().or_else(|| written.as_str().and_then(|text| text.parse().ok()));
    number.unwrap_or(u64::MAX)
}
