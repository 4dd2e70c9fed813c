//! Each name server of a pod asked by itself, which no resolver does.

use std::fmt::{Display, Formatter, Result};
use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Ask each name server of the pod's resolv.conf for these names, and for a name that nobody has under each domain of its
/// search list; IPv4 and IPv6.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskServers {
    /// Whole names: no search list is tried.
    pub names: Vec<String>,
    /// The first label of the names that nobody has.
    pub nobodys: String,
}

/// What they answered, and what resolvers make of resolv.conf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename = "name-servers")]
pub struct AskedServers {
    /// In the order in which resolvers ask them.
    pub servers: Vec<AskedServer>,
    /// The search list.
    pub search: Vec<String>,
    /// Names with fewer dots are tried below the domains of the search list before they are tried as they are.
    pub ndots: u8,
    /// Resolvers do not always begin with the first server.
    pub rotate: bool,
    /// How long each query was waited for: as long as the C library does by itself.
    pub waited_ms: u64,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedServer {
    /// As resolv.conf has it.
    pub address: String,
    pub asked: Vec<AskedName>,
}

/// One query to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedName {
    /// Without a dot at the end.
    pub name: String,
    /// For IPv6 addresses.
    pub sixth: bool,
    pub heard: NameHeard,
}

/// What came of a query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "heard", rename_all = "kebab-case")]
pub enum NameHeard {
    /// An answer with this code (0 without an error, 2 a server's failure, 3 no such name).
    Answer { code: u8, addresses: Vec<IpAddr>, took_ms: u64 },
    /// None, although it was asked again.
    Silence,
    /// It could not be sent, or was refused.
    Unsent { said: String },
}

impl NameHeard {
    /// How long the answer took.
    pub fn took(&self) -> Option<Duration> {
        match self {
            NameHeard::Answer { took_ms, .. } => Some(Duration::from_millis(*took_ms)),
            NameHeard::Silence | NameHeard::Unsent { .. } => None,
        }
    }

    /// The addresses in an answer without an error; none where it says that there is no such name.
    pub fn addresses(&self) -> Option<&[IpAddr]> {
        match self {
            NameHeard::Answer { code: 0 | 3, addresses, .. } => Some(addresses),
            _ => None,
        }
    }
}

impl Display for NameHeard {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            NameHeard::Answer { code: 3, took_ms, .. } => write!(f, "NXDOMAIN in {took_ms} ms"),
            NameHeard::Answer { code: 0, addresses, took_ms } if addresses.is_empty() => {
                write!(f, "no address in {took_ms} ms")
            }
            NameHeard::Answer { code: 0, addresses, took_ms } => {
                let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
                write!(f, "{} in {took_ms} ms", addresses.join(" "))
            }
            NameHeard::Answer { code, took_ms, .. } => write!(f, "error {code} in {took_ms} ms"),
            NameHeard::Silence => f.write_str("no answer"),
            NameHeard::Unsent { said } => f.write_str(said),
        }
    }
}

impl Display for AskedServers {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "search {}; ndots {}", self.search.join(" "), self.ndots)?;
        for server in &self.servers {
            write!(f, "; {}:", server.address)?;
            for asked in &server.asked {
                write!(f, " {} {} {},", asked.name, if asked.sixth { "AAAA" } else { "A" }, asked.heard)?;
            }
        }
        Ok(())
    }
}
