//! The ways from each source to the DSS host, through the groups of both ends.

use std::net::Ipv4Addr;

use ackcheck_core::context::Context;
use ackcheck_core::required_ports::RequiredPorts;
use ackcheck_core::seat::cloud::{Eni, Instance, SecurityGroup};
use ackcheck_core::verdict::Unseen;
use ipnet::Ipv4Net;

use super::rules::{Blocked, Direction, Other, Taken, blocked, blocked_for_each, treat_members_alike};
use super::sources::{self, Source};

/// Where pods connect to.
pub(crate) struct Door<'a> {
    pub(crate) target: &'a Eni,
    /// Its addresses; at least one.
    pub(crate) addresses: Vec<Ipv4Addr>,
}

/// What is blocked between one source and one address of the DSS host.
pub(crate) struct Closed<'a> {
    pub(crate) source: &'a Source,
    pub(crate) address: Ipv4Addr,
    pub(crate) blocked: Vec<Blocked<'a>>,
}

/// The ports that the host's own groups close.
pub(crate) fn ingress<'a>(
    door: &Door<'_>,
    sources: &'a [Source],
    guarding: &[&'a SecurityGroup],
    taken: Taken,
) -> Vec<Closed<'a>> {
    let mut all: Vec<&[String]> = sources.iter().map(|source| source.groups.as_slice()).collect();
    all.sort_unstable();
    all.dedup();
    let mut closed = Vec::new();
    for groups in all {
        let alike: Vec<&Source> = sources.iter().filter(|source| source.groups == groups).collect();
        let ranges: Vec<Ipv4Net> = alike.iter().map(|source| source.range).collect();
        for &address in &door.addresses {
            let members = (guarding, address.into());
            let blocked = blocked_for_each(Direction::Ingress, members, (&ranges, groups), taken);
            let some = alike.iter().zip(blocked).filter(|(_, blocked)| !blocked.is_empty());
            closed.extend(some.map(|(source, blocked)| Closed { source, address, blocked }));
        }
    }
    // As the sources stand, whatever their groups.
    closed.sort_by_key(|closed| sources.iter().position(|source| std::ptr::eq(source, closed.source)));
    closed
}

/// The ports that each source's own groups close on the way to the DSS host. Flannel's pods leave through their node,
/// whose groups are judged with the node.
pub(crate) fn egress<'a>(
    door: &Door<'_>,
    sources: &'a [Source],
    groups: &'a [SecurityGroup],
    taken: Taken,
) -> Result<Vec<Closed<'a>>, Unseen> {
    let mut closed = Vec::new();
    // What groups that treat their members alike leave open for one source they leave open for all.
    let mut open: Vec<&[String]> = Vec::new();
    for source in sources.iter().filter(|source| !source.groups.is_empty()) {
        if open.contains(&source.groups.as_slice()) {
            continue;
        }
        let own = pick(groups, &source.groups)?;
        let before = closed.len();
        for &address in &door.addresses {
            let towards = Other { range: address.into(), groups: &door.target.security_groups };
            let blocked = blocked(Direction::Egress, (&own, source.range), towards, taken);
            closed.extend((!blocked.is_empty()).then_some(Closed { source, address, blocked }));
        }
        if closed.len() == before && treat_members_alike(Direction::Egress, &own) {
            open.push(&source.groups);
        }
    }
    Ok(closed)
}

/// Of what is closed, the ports that pods have to reach.
pub(crate) fn needed<'a>(closed: Vec<Closed<'a>>, required: &RequiredPorts) -> Vec<Closed<'a>> {
    let cut = |blocked: Blocked<'a>| {
        let of = |ports| Blocked { ports, ..blocked.clone() };
        required.within(blocked.ports).map(of).collect::<Vec<_>>()
    };
    let within = |one: Closed<'a>| Closed { blocked: one.blocked.into_iter().flat_map(cut).collect(), ..one };
    closed.into_iter().map(within).filter(|one| !one.blocked.is_empty()).collect()
}

/// The addresses of the interface that pods connect to: those that the site file names, or else its first.
pub(crate) fn addresses(context: &Context, host: &Instance, target: &Eni) -> Result<Vec<Ipv4Addr>, Unseen> {
    let named = target.addresses.iter().filter(|address| context.config().host.addresses.contains(address));
    let named: Vec<Ipv4Addr> = named.filter_map(|address| sources::fourth(*address)).collect();
    match named.is_empty() {
        false => Ok(named),
        true => Ok(vec![sources::address(target).ok_or_else(|| no_address(host))?]),
    }
}

/// The interface that pods connect to: the one with an address that the site file names, or else the primary one.
pub(crate) fn target<'a>(context: &Context, host: &'a Instance) -> Result<&'a Eni, Unseen> {
    let named = &context.config().host.addresses;
    let by_name = host.enis.iter().find(|eni| eni.addresses.iter().any(|address| named.contains(address)));
    by_name.or(host.enis.first()).ok_or_else(|| no_address(host))
}

fn no_address(host: &Instance) -> Unseen {
    Unseen::unreadable(format!("the network interfaces of {}", host.id), "none of them has a private IPv4 address")
}

/// The groups with these ids. A group that the API does not return cannot be judged.
pub(crate) fn pick<'a>(groups: &'a [SecurityGroup], ids: &[String]) -> Result<Vec<&'a SecurityGroup>, Unseen> {
    ids.iter()
        .map(|id| {
            let found = groups.iter().find(|group| group.id == *id);
            found.ok_or_else(|| {
                Unseen::unreadable(format!("security group {id}"), "it is missing from DescribeSecurityGroups")
            })
        })
        .collect()
}
