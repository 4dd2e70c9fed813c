//! Ports where ackcheck itself listens and hands every caller a token: who answers there in its stead cannot know it.

use std::fmt::{Display, Formatter, Result};
use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Ports, milliseconds};

/// How long one connection may take until its token is there. The kernel sends the first packet again after a second.
pub const GREETED_WITHIN: Duration = Duration::from_millis(2_500);
/// The most ports of one question to greet.
pub const MOST_GREETED: usize = 4_096;

/// Connect to ports where ackcheck listens, once each, and read its token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Greet {
    pub address: IpAddr,
    pub ports: Vec<Ports>,
    pub token: String,
    /// For one connection, in milliseconds.
    pub timeout_ms: u64,
}

/// Listen on a port of every address of this pod, until one caller was handed the token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listen {
    pub port: u16,
    pub token: String,
    /// In milliseconds.
    pub for_ms: u64,
}

/// What became of connections to ports where ackcheck listens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename = "greeted")]
pub struct Greeted {
    /// In order; each port that was asked is in exactly one of them.
    pub ranges: Vec<GreetedPorts>,
    /// The addresses that this end of the connections had.
    pub own: Vec<IpAddr>,
}

/// Ports that all greeted alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GreetedPorts {
    #[serde(flatten)]
    pub ports: Ports,
    pub greeting: Greeting,
}

/// What one connection brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Greeting {
    /// The token.
    Token,
    /// Other bytes than the token.
    Other,
    /// It was accepted and closed before a token was there.
    Closed,
    /// It was accepted, and nothing came.
    Nothing,
    /// It was refused by a reset.
    Refused,
    /// Silence.
    Silent,
    /// An ICMP answer, or no route.
    Unreachable,
}

/// Who called at the port of a pod.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename = "listened")]
pub struct Listened {
    /// The addresses that callers had, each once.
    pub callers: Vec<IpAddr>,
}

impl Greet {
    /// With the time for a connection that is usual.
    pub fn new(address: IpAddr, ports: Vec<Ports>, token: impl Into<String>) -> Greet {
        Greet { address, ports, token: token.into(), timeout_ms: milliseconds(GREETED_WITHIN) }
    }

    /// For one connection.
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }
}

impl Listen {
    /// How long to listen.
    pub fn duration(&self) -> Duration {
        Duration::from_millis(self.for_ms)
    }
}

impl Greeted {
    /// Of ports in their order, neighbours that greeted alike as one range.
    pub fn of(each: impl IntoIterator<Item = (u16, Greeting)>, own: Vec<IpAddr>) -> Greeted {
        let mut ranges: Vec<GreetedPorts> = Vec::new();
        for (port, greeting) in each {
            let Some(ports) = Ports::one(port) else { continue };
            let joined = ranges
                .last_mut()
                .filter(|last| last.greeting == greeting)
                .and_then(|last| last.ports.joined(ports).map(|both| last.ports = both));
            if joined.is_none() {
                ranges.push(GreetedPorts { ports, greeting });
            }
        }
        Greeted { ranges, own }
    }

    /// Each port with its greeting.
    pub fn each(&self) -> impl Iterator<Item = (u16, Greeting)> {
        self.ranges.iter().flat_map(|range| range.ports.each().map(|port| (port, range.greeting)))
    }
}

impl Display for Greeting {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            Greeting::Token => "greeted",
            Greeting::Other => "answered with other bytes",
            Greeting::Closed => "accepted and closed without a greeting",
            Greeting::Nothing => "accepted without a greeting",
            Greeting::Refused => "refused",
            Greeting::Silent => "silent",
            Greeting::Unreachable => "unreachable",
        })
    }
}

impl Display for Greeted {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let ranges: Vec<String> =
            self.ranges.iter().map(|range| format!("{} {}", range.ports, range.greeting)).collect();
        f.write_str(&ranges.join(", "))
    }
}

impl Display for Listened {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.callers.as_slice() {
            [] => f.write_str("nobody called"),
            callers => {
                let callers: Vec<String> = callers.iter().map(ToString::to_string).collect();
                write!(f, "called from {}", callers.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_that_greet_alike_are_one_range() {
        let each = [(1, Greeting::Token), (2, Greeting::Token), (4, Greeting::Token), (5, Greeting::Refused)];
        let greeted = Greeted::of(each, Vec::new());
        assert_eq!(greeted.to_string(), "1-2 greeted, 4 greeted, 5 refused");
        assert_eq!(greeted.each().collect::<Vec<_>>(), each);
    }
}
