//! Where the DSS host's route table sends what is for nodes and pods: the longest prefix that holds an address decides.
//!
//! Nodes, and pods of Terway, have addresses of vSwitches, which the VPC delivers itself (`local`). Pods of Flannel have
//! addresses outside of the VPC: an entry for each node's range has to lead to that node.

use std::net::Ipv4Addr;

use ackcheck_core::seat::cloud::{Hop, Route, RouteTable};
use ipnet::{IpNet, Ipv4Net};

use super::intervals::{cut, ends};

/// Addresses that packets are for, and what has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Goal {
    /// `pods of node cn-hangzhou.10.0.1.11`.
    pub(crate) what: String,
    pub(crate) range: Ipv4Net,
    pub(crate) at: At,
}

/// Where the packets have to be led.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum At {
    /// To an address of a vSwitch of the same VPC.
    Local,
    /// To an instance, by its id or by a network interface of it.
    Node { instance: String, interface: String },
    /// Out of this VPC, to one that is connected to it.
    Away,
}

/// Where packets are led that do not reach their goal, or perhaps do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Astray {
    /// Nowhere: no entry is for them, or it leads out to the internet.
    Missing,
    /// To another node.
    Elsewhere,
    /// What the next hop does with them is not known.
    Unknown,
}

/// A part of a goal that is led astray.
#[derive(Debug, Clone)]
pub(crate) struct Leg<'a> {
    pub(crate) goal: &'a Goal,
    pub(crate) first: Ipv4Addr,
    pub(crate) last: Ipv4Addr,
    pub(crate) astray: Astray,
    /// The entry that decides, if there is one.
    pub(crate) route: Option<&'a Route>,
}

/// The parts of a goal that a table leads astray; neighbours with one reason are joined.
pub(crate) fn astray<'a>(table: &'a RouteTable, goal: &'a Goal) -> Vec<Leg<'a>> {
    let fourth = |route: &'a Route| match route.range {
        IpNet::V4(range) if route.unavailable.is_none() => Some((range, route)),
        _ => None,
    };
    let routes: Vec<(Ipv4Net, &Route)> = table.routes.iter().filter_map(fourth).collect();
    let mut legs: Vec<Leg<'a>> = Vec::new();
    for (first, last) in cut(goal.range, routes.iter().map(|(range, _)| ends(*range))) {
        let holds = routes.iter().filter(|(range, _)| (ends(*range).0..=ends(*range).1).contains(&first));
        let route = holds.max_by_key(|(range, _)| range.prefix_len()).map(|(_, route)| *route);
        let Some(astray) = led(route, goal) else { continue };
        match legs.last_mut() {
            Some(leg) if leg.astray == astray && same(leg.route, route) && u32::from(leg.last) + 1 == first => {
                leg.last = last.into();
            }
            _ => legs.push(Leg { goal, first: first.into(), last: last.into(), astray, route }),
        }
    }
    legs
}

fn same(one: Option<&Route>, other: Option<&Route>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => std::ptr::eq(one, other),
        (one, other) => one.is_none() && other.is_none(),
    }
}

/// How an entry leads its packets astray; none where it leads all of them to their goal. Several hops share the packets.
fn led(route: Option<&Route>, goal: &Goal) -> Option<Astray> {
    let Some(route) = route else { return Some(Astray::Missing) };
    let ways: Vec<Option<Astray>> = route.hops.iter().map(|hop| by_hop(hop, route, goal)).collect();
    let worst = |wanted: Astray| ways.contains(&Some(wanted)).then_some(wanted);
    match ways.is_empty() {
        true => Some(Astray::Missing),
        false => [Astray::Missing, Astray::Elsewhere, Astray::Unknown].into_iter().find_map(worst),
    }
}

fn by_hop(hop: &Hop, route: &Route, goal: &Goal) -> Option<Astray> {
    let is = |kind: &str| hop.kind.eq_ignore_ascii_case(kind);
    if Hop::leaves(&hop.kind) {
        return Some(Astray::Missing);
    }
    // An entry for far more than the goal was not made for it.
    let made_for_it = route.range.prefix_len() >= goal.range.prefix_len();
    match &goal.at {
        At::Local if is("local") => None,
        At::Away if is("local") => Some(Astray::Missing),
        At::Away if is("Instance") || is("NetworkInterface") || is("HaVip") => Some(Astray::Unknown),
        At::Away => None,
        At::Local => Some(Astray::Unknown),
        At::Node { instance, .. } if is("Instance") && hop.id == *instance => None,
        At::Node { interface, .. } if is("NetworkInterface") && hop.id == *interface => None,
        At::Node { .. } if is("Instance") && made_for_it => Some(Astray::Elsewhere),
        At::Node { .. } if is("local") => Some(Astray::Missing),
        At::Node { .. } => Some(Astray::Unknown),
    }
}

#[cfg(test)]
#[path = "routes_tests.rs"]
mod tests;
