//! The network policies that a pod is selected by, as far as they are about TCP connections that it opens.

use std::net::IpAddr;

use ipnet::IpNet;

use super::super::Ports;

/// A NetworkPolicy of Kubernetes that selects the pod, and is for egress: what none of them allows is dropped by a plugin
/// that enforces them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EgressPolicy {
    pub name: String,
    /// The label selector of the pods that it is for, as JSON.
    pub pods: String,
    pub allows: Vec<Allowed>,
}

/// Connections out of the cluster that a rule allows. What it says of other pods is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// To these addresses, without those; to all where none.
    pub to: Option<(IpNet, Vec<IpNet>)>,
    pub ports: Vec<Ports>,
}

impl Allowed {
    /// Whether it is about an address outside of the cluster.
    pub fn is_for(&self, address: IpAddr) -> bool {
        match &self.to {
            Some((range, except)) => range.contains(&address) && !except.iter().any(|except| except.contains(&address)),
            None => true,
        }
    }
}
