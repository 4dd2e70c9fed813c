//! What network ACLs drop between senders and the DSS host.
//!
//! An ACL filters what crosses the edge of its vSwitch, and nothing within it. It is stateless: a connection takes four
//! passes, of its packets out of the sender's vSwitch and into the host's, and of the answers the same way back. The ports
//! of entries are destination ports, so that answers are judged by the port that the connection came from. Those are
//! taken to be Linux's usual ones (net.ipv4.ip_local_port_range); connections come from any of them, so that one that is
//! dropped loses some of all connections. The first entry that matches decides, and what none matches is dropped.

use std::net::Ipv4Addr;

use ackcheck_core::required_ports::RequiredPorts;
use ackcheck_core::seat::Ports;
use ackcheck_core::seat::cloud::{AclEntry, NetworkAcl, VSwitchAcl};
use ackcheck_core::verdict::Unseen;
use ipnet::Ipv4Net;

use super::intervals::{Dropped, Line, dropped, of_fourth};
use super::rules::{Taken, USUAL_SOURCE_PORTS};
use super::sources::Source;

/// A pass of a connection's packets through an ACL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pass {
    /// Out of the sender's vSwitch.
    Out,
    /// Into the DSS host's.
    In,
    /// The answer, out of the DSS host's vSwitch.
    AnswerOut,
    /// The answer, into the sender's.
    AnswerIn,
}

impl Pass {
    const ALL: [Pass; 4] = [Pass::Out, Pass::In, Pass::AnswerOut, Pass::AnswerIn];

    /// Whether it is a pass of answers.
    pub(crate) fn of_answers(self) -> bool {
        matches!(self, Pass::AnswerOut | Pass::AnswerIn)
    }

    /// Whether it is through the ACL of the sender's vSwitch.
    pub(crate) fn at_sender(self) -> bool {
        matches!(self, Pass::Out | Pass::AnswerIn)
    }

    /// Whether packets come into the vSwitch.
    pub(crate) fn inward(self) -> bool {
        matches!(self, Pass::In | Pass::AnswerIn)
    }
}

/// What an ACL drops of one pass.
#[derive(Debug, Clone)]
pub(crate) struct Dropping<'a> {
    pub(crate) source: &'a Source,
    pub(crate) pass: Pass,
    pub(crate) acl: &'a NetworkAcl,
    /// The vSwitch whose ACL it is.
    pub(crate) vswitch: &'a str,
    /// The far end of the packets.
    pub(crate) peer: Ipv4Net,
    /// Destination ports: of the answers those that the connection came from.
    pub(crate) ports: Ports,
    /// The entry that drops them; none where no entry matches.
    pub(crate) entry: Option<&'a AclEntry>,
    /// For how many addresses of the far end.
    pub(crate) addresses: u64,
}

/// Where a connection goes: an address of the DSS host, in its vSwitch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Towards<'a> {
    pub(crate) address: Ipv4Addr,
    pub(crate) vswitch: &'a str,
}

/// The vSwitches of these sources, each once.
pub(crate) fn vswitches(sources: &[Source]) -> Vec<String> {
    let of_sources = sources.iter().flat_map(|source| &source.vswitches).filter(|id| !id.is_empty());
    let mut all: Vec<String> = of_sources.cloned().collect();
    all.sort();
    all.dedup();
    all
}

/// What the ACLs drop of connections from one source to the DSS host, from each vSwitch that its packets come out of.
pub(crate) fn droppings<'a>(
    source: &'a Source,
    towards: Towards<'_>,
    acls: &'a [VSwitchAcl],
    taken: Taken,
) -> Result<Vec<Dropping<'a>>, Unseen> {
    let mut all = Vec::new();
    // A sender that is not on a vSwitch of the VPC has no ACL of its own.
    for from in source.vswitches.iter().filter(|from| *from != towards.vswitch) {
        for pass in Pass::ALL {
            let (at, peer) = match pass.at_sender() {
                true => (from.as_str(), Ipv4Net::from(towards.address)),
                false => (towards.vswitch, source.range),
            };
            let Some((vswitch, acl)) = acl_of(acls, at)? else { continue };
            for dropped in of_pass(acl, pass, peer, taken) {
                let (entry, addresses) = (dropped.by.map(|at| &entries(acl, pass)[at]), dropped.count());
                all.push(Dropping { source, pass, acl, vswitch, peer, ports: dropped.ports, entry, addresses });
            }
        }
    }
    Ok(all)
}

/// Of what is dropped, connections to the ports that pods have to reach, and answers to any: those go back to the port that
/// the connection came from.
pub(crate) fn needed<'a>(dropped: Vec<Dropping<'a>>, required: &RequiredPorts) -> Vec<Dropping<'a>> {
    let within = |dropping: Dropping<'a>| match dropping.pass.of_answers() {
        true => vec![dropping],
        false => required.within(dropping.ports).map(|ports| Dropping { ports, ..dropping.clone() }).collect(),
    };
    dropped.into_iter().flat_map(within).collect()
}

fn acl_of<'a>(acls: &'a [VSwitchAcl], vswitch: &str) -> Result<Option<(&'a str, &'a NetworkAcl)>, Unseen> {
    if vswitch.is_empty() {
        return Ok(None);
    }
    let missing = || Unseen::unreadable(format!("the network ACL of {vswitch}"), "it was not asked for");
    let found = acls.iter().find(|of| of.vswitch == vswitch).ok_or_else(missing)?;
    Ok(found.acl.as_ref().map(|acl| (found.vswitch.as_str(), acl)))
}

fn entries(acl: &NetworkAcl, pass: Pass) -> &[AclEntry] {
    if pass.inward() { &acl.ingress } else { &acl.egress }
}

fn of_pass(acl: &NetworkAcl, pass: Pass, peer: Ipv4Net, taken: Taken) -> Vec<Dropped<Option<usize>>> {
    let counts = |entry: &AclEntry| entry.unread.is_none() || entry.accept == (taken == Taken::ForOpen);
    let all = entries(acl, pass).iter().enumerate().filter(|(_, entry)| counts(entry));
    let lines: Vec<Line<'_, Option<usize>>> = all
        .map(|(at, entry)| Line {
            addresses: of_fourth(&entry.ranges),
            ports: std::slice::from_ref(&entry.ports),
            accept: entry.accept,
            by: Some(at),
        })
        .collect();
    let usual = Ports::new(USUAL_SOURCE_PORTS.0, USUAL_SOURCE_PORTS.1).unwrap_or(Ports::ALL);
    let within = if pass.of_answers() { usual } else { Ports::ALL };
    dropped(&lines, peer, within, Some(None))
}

#[cfg(test)]
#[path = "acl_tests.rs"]
mod tests;
