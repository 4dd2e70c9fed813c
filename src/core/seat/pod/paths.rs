//! The ways from a node to what it needs besides the DSS host: the object store, and the hosts that a pull goes through.

use std::net::IpAddr;

use super::{ASK, EXEC_CREATE, EXEC_GET, POD_LOG, START};
use crate::place::Vantage;
use crate::right::Right;
use crate::seat::operation::{Need, Operation, When, Without};
use crate::seat::registry::RegistryHost;
use crate::seat::{AskedServers, Heard, HttpReply};

/// The way to one host of the object store.
#[derive(Debug, Clone)]
pub struct StorePath {
    /// The first bucket that is there.
    pub bucket: String,
    /// The endpoint as the site has it.
    pub endpoint: String,
    /// Below which its objects are.
    pub url: String,
    /// What is dialled: with the bucket before the endpoint, where OSS has it so.
    pub host: String,
    /// What pods' name servers answer for it.
    pub addresses: Vec<IpAddr>,
    /// What answers to a request that nobody signed.
    pub heard: Heard<HttpReply>,
}

/// A host that a pull goes through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullHost {
    pub is: RegistryHost,
    /// Without a port.
    pub name: String,
    /// What pods' name servers answer for it, which are usually those of the node too.
    pub addresses: Vec<IpAddr>,
}

/// The addresses that pods' name servers have for a name: those of the first that has any, as resolvers take them.
pub fn addresses(asked: &AskedServers, name: &str) -> Vec<IpAddr> {
    let of = |server: &crate::seat::AskedServer| -> Vec<IpAddr> {
        let named = server.asked.iter().filter(|asked| asked.name == name);
        named.filter_map(|asked| asked.heard.addresses()).flatten().copied().collect()
    };
    asked.servers.iter().map(of).find(|addresses| !addresses.is_empty()).unwrap_or_default()
}

/// [`super::Pod::store_paths`].
pub static STORE_PATHS: Operation = Operation { takes: &[&ASK], ..Operation::on(Vantage::Node, "Pod::store_paths") };

const fn lacking(right: Right, when: When) -> Need {
    Need {
        right,
        without: Without::Less("a registry whose hosts resolve to public addresses on the nodes is not recognized"),
        when,
    }
}

/// [`super::Pod::pull_hosts`]: whether pulls pass is seen by pulling, which asks nothing in a pod.
pub static PULL_HOSTS: Operation = Operation {
    needs: &[lacking(EXEC_GET, When::ByExec), lacking(EXEC_CREATE, When::ByExec), lacking(POD_LOG, When::ByLogs)],
    takes: &[&START],
    ..Operation::on(Vantage::Node, "Pod::pull_hosts")
};
