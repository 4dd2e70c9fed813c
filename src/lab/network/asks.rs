//! What the probe in a pod is asked, answered from the model.

use std::net::IpAddr;

use ackcheck_probe::{Answer, Ask, Dialled, Failure, Ports, State};

use super::http::{Sending, Trust};
use super::{Network, Passage, Resolved};

/// The longest body an answer carries, in bytes; the probe's limit.
const LONGEST_BODY: usize = 64 << 10;

impl Network {
    /// Answers one ask of the probe in a pod on a node.
    pub(crate) async fn answer(&self, node: &str, ask: &Ask) -> Answer {
        match ask {
            Ask::Resolve { name } => self.resolve_answer(node, name),
            Ask::Sweep { address, first, last, .. } if first <= last => {
                Answer::Ports { ranges: self.sweep(node, *address, *first, *last) }
            }
            Ask::Sweep { first, last, .. } => Answer::Broken { why: format!("the range {first}-{last} is empty") },
            Ask::Dial { host, ports, timeout_ms } => self.dial(node, host, ports, *timeout_ms),
            Ask::Http { method, url, headers, body, trust_any, ca_pem, timeout_ms } => {
                let trust = trust(*trust_any, ca_pem.as_deref());
                self.http_answer(node, Sending { headers, ..sending(method, url, body, trust, *timeout_ms) }).await
            }
            Ask::Oss { put, get, delete, body, trust_any, ca_pem, timeout_ms } => {
                let part = |method, url, body| {
                    let trust = trust(*trust_any, ca_pem.as_deref());
                    self.http_answer(node, sending(method, url, body, trust, *timeout_ms))
                };
                let put = Box::new(part("PUT", put, body).await);
                if !matches!(*put, Answer::Http { status: 200..=299, .. }) {
                    return Answer::Oss { put, get: None, delete: None };
                }
                let (get, delete) = (part("GET", get, "").await, part("DELETE", delete, "").await);
                Answer::Oss { put, get: Some(Box::new(get)), delete: Some(Box::new(delete)) }
            }
        }
    }

    fn dial(&self, node: &str, host: &str, ports: &[u16], timeout_ms: u64) -> Answer {
        let addresses = match self.resolve_answer(node, host) {
            Answer::Addresses { addresses } => addresses,
            other => return other,
        };
        let each = addresses.iter().flat_map(|address| ports.iter().map(move |port| (*address, *port)));
        let dialled = each.map(|(address, port)| {
            let state = self.state(node, address, port);
            let took_ms = if state == State::Filtered { timeout_ms } else { 0 };
            Dialled { address, port, state, took_ms }
        });
        Answer::Dialled { ports: dialled.collect() }
    }

    fn state(&self, node: &str, address: IpAddr, port: u16) -> State {
        match self.passage(node, address, port) {
            Passage::Open => State::Open,
            Passage::Refused => State::Closed,
            Passage::Dropped => State::Filtered,
            Passage::Unreachable(_) => State::Unreachable,
        }
    }

    fn resolve_answer(&self, node: &str, name: &str) -> Answer {
        let server = self.world.cluster_dns_address;
        match self.resolve(node, name) {
            Resolved::Addresses(addresses) => Answer::Addresses { addresses },
            Resolved::NoSuchName => Answer::NoSuchName { said: format!("NXDOMAIN from {server}:53") },
            Resolved::NoServer => Answer::NoServer { said: format!("no answer from {server}:53") },
        }
    }

    async fn http_answer(&self, node: &str, sending: Sending<'_>) -> Answer {
        let started = std::time::Instant::now();
        let took = || u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let timeout_ms = sending.timeout_ms;
        match self.send(node, sending, Self::resolve).await {
            Ok(reply) => Answer::Http {
                status: reply.status,
                headers: reply.headers,
                body: String::from_utf8_lossy(&reply.body).into_owned(),
                took_ms: took(),
            },
            // The wait of a silence that the model knows of is not waited; it is only told.
            Err((Failure::TimedOut, said)) => Answer::NoHttp { failure: Failure::TimedOut, said, took_ms: timeout_ms },
            Err((failure, said)) => Answer::NoHttp { failure, said, took_ms: took() },
        }
    }

    /// The ports of an address in ranges. The model changes only at the edges of its filters and at listening ports, so
    /// only those are asked.
    fn sweep(&self, node: &str, address: IpAddr, first: u16, last: u16) -> Vec<Ports> {
        let mut edges: Vec<u32> = vec![u32::from(first)];
        let mut edge = |from: u16, to: u16| edges.extend([u32::from(from), u32::from(to) + 1]);
        for barrier in &self.barriers {
            edge(barrier.first, barrier.last);
        }
        for port in self.host_ports.iter().copied().chain([22, 80, 443, 10250]) {
            edge(port, port);
        }
        edges.retain(|edge| (u32::from(first)..=u32::from(last)).contains(edge));
        edges.sort_unstable();
        edges.dedup();
        let ends = edges.iter().skip(1).map(|next| next - 1).chain([u32::from(last)]);
        let mut ranges: Vec<Ports> = Vec::new();
        for (from, to) in edges.iter().zip(ends) {
            let (Ok(from), Ok(to)) = (u16::try_from(*from), u16::try_from(to)) else { continue };
            let state = self.state(node, address, from);
            match ranges.last_mut() {
                Some(range) if range.state == state => range.last = to,
                _ => ranges.push(Ports { first: from, last: to, state }),
            }
        }
        ranges
    }
}

/// Whose certificates the probe takes; it has no roots but those it is given.
fn trust(any: bool, ca_pem: Option<&str>) -> Trust {
    if any { Trust::Any } else { Trust::These(ca_pem.unwrap_or_default().to_owned()) }
}

fn sending<'a>(method: &'a str, url: &'a str, body: &'a str, trust: Trust, timeout_ms: u64) -> Sending<'a> {
    Sending { method, url, headers: &[], body: body.as_bytes(), trust, timeout_ms, longest: LONGEST_BODY }
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
        let ranges = network.sweep(NODE, "10.0.0.20".parse().expect("an address"), 1, 65535);
        let mut next = 1_u32;
        for range in &ranges {
            assert_eq!(u32::from(range.first), next);
            next = u32::from(range.last) + 1;
        }
        assert_eq!(next, 65536);
        let filtered: Vec<&Ports> = ranges.iter().filter(|range| range.state == State::Filtered).collect();
        assert!(matches!(filtered.as_slice(), [Ports { first: 20000, last: 59999, .. }]), "{ranges:?}");
        let open: Vec<(u16, u16)> =
            ranges.iter().filter(|range| range.state == State::Open).map(|range| (range.first, range.last)).collect();
        assert_eq!(open, [(22, 22), (11200, 11204)]);
    }

    #[tokio::test]
    async fn a_few_ports_are_dialled_at_every_address_of_a_name() {
        let network = network(&[Fault::Add(
            "/network/filtered",
            r#"{"node": "*", "address": "10.0.0.20", "ports": "11201-11201", "how": "drop"}"#,
        )]);
        let dial = |host: &str| Ask::Dial { host: host.to_owned(), ports: vec![11201, 22, 23], timeout_ms: 700 };
        let Answer::Dialled { ports } = network.answer(NODE, &dial("dss.lab.internal")).await else {
            panic!("no ports")
        };
        let told: Vec<(u16, State, u64)> = ports.iter().map(|one| (one.port, one.state, one.took_ms)).collect();
        assert_eq!(told, [(11201, State::Filtered, 700), (22, State::Open, 0), (23, State::Closed, 0)]);
        assert!(matches!(network.answer(NODE, &dial("nowhere.lab.internal")).await, Answer::NoSuchName { .. }));
    }
}
