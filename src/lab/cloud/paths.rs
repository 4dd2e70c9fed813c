//! What the network ACLs and the routes of the world do to one connection and its answers.

use std::net::IpAddr;

use ackcheck_core::seat::cloud::PodNetwork;
use anyhow::Context as _;

use super::world::{AclEntry, CloudWorld, NextHop, RouteTable, TableKind, VSwitch};
use crate::world::{Deployment, Node};

/// The source port of the world's connections.
pub(super) const SOURCE_PORT: u16 = 40_000;

/// A connection from a pod to the DSS host, there and back.
pub(super) struct Trip<'a> {
    pub(super) deployment: &'a Deployment,
    pub(super) node: &'a Node,
    pub(super) pod: IpAddr,
    pub(super) host: IpAddr,
    pub(super) port: u16,
}

impl CloudWorld {
    /// Whether ACLs and routes let the connection and its answers through.
    pub(super) fn makes(&self, trip: &Trip<'_>) -> anyhow::Result<bool> {
        let host = &trip.deployment.host;
        let host = self.vswitch(&host.vswitch)?;
        let own = self.vswitch_of_pods(trip)?;
        // Within a vSwitch no ACL is asked.
        let passes = own.id == host.id
            || [
                self.acl_passes(own, Side::Out, trip.host, trip.port),
                self.acl_passes(host, Side::In, trip.pod, trip.port),
                self.acl_passes(host, Side::Out, trip.pod, SOURCE_PORT),
                self.acl_passes(own, Side::In, trip.host, SOURCE_PORT),
            ]
            .iter()
            .all(|passes| *passes);
        Ok(passes && (trip.deployment.pod_network != PodNetwork::Flannel || self.leads_back(host, trip)))
    }

    fn vswitch(&self, id: &str) -> anyhow::Result<&VSwitch> {
        let found = self.vswitches.iter().find(|vswitch| vswitch.id == id);
        found.with_context(|| format!("/cloud/vswitches has no {id}"))
    }

    /// Through which a node's pods send: Terway's have their own, Flannel's leave through their node.
    fn vswitch_of_pods(&self, trip: &Trip<'_>) -> anyhow::Result<&VSwitch> {
        let pods = self.cluster.pod_vswitches.iter().find(|pods| pods.zone == trip.node.zone);
        match (trip.deployment.pod_network, pods) {
            (PodNetwork::Terway, Some(pods)) => self.vswitch(&pods.vswitch),
            _ => self.vswitch(&trip.node.vswitch),
        }
    }

    /// By the first entry that matches; a vSwitch without an ACL lets everything through.
    fn acl_passes(&self, vswitch: &VSwitch, side: Side, other: IpAddr, port: u16) -> bool {
        let Some(acl) = self.network_acls.iter().find(|acl| acl.vswitches.contains(&vswitch.id)) else { return true };
        let entries = match side {
            Side::In => &acl.ingress,
            Side::Out => &acl.egress,
        };
        let first = entries.iter().find(|entry| self.is_for(entry, other, port));
        first.is_some_and(|entry| entry.policy == "accept")
    }

    fn is_for(&self, entry: &AclEntry, other: IpAddr, port: u16) -> bool {
        let list = self.prefix_lists.iter().find(|list| list.id == entry.range);
        let in_range = match list {
            Some(list) => list.ranges.iter().any(|range| range.contains(&other)),
            None => within(&entry.range, other),
        };
        let of_ports = ports_of(&entry.ports).is_some_and(|(first, last)| (first..=last).contains(&port));
        matches!(entry.protocol.as_str(), "tcp" | "all") && in_range && of_ports
    }

    /// Whether the route table of the host's vSwitch sends what is for the pod to the pod's node.
    fn leads_back(&self, host: &VSwitch, trip: &Trip<'_>) -> bool {
        let of_vpc = |table: &&RouteTable| table.vpc == host.vpc && table.kind == TableKind::System;
        let table = match &host.route_table {
            Some(id) => self.route_tables.iter().find(|table| table.id == *id),
            None => self.route_tables.iter().find(of_vpc),
        };
        let Some(table) = table else { return false };
        let leads = |hop: NextHop, to: &str| match hop {
            NextHop::Instance => to == trip.node.instance,
            NextHop::NetworkInterface => to == trip.node.eni,
            _ => false,
        };
        let written = table.entries.iter().filter(|route| route.status == "Available");
        let written = written.map(|route| (route.range, leads(route.hop, &route.to)));
        // What the cloud controller writes: into the VPC's own table.
        let routed = table.kind == TableKind::System && !self.cluster.unrouted.contains(&trip.node.name);
        let by_controller = routed.then_some((ipnet::IpNet::V4(trip.node.pod_range), true));
        let of_pod = written.chain(by_controller).filter(|(range, _)| range.contains(&trip.pod));
        of_pod.max_by_key(|(range, _)| range.prefix_len()).is_some_and(|(_, leads)| leads)
    }
}

/// Of a vSwitch.
#[derive(Debug, Clone, Copy)]
enum Side {
    In,
    Out,
}

/// `8000/9000`, or all of them for `-1/-1`.
pub(super) fn ports_of(written: &str) -> Option<(u16, u16)> {
    match written {
        "-1/-1" => Some((1, u16::MAX)),
        _ => written.split_once('/').and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?))),
    }
}

/// Whether an address is in a range as it is written, which can be a single address.
pub(super) fn within(range: &str, address: IpAddr) -> bool {
    let network = range.parse::<ipnet::IpNet>().or_else(|_| range.parse::<IpAddr>().map(ipnet::IpNet::from));
    network.is_ok_and(|network| network.contains(&address))
}
