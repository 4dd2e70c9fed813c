//! TCP ports, and what they answer.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// TCP ports from the first to the last, both included. Never empty, and port 0 is never among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Ends")]
pub struct Ports {
    first: u16,
    last: u16,
}

/// Ports as they come over the wire.
#[derive(Deserialize)]
struct Ends {
    first: u16,
    last: u16,
}

/// A text or two numbers that are not ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotPorts(String);

impl fmt::Display for NotPorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not a port or a range of ports", self.0)
    }
}

impl std::error::Error for NotPorts {}

impl Ports {
    /// Every TCP port.
    pub const ALL: Ports = Ports { first: 1, last: u16::MAX };

    /// From the first to the last.
    ///
    /// # Errors
    /// If the first is 0 or comes after the last.
    pub fn new(first: u16, last: u16) -> Result<Ports, NotPorts> {
        match first != 0 && first <= last {
            true => Ok(Ports { first, last }),
            false => Err(NotPorts(format!("{first}-{last}"))),
        }
    }

    /// One port; none for 0.
    pub fn one(port: u16) -> Option<Ports> {
        Ports::new(port, port).ok()
    }

    /// The lowest.
    pub fn first(self) -> u16 {
        self.first
    }

    /// The highest.
    pub fn last(self) -> u16 {
        self.last
    }

    /// How many.
    pub fn count(self) -> usize {
        usize::from(self.last - self.first) + 1
    }

    /// Each of them, in order.
    pub fn each(self) -> RangeInclusive<u16> {
        self.first..=self.last
    }

    /// Whether a port is one of them.
    pub fn contains(self, port: u16) -> bool {
        self.each().contains(&port)
    }

    /// The ports that are in both.
    pub fn intersection(self, other: Ports) -> Option<Ports> {
        Ports::new(self.first.max(other.first), self.last.min(other.last)).ok()
    }

    /// The ports that are not in the other, in order.
    pub fn without(self, other: Ports) -> impl Iterator<Item = Ports> {
        let Some(both) = self.intersection(other) else { return [Some(self), None].into_iter().flatten() };
        let below = both.first.checked_sub(1).and_then(|last| Ports::new(self.first, last).ok());
        let above = both.last.checked_add(1).and_then(|first| Ports::new(first, self.last).ok());
        [below, above].into_iter().flatten()
    }

    /// Both as one, where the next begin right after these.
    pub fn joined(self, next: Ports) -> Option<Ports> {
        (self.last.checked_add(1) == Some(next.first)).then_some(Ports { first: self.first, last: next.last })
    }
}

impl TryFrom<Ends> for Ports {
    type Error = NotPorts;

    fn try_from(ends: Ends) -> Result<Ports, NotPorts> {
        Ports::new(ends.first, ends.last)
    }
}

impl FromStr for Ports {
    type Err = NotPorts;

    /// Of `22` or `20000-59999`.
    fn from_str(text: &str) -> Result<Ports, NotPorts> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let not_ports = || NotPorts(text.to_owned());
        let port = |text: &str| text.trim().parse().map_err(|_| not_ports());
        Ports::new(port(first)?, port(last)?).map_err(|_| not_ports())
    }
}

impl fmt::Display for Ports {
    /// `22` or `20000-59999`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.first == self.last {
            true => write!(f, "{}", self.first),
            false => write!(f, "{}-{}", self.first, self.last),
        }
    }
}

/// What a port answered. Where neighbours differ the greater counts for both: one ICMP answer speaks for the silence
/// around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PortState {
    /// It accepted the connection.
    Open,
    /// It refused with a reset: the packet arrived. As good as open for reachability.
    Closed,
    /// Silence.
    Filtered,
    /// An ICMP answer said that the packet is not allowed to pass, that nobody may reach the port, or that there is no route.
    Unreachable,
}

impl fmt::Display for PortState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PortState::Open => "open",
            PortState::Closed => "closed",
            PortState::Filtered => "filtered",
            PortState::Unreachable => "unreachable",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports(text: &str) -> Ports {
        text.parse().unwrap()
    }

    #[test]
    fn are_read_as_they_are_written() {
        for text in ["1", "22", "65535", "1-65535", "20000-59999"] {
            assert_eq!(ports(text).to_string(), text);
        }
        assert_eq!(ports("1-65535"), Ports::ALL);
        for text in ["", "0", "0-9", "9-8", "1-65536", "-1", "a-b", "1-2-3"] {
            let error = text.parse::<Ports>().unwrap_err();
            assert_eq!(error.to_string(), format!("{text} is not a port or a range of ports"));
        }
        assert_eq!(serde_json::to_string(&ports("1-9")).unwrap(), r#"{"first":1,"last":9}"#);
        assert!(serde_json::from_str::<Ports>(r#"{"first":9,"last":8}"#).is_err());
    }

    #[test]
    fn are_cut_and_joined_as_sets() {
        let rest = |of: &str, other: &str| ports(of).without(ports(other)).collect::<Vec<_>>();
        assert_eq!(rest("1-9", "4-5"), [ports("1-3"), ports("6-9")]);
        assert_eq!(rest("1-9", "1-5"), [ports("6-9")]);
        assert_eq!(rest("4-9", "9-12"), [ports("4-8")]);
        assert_eq!(rest("4-9", "10-12"), [ports("4-9")]);
        assert_eq!(rest("1-65535", "1-65535"), []);
        assert_eq!(ports("1-9").intersection(ports("9-12")), Some(ports("9")));
        assert_eq!(ports("1-9").intersection(ports("10-12")), None);
        assert_eq!(ports("1-9").joined(ports("10-12")), Some(ports("1-12")));
        assert_eq!(ports("1-9").joined(ports("11-12")), None);
        assert_eq!(Ports::ALL.joined(ports("1")), None);
        assert_eq!((Ports::ALL.count(), ports("7").count()), (65_535, 1));
    }
}
