//! What the probe in a pod is asked, answered from the model.

use std::net::IpAddr;

use ackcheck_probe_protocol::{
    AnyQuestion, CannotLook, Dial, Dialled, DialledPort, Exchange, Exchanges, Failure, Http, LONGEST_BODY, Line, Oss,
    PortState, Ports, Resolved, Sweep, Swept, SweptPorts, milliseconds,
};

use super::http::{Sending, Trust};
use super::{Network, Passage};

impl Network {
    /// Answers one question put to the probe in a pod on a node.
    pub(crate) async fn answer(&self, node: &str, question: &AnyQuestion) -> Line {
        match question {
            AnyQuestion::Resolve(question) => looked(self.resolved(node, &question.name)),
            AnyQuestion::Dial(question) => looked(self.dial(node, question)),
            AnyQuestion::Sweep(question) => looked(self.sweep(node, question)),
            AnyQuestion::Http(question) => looked(self.http(node, question).await),
            AnyQuestion::Oss(question) => looked(self.oss(node, question).await),
            AnyQuestion::AskServers(question) => looked(self.name_servers(node, question)),
            AnyQuestion::Greet(question) => self.greet(node, question).await.into(),
            AnyQuestion::Listen(question) => self.listen(node, question).await.into(),
        }
    }

    fn dial(&self, node: &str, Dial { host, ports, timeout_ms }: &Dial) -> Dialled {
        let addresses = match self.resolved(node, host) {
            Resolved::Addresses { addresses } => addresses,
            Resolved::NoSuchName { said } => return Dialled::NoSuchName { said },
            Resolved::NoServer { said } => return Dialled::NoServer { said },
        };
        let each = addresses.iter().flat_map(|address| ports.iter().map(move |port| (*address, *port)));
        let dialled = each.map(|(address, port)| {
            let state = self.state(node, address, port);
            let took_ms = if state == PortState::Filtered { *timeout_ms } else { 0 };
            DialledPort { address, port, state, took_ms }
        });
        Dialled::Dialled { ports: dialled.collect() }
    }

    fn state(&self, node: &str, address: IpAddr, port: u16) -> PortState {
        match self.passage(node, address, port) {
            Passage::Open => PortState::Open,
            Passage::Refused => PortState::Closed,
            Passage::Dropped => PortState::Filtered,
            Passage::Unreachable(_) => PortState::Unreachable,
        }
    }

    fn resolved(&self, node: &str, name: &str) -> Resolved {
        let server = self.world.cluster_dns_address;
        match self.resolve(node, name) {
            super::Resolved::Addresses(addresses) => Resolved::Addresses { addresses },
            super::Resolved::NoSuchName => Resolved::NoSuchName { said: format!("NXDOMAIN from {server}:53") },
            super::Resolved::NoServer => Resolved::NoServer { said: format!("no answer from {server}:53") },
        }
    }

    async fn oss(&self, node: &str, question: &Oss) -> Exchanges {
        let put = self.http(node, &question.putting()).await;
        if !put.succeeded() {
            return Exchanges { put, get: None, delete: None };
        }
        let get = self.http(node, &question.getting()).await;
        let delete = self.http(node, &question.deleting()).await;
        Exchanges { put, get: Some(get), delete: Some(delete) }
    }

    async fn http(&self, node: &str, question: &Http) -> Exchange {
        let Http { method, url, headers, body, trust_any, ca_pem, timeout_ms } = question;
        let trust = trust(*trust_any, ca_pem.as_deref());
        let (body, timeout_ms) = (body.as_bytes(), *timeout_ms);
        let sending = Sending { method, url, headers, body, trust, timeout_ms, longest: LONGEST_BODY };
        let started = std::time::Instant::now();
        let sent = self.send(node, sending, Self::resolve).await;
        let took_ms = milliseconds(started.elapsed());
        match sent {
            Ok(reply) => Exchange::Http {
                status: reply.status,
                headers: reply.headers,
                body: String::from_utf8_lossy(&reply.body).into_owned(),
                took_ms,
            },
            // A silence that the model knows of is reported without waiting for it.
            Err((failure @ (Failure::NotConnected | Failure::TimedOut), said)) => {
                Exchange::NoHttp { failure, said, took_ms: timeout_ms }
            }
            Err((failure, said)) => Exchange::NoHttp { failure, said, took_ms },
        }
    }

    /// The model changes only at the edges of its filters and at listening ports, so only those are asked.
    fn sweep(&self, node: &str, Sweep { address, ports, .. }: &Sweep) -> Swept {
        let listening = self.host_ports.iter().copied().chain([22, 80, 443, 10250]).filter_map(Ports::one);
        let special = self.barriers.iter().map(|barrier| barrier.ports).chain(listening);
        let edges = special.flat_map(|special| [Some(special.first()), special.last().checked_add(1)]).flatten();
        let mut starts: Vec<u16> = edges.chain([ports.first()]).filter(|edge| ports.contains(*edge)).collect();
        starts.sort_unstable();
        starts.dedup();
        let ends = starts.iter().skip(1).map(|next| next - 1).chain([ports.last()]);
        let pieces = starts.iter().zip(ends).filter_map(|(first, last)| Ports::new(*first, last).ok());
        Swept::of(pieces.map(|ports| SweptPorts { ports, state: self.state(node, *address, ports.first()) }))
    }
}

/// The model can always look.
fn looked<A: serde::Serialize>(answer: A) -> Line {
    Ok::<_, CannotLook>(answer).into()
}

/// Whose certificates the probe takes; it has no roots but those it is given.
fn trust(any: bool, ca_pem: Option<&str>) -> Trust {
    if any { Trust::Any } else { Trust::These(ca_pem.unwrap_or_default().to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NODE, network};
    use super::*;
    use ackcheck_core::fault::Fault;

    #[test]
    fn every_port_of_a_sweep_is_in_one_range() {
        let network = network(&[Fault::Add(
            "/network/filtered",
            r#"{"node": "*", "address": "10.0.0.20", "ports": "20000-59999", "how": "drop"}"#,
        )]);
        let swept = network.sweep(NODE, &Sweep::new("10.0.0.20".parse().expect("an address"), Ports::ALL));
        assert!(swept.covers(Ports::ALL), "{swept}");
        let of = |state: PortState| -> Vec<String> {
            swept.ranges.iter().filter(|range| range.state == state).map(|range| range.ports.to_string()).collect()
        };
        assert_eq!(of(PortState::Filtered), ["20000-59999"]);
        assert_eq!(of(PortState::Open), ["22", "11200-11204"]);
    }

    #[test]
    fn a_few_ports_are_dialled_at_every_address_of_a_name() {
        let network = network(&[Fault::Add(
            "/network/filtered",
            r#"{"node": "*", "address": "10.0.0.20", "ports": "11201-11201", "how": "drop"}"#,
        )]);
        let dial = |host: &str| network.dial(NODE, &Dial { timeout_ms: 700, ..Dial::new(host, vec![11201, 22, 23]) });
        let Dialled::Dialled { ports } = dial("dss.lab.internal") else { panic!("no ports") };
        let told: Vec<(u16, PortState, u64)> = ports.iter().map(|one| (one.port, one.state, one.took_ms)).collect();
        assert_eq!(told, [(11201, PortState::Filtered, 700), (22, PortState::Open, 0), (23, PortState::Closed, 0)]);
        assert!(matches!(dial("nowhere.lab.internal"), Dialled::NoSuchName { .. }));
    }
}
