//! The answers.

use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{PortState, Ports};

/// The probe could not look, whatever it was asked: the question makes no sense, or the pod lacks something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename = "broken")]
pub struct CannotLook {
    pub why: String,
}

impl CannotLook {
    /// For this reason.
    pub fn because(why: impl Into<String>) -> CannotLook {
        CannotLook { why: why.into() }
    }
}

/// What a name resolves to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum Resolved {
    /// Its addresses, sorted, each once.
    Addresses { addresses: Vec<IpAddr> },
    /// The name does not exist or has no address.
    NoSuchName { said: String },
    /// No name server answered.
    NoServer { said: String },
}

/// What a few ports answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum Dialled {
    /// Every port of every address that was dialled, in order.
    Dialled { ports: Vec<DialledPort> },
    /// The host's name does not exist or has no address.
    NoSuchName { said: String },
    /// No name server answered.
    NoServer { said: String },
}

/// What one port of one address answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DialledPort {
    pub address: IpAddr,
    pub port: u16,
    pub state: PortState,
    pub took_ms: u64,
}

/// What a range of ports answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename = "ports")]
pub struct Swept {
    /// In order; each port that was asked is in exactly one of them.
    pub ranges: Vec<SweptPorts>,
}

/// Ports that all answered the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweptPorts {
    #[serde(flatten)]
    pub ports: Ports,
    pub state: PortState,
}

impl Swept {
    /// Of states in the order of their ports, neighbours that answered the same as one range.
    pub fn of(states: impl IntoIterator<Item = SweptPorts>) -> Swept {
        let mut ranges: Vec<SweptPorts> = Vec::new();
        for next in states {
            let joined = ranges
                .last_mut()
                .filter(|last| last.state == next.state)
                .and_then(|last| last.ports.joined(next.ports).map(|ports| last.ports = ports));
            if joined.is_none() {
                ranges.push(next);
            }
        }
        Swept { ranges }
    }

    /// Whether each of these ports is in exactly one range, and no other port in any.
    pub fn covers(&self, ports: Ports) -> bool {
        let mut ranges = self.ranges.iter().map(|range| range.ports);
        let first = ranges.next();
        let whole = first.and_then(|first| ranges.try_fold(first, Ports::joined));
        whole == Some(ports)
    }
}

/// What one HTTP request brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum Exchange {
    /// An answer; its body is cut at [`LONGEST_BODY`](crate::LONGEST_BODY).
    Http { status: u16, headers: Vec<(String, String)>, body: String, took_ms: u64 },
    /// None.
    NoHttp { failure: Failure, said: String, took_ms: u64 },
}

impl Exchange {
    /// Whether the status says that it succeeded.
    pub fn succeeded(&self) -> bool {
        matches!(self, Exchange::Http { status: 200..=299, .. })
    }

    /// How long it took.
    pub fn took(&self) -> Duration {
        let (Exchange::Http { took_ms, .. } | Exchange::NoHttp { took_ms, .. }) = self;
        Duration::from_millis(*took_ms)
    }
}

/// Why no HTTP answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    Unresolvable,
    Refused,
    Unreachable,
    /// Nobody took or refused the connection in its part of the time.
    NotConnected,
    /// Connected, and no whole answer in time.
    TimedOut,
    Tls,
    Closed,
    Garbled,
}

/// An object's way to the store and back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename = "oss")]
pub struct Exchanges {
    pub put: Exchange,
    /// None where the put did not succeed.
    pub get: Option<Exchange>,
    /// None where the put did not succeed.
    pub delete: Option<Exchange>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn swept(ranges: &[&str]) -> Swept {
        let range = |text: &&str| SweptPorts { ports: text.parse().unwrap(), state: PortState::Open };
        Swept { ranges: ranges.iter().map(range).collect() }
    }

    #[test]
    fn a_sweep_covers_each_port_once() {
        let ports: Ports = "1-9".parse().unwrap();
        assert!(swept(&["1-9"]).covers(ports) && swept(&["1", "2-8", "9"]).covers(ports));
        for wrong in [&[] as &[&str], &["1-8"], &["2-9"], &["1-10"], &["1-4", "6-9"], &["1-5", "5-9"], &["5-9", "1-4"]]
        {
            assert!(!swept(wrong).covers(ports), "{wrong:?}");
        }
    }

    #[test]
    fn neighbours_of_one_state_are_one_range() {
        let states = [(1, PortState::Closed), (2, PortState::Closed), (3, PortState::Open), (5, PortState::Open)];
        let one = |(port, state)| SweptPorts { ports: Ports::one(port).unwrap(), state };
        let told: Vec<String> =
            Swept::of(states.map(one)).ranges.iter().map(|range| format!("{} {}", range.ports, range.state)).collect();
        assert_eq!(told, ["1-2 closed", "3 open", "5 open"]);
    }
}
