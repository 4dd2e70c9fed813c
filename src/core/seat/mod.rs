//! What can be done from a vantage: traits, observation types and what others must allow; no implementation.
//!
//! A refused connection is an answer, not an error: seats return observations. An [`Unseen`] means that nothing could
//! be observed. Every seat notes what it asked and heard in the journal of the case it was opened for.

pub mod cloud;
pub mod cluster;
mod credential_helper;
pub mod dss;
pub mod greeting;
pub mod host;
pub mod keyring;
pub mod operation;
pub mod pod;
pub mod pull;
pub mod registry;
pub mod store;
mod sweep;
pub mod temporary;
mod words;

use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;

use crate::evidence::Journal;
use crate::place::Vantage;
use crate::subject::{Each, Subject};
use crate::verdict::Unseen;
use operation::{Need, Operation};

pub use ackcheck_probe_protocol::{AskedName, AskedServer, AskedServers, NameHeard};
pub use ackcheck_probe_protocol::{PortState, Ports, Swept, SweptPorts};
pub use cloud::Cloud;
pub use cluster::Cluster;
pub use dss::Dss;
pub use host::Host;
pub use pod::Pod;
pub use registry::Registry;
pub use store::Store;
pub use sweep::{Basis, NodeSweep};

/// What a seat method brings.
pub type Seen<T> = Result<T, Unseen>;

/// What was seen, or why nothing was, in words for the journal.
pub fn told<T: std::fmt::Display>(seen: &Seen<T>) -> String {
    match seen {
        Ok(seen) => seen.to_string(),
        Err(why) => why.to_string(),
    }
}

/// An answer over a network, or how it failed to come.
pub type Heard<T> = Result<T, NoReply>;

/// Why a service gave no answer that can be read. Each is an observation about the deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoReply {
    /// The name does not resolve.
    Unresolvable { name: String, said: String },
    /// A connection was refused.
    Refused { address: String },
    /// No route, or an ICMP rejection.
    Unreachable { address: String, said: String },
    /// No connection came about until the limit, with TLS where a seat's own client asks; nobody refused it.
    NotConnected { after: Duration },
    /// A connection was made, and no whole answer came until the limit, which is ackcheck's own.
    TimedOut { after: Duration },
    /// The TLS handshake failed: an unknown issuer, a name that is not on the certificate, no TLS at all.
    Tls { said: String },
    /// The connection ended before the answer was whole.
    Closed { said: String },
    /// An answer came that is not the protocol: garbage, a redirect in a circle, a body past the limit.
    Garbled { said: String },
}

impl NoReply {
    /// Whether it may have come to this because too much time went by, on this side or on the other: an answer that is
    /// late, a connection that the other side gave up, a name server that was not heard. A refusal comes at once.
    pub fn may_be_owed_to_time(&self) -> bool {
        !matches!(self, NoReply::Refused { .. })
    }

    /// True where the other side answered, and not in TLS.
    pub fn is_not_tls(&self) -> bool {
        matches!(self, NoReply::Tls { said } if said == ackcheck_probe_protocol::NOT_TLS)
    }
}

impl std::fmt::Display for NoReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NoReply::Unresolvable { name, said } => write!(f, "the name {name} does not resolve ({said})"),
            NoReply::Refused { address } => write!(f, "{address} refused the connection"),
            NoReply::Unreachable { address, said } => write!(f, "{address} cannot be reached ({said})"),
            NoReply::NotConnected { after } => write!(f, "no connection within {:.1} s", after.as_secs_f64()),
            NoReply::TimedOut { after } => write!(f, "no whole answer within {:.1} s", after.as_secs_f64()),
            NoReply::Tls { said } => write!(f, "the TLS handshake failed ({said})"),
            NoReply::Closed { said } => write!(f, "the connection was closed before the answer was whole ({said})"),
            NoReply::Garbled { said } => write!(f, "the answer cannot be read ({said})"),
        }
    }
}

/// What a name resolves to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameAnswer {
    /// To these addresses, sorted.
    Addresses(Vec<IpAddr>),
    /// The name does not exist, or has no address.
    NoSuchName { said: String },
    /// No name server answered, or all failed.
    NoServer { said: String },
}

/// An HTTP answer, its body bounded and read whole.
#[derive(Debug, Clone)]
pub struct HttpReply {
    /// The status code.
    pub status: u16,
    /// Header names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// The body, as text; invalid UTF-8 replaced.
    pub body: String,
}

impl HttpReply {
    /// The value of a header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// Every operation that others must allow, seat by seat. A law holds each of them to a check that uses it.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    let seats = [
        host::OPERATIONS,
        dss::OPERATIONS,
        cluster::OPERATIONS,
        pod::OPERATIONS,
        cloud::OPERATIONS,
        store::OPERATIONS,
        registry::OPERATIONS,
    ];
    std::iter::once(&FIND_NODES).chain(seats.into_iter().flatten().copied())
}

/// [`Seats::nodes`]: each check that is asked in pods uses it without naming it.
pub static FIND_NODES: Operation = Operation {
    needs: &[Need::better_with(
        cluster::NODES,
        "nodes are found by placing pods on them, and nodes that do not accept any are not found",
    )],
    ..Operation::on(Vantage::Node, "Seats::nodes")
};

/// Seats on one deployment. Each is opened for one case and writes to that case's journal; answers that several cases
/// need are memoised behind it.
#[async_trait]
pub trait Seats: Send + Sync {
    /// The DSS host.
    fn host(&self, journal: Journal) -> Seen<Box<dyn Host>>;
    /// DSS itself.
    fn dss(&self, journal: Journal) -> Seen<Box<dyn Dss>>;
    /// The Kubernetes API.
    fn cluster(&self, journal: Journal) -> Seen<Box<dyn Cluster>>;
    /// The OpenAPI and the metadata.
    fn cloud(&self, journal: Journal) -> Seen<Box<dyn Cloud>>;
    /// The object store at one place that the site describes: a connection of DSS or a bucket.
    fn store(&self, at: &Subject, journal: Journal) -> Seen<Box<dyn Store>>;
    /// The image registry.
    fn registry(&self, journal: Journal) -> Seen<Box<dyn Registry>>;
    /// What the checks of this set have one case for each of. An empty list is never a pass: the run makes it Broken.
    async fn subjects(&self, each: Each, journal: Journal) -> Seen<Vec<Subject>>;
    /// A pod on one node.
    fn pod(&self, node: &str, journal: Journal) -> Seen<Box<dyn Pod>>;
    /// Removes what the run created in the deployment, within its limit; says what it could not remove.
    async fn clean_up(&self) -> Vec<String>;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An operation that is in no list is one that no law looks at.
    #[test]
    fn every_operation_of_a_seat_is_in_its_list() {
        let seats = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("seat");
        let (mut declared, mut folders, mut files) = (0, vec![seats], Vec::new());
        while let Some(folder) = folders.pop() {
            let entries = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
            let (below, here): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
            folders.extend(below);
            files.extend(here);
        }
        for file in files {
            let text = std::fs::read_to_string(file).unwrap();
            declared +=
                text.lines().filter(|line| line.starts_with("pub static") && line.contains(": Operation")).count();
        }
        let names: std::collections::BTreeSet<&str> = operations().map(|operation| operation.name).collect();
        assert_eq!(declared, operations().count(), "add what is missing to the OPERATIONS of its seat");
        assert_eq!(names.len(), declared, "a name of its own for each operation: {names:?}");
    }
}
