//! What a pod, or its node, sees of the network, from the model: names, ports, and HTTP that is really sent unless the model says that it cannot pass.

mod asks;
pub(crate) mod greetings;
mod interception;
mod name_servers;
pub(crate) mod http;
mod world;

use std::net::{IpAddr, SocketAddr};

use ackcheck_probe_protocol::Failure;

use self::greetings::Loopback;
use self::world::{Barrier, Filtering, Narrow, NetworkWorld, Override, Way, barrier};
use super::cloud::passage;
use super::dns::records::Records;
use super::dss::world::{BackendState, DssWorld};
use super::gateway::malfunction::{Malfunction, Malfunctions};
use super::http::FROM_NODE;
use super::world::World;
use http::{Reply, Sending, WayOut};
pub(crate) use interception::{EXPIRED, STRANGER};

/// What became of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passage {
    Open,
    Refused,
    Dropped,
    /// The words of the operating system for the ICMP answer.
    Unreachable(&'static str),
}

/// What a name resolves to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resolved {
    Addresses(Vec<IpAddr>),
    NoSuchName,
    NoServer,
}

/// What fits into one packet wherever packets of full size do not, in bytes.
const SMALL: usize = 1200;

/// The size of what is sent, as near as it matters.
fn sent_size(sending: &Sending<'_>) -> usize {
    let headers = sending.headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
    // The query of a signed URL is long, and such requests pass in two packets of their own; only more is large.
    sending.body.len().max(headers)
}

fn lost() -> (Failure, String) {
    (Failure::TimedOut, "no answer: read tcp: i/o timeout".to_owned())
}

/// What the site file says of where the DSS host and pods are, in lines of `[network.connect]`.
pub(crate) fn connect(world: &World, gateway: SocketAddr) -> anyhow::Result<Vec<String>> {
    Ok(Loopback::of(gateway).connect(&world.deployment()?, &world.section()?))
}

/// The network as the world has it.
pub(crate) struct Network {
    world: NetworkWorld,
    barriers: Vec<Barrier>,
    records: Records,
    malfunctions: Malfunctions,
    /// The DSS host.
    host: Vec<IpAddr>,
    host_ports: Vec<u16>,
    nodes: Vec<IpAddr>,
    /// The backend's port, and whether it speaks TLS.
    backend: (u16, bool),
    way_out: WayOut,
    loopback: Loopback,
}

impl Network {
    /// The model, with the gateway through which its HTTP goes and the certificate of the lab's authority, in PEM.
    pub(crate) fn new(world: &World, gateway: SocketAddr, authority: &str) -> anyhow::Result<Network> {
        let network: NetworkWorld = world.section()?;
        let deployment = world.deployment()?;
        let mut barriers = network.filtered.iter().map(barrier).collect::<anyhow::Result<Vec<_>>>()?;
        if network.rules_apply {
            let closed = passage::closed(world)?.into_iter();
            barriers.extend(closed.map(|(node, address, ports)| Barrier::drop(node, address, ports)));
        }
        let base = deployment.dss.base_port;
        let mut host_ports: Vec<u16> =
            network.host_ports.offsets.iter().map(|offset| base.saturating_add(*offset)).collect();
        host_ports.extend(&network.host_ports.others);
        let dss: DssWorld = world.section()?;
        let backend = base.saturating_add(1);
        host_ports.retain(|port| *port != backend || dss.backend.answers != BackendState::Refused);
        Ok(Network {
            barriers,
            records: Records::of(world)?,
            malfunctions: Malfunctions::of(world)?,
            host: deployment.host.addresses,
            host_ports,
            nodes: deployment.nodes.into_iter().map(|node| IpAddr::V4(node.address)).collect(),
            backend: (backend, dss.backend.tls),
            way_out: WayOut::new(gateway, authority)?,
            loopback: Loopback::of(gateway),
            world: network,
        })
    }

    /// One HTTP exchange from a pod, or from the node itself, as the resolver given says.
    pub(crate) async fn send(
        &self,
        node: &str,
        sending: Sending<'_>,
        resolve: impl Fn(&Network, &str, &str) -> Resolved,
    ) -> Result<Reply, (Failure, String)> {
        let url =
            url::Url::parse(sending.url).map_err(|error| (Failure::Garbled, format!("{}: {error}", sending.url)))?;
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_ascii_lowercase();
        let port = url.port_or_known_default().unwrap_or(80);
        let address = match resolve(self, node, &host) {
            Resolved::Addresses(addresses) => addresses.first().copied(),
            Resolved::NoSuchName => return Err((Failure::Unresolvable, format!("lookup {host}: no such host"))),
            Resolved::NoServer => return Err((Failure::Unresolvable, format!("lookup {host}: i/o timeout"))),
        };
        let Some(address) = address else {
            return Err((Failure::Unresolvable, format!("lookup {host}: no such host")));
        };
        let at = SocketAddr::new(address, port);
        let refused = self.malfunctions.of_host(&host) == Some(Malfunction::Refused);
        let speaks_tls = self.backend == (port, true);
        let intercepted = self.interception(node, &host);
        match self.passage(node, address, port) {
            Passage::Dropped => Err((Failure::NotConnected, format!("dial tcp {at}: i/o timeout"))),
            Passage::Unreachable(why) => Err((Failure::Unreachable, format!("dial tcp {at}: connect: {why}"))),
            _ if refused => Err((Failure::Refused, format!("dial tcp {at}: connect: connection refused"))),
            Passage::Refused => Err((Failure::Refused, format!("dial tcp {at}: connect: connection refused"))),
            Passage::Open if let Some(how) = intercepted => how.answer(&sending.trust, url.scheme()),
            Passage::Open if self.host.contains(&address) && (url.scheme() == "https") != speaks_tls => {
                Err(match speaks_tls {
                    true => (Failure::Closed, "the connection was reset before an answer".to_owned()),
                    false => (Failure::Tls, "received a plain HTTP answer to the TLS handshake".to_owned()),
                })
            }
            Passage::Open if self.loses(node, address, Way::There, sent_size(&sending)) => Err(lost()),
            // The certificates of a handshake take full packets.
            Passage::Open if url.scheme() == "https" && self.loses(node, address, Way::Back, usize::MAX) => Err(lost()),
            Passage::Open => {
                let mut headers = sending.headers.to_vec();
                headers.push((FROM_NODE.to_owned(), node.to_owned()));
                let reply = self.way_out.send(&url, &host, Sending { headers: &headers, ..sending }).await?;
                match self.loses(node, address, Way::Back, reply.body.len()) {
                    true => Err(lost()),
                    false => Ok(reply),
                }
            }
        }
    }

    /// Whether something of this size is lost between a node and an address.
    fn loses(&self, node: &str, address: IpAddr, way: Way, size: usize) -> bool {
        let narrow = |narrow: &Narrow| {
            (narrow.node == "*" || narrow.node == node)
                && narrow.address == address
                && (narrow.way == way || narrow.way == Way::Both)
        };
        size > SMALL && self.world.narrow.iter().any(narrow)
    }

    /// What a name resolves to in a pod on a node.
    pub(crate) fn resolve(&self, node: &str, name: &str) -> Resolved {
        if self.world.dns_silent.iter().any(|silent| silent == "*" || silent == node) && name.parse::<IpAddr>().is_err()
        {
            return Resolved::NoServer;
        }
        // Below the search list first, where a resolver does so; what is known there is in `cluster_dns`.
        let known = self.world.cluster_dns.iter().any(|entry| entry.name == name);
        match self.below_the_search_list(name).filter(|_| !known && name.parse::<IpAddr>().is_err()) {
            Some(address) => Resolved::Addresses(vec![address]),
            None => self.lookup(&self.world.cluster_dns, node, name),
        }
    }

    /// What a name resolves to on the node itself, which uses the VPC's name servers.
    pub(crate) fn resolve_on_node(&self, node: &str, name: &str) -> Resolved {
        self.lookup(&self.world.node_dns, node, name)
    }

    /// The name server of the nodes.
    pub(crate) fn node_dns(&self) -> IpAddr {
        self.world.node_dns_address
    }

    fn lookup(&self, overrides: &[Override], node: &str, name: &str) -> Resolved {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        if let Ok(address) = name.parse() {
            return Resolved::Addresses(vec![address]);
        }
        let other =
            overrides.iter().rev().find(|entry| (entry.node == "*" || entry.node == node) && entry.name == name);
        let mut addresses = match other {
            Some(entry) => entry.addresses.clone(),
            None => self.records.get(&name).map(<[IpAddr]>::to_vec).unwrap_or_default(),
        };
        addresses.sort();
        if addresses.is_empty() { Resolved::NoSuchName } else { Resolved::Addresses(addresses) }
    }

    /// What stands between a node and a port, if anything does.
    fn barrier(&self, node: &str, address: IpAddr, port: u16) -> Option<Filtering> {
        let stands = |barrier: &&Barrier| {
            (barrier.node == "*" || barrier.node == node)
                && barrier.range.is_none_or(|range| range.contains(&address))
                && barrier.ports.contains(port)
        };
        self.barriers.iter().find(stands).map(|barrier| barrier.how)
    }

    /// What becomes of a connection from a node or a pod on it.
    pub(crate) fn passage(&self, node: &str, address: IpAddr, port: u16) -> Passage {
        match self.barrier(node, address, port) {
            Some(Filtering::Reset) => Passage::Refused,
            Some(Filtering::Accept) => Passage::Open,
            Some(Filtering::Drop) => Passage::Dropped,
            Some(Filtering::Reject) => Passage::Unreachable("no route to host"),
            Some(Filtering::NoRoute) => Passage::Unreachable("network is unreachable"),
            None if self.host.contains(&address) => match self.host_ports.contains(&port) {
                true => Passage::Open,
                false => Passage::Refused,
            },
            None if self.nodes.contains(&address) => match port {
                22 | 10250 => Passage::Open,
                _ => Passage::Refused,
            },
            None if self.records.has_address(address) => match port {
                80 | 443 => Passage::Open,
                _ => Passage::Dropped,
            },
            // Nobody has that address: nothing answers.
            None => Passage::Dropped,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ackcheck_core::fault::Fault;

    pub(in crate::network) fn network(faults: &[Fault]) -> Network {
        let mut world = World::healthy().expect("a world");
        for fault in faults {
            world.apply(fault).expect("a fault");
        }
        let authority = crate::authority::Authority::new("test").expect("an authority");
        Network::new(&world, "127.0.0.1:9".parse().expect("an address"), authority.pem()).expect("a network")
    }

    pub(in crate::network) const NODE: &str = "cn-hangzhou.10.0.1.11";

    #[test]
    fn names_differ_by_node() {
        let network = network(&[
            Fault::Add(
                "/network/cluster_dns",
                r#"{"node": "cn-hangzhou.10.0.1.11", "name": "dss.lab.internal", "addresses": []}"#,
            ),
            Fault::Add("/network/dns_silent", r#""cn-hangzhou.10.0.1.12""#),
        ]);
        assert_eq!(network.resolve(NODE, "dss.lab.internal"), Resolved::NoSuchName);
        assert_eq!(network.resolve("cn-hangzhou.10.0.1.12", "dss.lab.internal"), Resolved::NoServer);
        let there = Resolved::Addresses(vec!["10.0.0.20".parse().expect("an address")]);
        assert_eq!(network.resolve("cn-hangzhou.10.0.2.13", "DSS.lab.internal."), there);
        assert_eq!(network.resolve_on_node(NODE, "dss.lab.internal"), there);
    }
}
