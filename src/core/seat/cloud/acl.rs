//! Network ACLs, which filter what crosses the edge of a vSwitch.

use ipnet::IpNet;

use super::super::Ports;

/// The ACL of a vSwitch. It is stateless: each packet is judged by itself, answers too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkAcl {
    pub id: String,
    /// For packets into the vSwitch, the strongest first. What no entry matches is dropped.
    pub ingress: Vec<AclEntry>,
    /// For packets out of it.
    pub egress: Vec<AclEntry>,
}

/// One entry: for the packets of TCP to these ports whose far end has one of these addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AclEntry {
    pub id: String,
    pub accept: bool,
    /// Of senders where it is for packets in, of receivers where it is for packets out; IPv4 or IPv6.
    pub ranges: Vec<IpNet>,
    /// Destination ports, both ways.
    pub ports: Ports,
    /// Made by the system, which also keeps its own place.
    pub of_system: bool,
    /// What of it cannot be read; in its place stands the most that it may be.
    pub unread: Option<String>,
}

/// A vSwitch and its ACL; none where no ACL is bound to it, and nothing is filtered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VSwitchAcl {
    pub vswitch: String,
    pub acl: Option<NetworkAcl>,
}
