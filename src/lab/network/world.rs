//! The network's section of the world, `fixtures/lab/network.json`.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ackcheck_probe_protocol::Ports;
use ipnet::IpNet;
use serde::Deserialize;

use crate::world::Section;

/// `/network`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NetworkWorld {
    #[serde(rename = "comment")]
    _comment: String,
    pub(super) cluster_dns: Vec<Override>,
    pub(super) node_dns: Vec<Override>,
    pub(super) dns_silent: Vec<String>,
    pub(super) filtered: Vec<Filter>,
    /// The security groups of the cloud do what they say.
    pub(super) rules_apply: bool,
    pub(super) cluster_dns_address: IpAddr,
    pub(super) node_dns_address: IpAddr,
    pub(super) host_ports: HostPorts,
    pub(super) pod_dns: PodDns,
    pub(super) narrow: Vec<Narrow>,
    pub(super) intercepted: Vec<super::interception::Interception>,
    pub(super) pod_ways: Vec<PodWayOf>,
    #[serde(rename = "site")]
    _site: SiteWorld,
}

/// What the site file says; the network does not read it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct SiteWorld {
    #[serde(rename = "ports")]
    _ports: Vec<String>,
}

/// What becomes of connections from the DSS host to pods on a node.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PodWayOf {
    node: String,
    how: PodWay,
}

/// As the DSS host sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum PodWay {
    /// Silence.
    Drop,
    NoRoute,
    /// Somebody else has the pod's address.
    Other,
}

impl NetworkWorld {
    /// How connections to pods on a node fail, if they do.
    pub(super) fn pod_way(&self, node: &str) -> Option<PodWay> {
        self.pod_ways.iter().find(|way| way.node == "*" || way.node == node).map(|way| way.how)
    }
}

/// A way on which packets of full size are lost, and nobody is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Narrow {
    pub(super) node: String,
    pub(super) address: IpAddr,
    pub(super) way: Way,
}

/// As pods see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Way {
    There,
    Back,
    Both,
}

impl Section for NetworkWorld {
    const NAME: &'static str = "network";
}

/// resolv.conf as pods have it, and each name server in it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PodDns {
    pub(super) servers: Vec<NameServer>,
    pub(super) search: Vec<String>,
    pub(super) ndots: u8,
    pub(super) rotate: bool,
    /// Domains under which every name is this address.
    pub(super) wildcards: BTreeMap<String, IpAddr>,
}

/// One name server of pods.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NameServer {
    pub(super) address: IpAddr,
    /// Nothing answers there.
    #[serde(default)]
    pub(super) silent: bool,
    /// Nothing answers there when it is asked for IPv6 addresses.
    #[serde(default)]
    pub(super) silent_for_ipv6: bool,
    pub(super) took_ms: u64,
    /// Names that this server knows otherwise than the others.
    #[serde(default)]
    pub(super) names: BTreeMap<String, Vec<IpAddr>>,
}

/// A name that is answered otherwise than the VPC's name servers do.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Override {
    pub(super) node: String,
    pub(super) name: String,
    pub(super) addresses: Vec<IpAddr>,
}

/// Packets that do not arrive.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    pub(super) node: String,
    pub(super) address: String,
    pub(super) ports: String,
    pub(super) how: Filtering,
}

/// What becomes of a filtered packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Filtering {
    /// Silence.
    Drop,
    /// An ICMP answer: administratively prohibited.
    Reject,
    /// An ICMP answer: no route.
    NoRoute,
    /// A reset in the host's stead.
    Reset,
    /// Accepted in the host's stead, and then nothing.
    Accept,
}

/// The TCP ports the DSS host listens on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HostPorts {
    /// Above the base port of DSS.
    pub(super) offsets: Vec<u16>,
    pub(super) others: Vec<u16>,
}

/// A filter, parsed.
#[derive(Debug)]
pub(super) struct Barrier {
    pub(super) node: String,
    /// Any address where none.
    pub(super) range: Option<IpNet>,
    pub(super) ports: Ports,
    pub(super) how: Filtering,
}

impl Barrier {
    /// Packets from a node to these ports of an address are dropped in silence.
    pub(super) fn drop(node: String, address: IpAddr, ports: Ports) -> Barrier {
        Barrier { node, range: Some(address.into()), ports, how: Filtering::Drop }
    }
}

/// Parses a filter.
pub(super) fn barrier(filter: &Filter) -> anyhow::Result<Barrier> {
    let ports = filter.ports.parse().map_err(|error| anyhow::anyhow!("/network/filtered: {error}"))?;
    let range =
        match filter.address.as_str() {
            "*" => None,
            text => Some(text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).map_err(|_| {
                anyhow::anyhow!("/network/filtered: {text:?} is not an address or a range of addresses")
            })?),
        };
    Ok(Barrier { node: filter.node.clone(), range, ports, how: filter.how })
}
