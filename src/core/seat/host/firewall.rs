//! The DSS host's own firewall, as the first packet of a new TCP connection from another machine meets it.
//!
//! What a rule says of anything else (loopback, established connections, other protocols) is decided when it is read: such
//! a condition is left out where it holds for that packet, and is [`Condition::Never`] where it does not.

use ipnet::IpNet;

use super::super::Ports;

/// What is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Firewall {
    /// Its rules. There can be others that were not read, so that it may drop more than these.
    Read(Ruleset),
    /// It was not read: this account is not allowed to, or there is no program that lists it.
    NotRead { why: String },
}

/// Rules of every table that packets to the host pass.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ruleset {
    pub chains: Vec<Chain>,
}

/// Rules that are asked in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The table that it is in, and whose chains it can jump to: `inet firewalld`.
    pub table: String,
    pub name: String,
    /// None of a chain that others jump to.
    pub hook: Option<Hook>,
    pub rules: Vec<Rule>,
}

/// Where the kernel asks a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hook {
    pub at: At,
    /// The lowest is asked first.
    pub priority: i64,
    /// What becomes of packets that no rule decides.
    pub drops: bool,
}

/// The hooks on the way of a packet to a process of the host, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum At {
    Prerouting,
    Input,
}

/// A rule: where all conditions hold, the action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// As it was read, for people: `handle 7: tcp dport 20000-59999 drop`.
    pub words: String,
    pub conditions: Vec<Condition>,
    pub action: Action,
}

/// A condition of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// The source address is in one of these, or in none where `not` is set.
    Source { ranges: Vec<IpNet>, not: bool },
    /// The same of the destination address.
    Destination { ranges: Vec<IpNet>, not: bool },
    /// The destination port is in one of these, or in none where `not` is set.
    Ports { ports: Vec<Ports>, not: bool },
    /// The same of the source port.
    SourcePorts { ports: Vec<Ports>, not: bool },
    /// It does not hold for such a packet.
    Never,
    /// It can hold or not: a limit, a mark, a set that changes, or nothing that ackcheck knows.
    Perhaps,
}

/// Whether something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    Yes,
    No,
    /// It is not known.
    Perhaps,
}

impl Holds {
    /// The opposite of it.
    pub fn negated(self, not: bool) -> Holds {
        match self {
            Holds::Yes if not => Holds::No,
            Holds::No if not => Holds::Yes,
            other => other,
        }
    }

    /// Both.
    pub fn and(self, other: Holds) -> Holds {
        match (self, other) {
            (Holds::No, _) | (_, Holds::No) => Holds::No,
            (Holds::Yes, Holds::Yes) => Holds::Yes,
            _ => Holds::Perhaps,
        }
    }

    /// One of them, or both.
    pub fn or(self, other: Holds) -> Holds {
        self.negated(true).and(other.negated(true)).negated(true)
    }
}

impl From<bool> for Holds {
    fn from(holds: bool) -> Holds {
        if holds { Holds::Yes } else { Holds::No }
    }
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// It only counts, logs or marks.
    Continue,
    Accept,
    Drop,
    /// It answers with ICMP or with a reset.
    Reject,
    Jump(String),
    Goto(String),
    Return,
    /// It sends the packet elsewhere: what comes of it is not followed.
    Divert,
    /// Nothing that ackcheck knows.
    Unknown,
}

impl std::fmt::Display for Firewall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Firewall::Read(ruleset) => {
                let rules: usize = ruleset.chains.iter().map(|chain| chain.rules.len()).sum();
                let mut tables: Vec<&str> = ruleset.chains.iter().map(|chain| chain.table.as_str()).collect();
                tables.dedup();
                match tables.as_slice() {
                    [] => f.write_str("no rules"),
                    tables => write!(f, "{rules} rules in {}", tables.join(", ")),
                }
            }
            Firewall::NotRead { why } => write!(f, "not read: {why}"),
        }
    }
}
