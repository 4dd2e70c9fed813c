//! What ackcheck asks inside a pod and what comes back: one JSON object each way. No judgement is made here.

use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub mod command;
#[cfg(test)]
mod deaf;
pub mod dial;
pub mod http;
pub mod oss;
pub mod resolve;
pub mod sweep;
pub mod tls;

/// Answers one ask.
pub fn answer(ask: Ask) -> Answer {
    match ask {
        Ask::Resolve { name } => resolve::resolve(&name),
        Ask::Dial { host, ports, timeout_ms } => dial::dial(&host, &ports, Duration::from_millis(timeout_ms)),
        Ask::Sweep { address, first, last, timeout_ms, concurrency } => {
            let limits = sweep::Limits::new(Duration::from_millis(timeout_ms), concurrency.into());
            sweep::sweep(address, first, last, limits)
        }
        Ask::Http { method, url, headers, body, trust_any, ca_pem, timeout_ms } => http::http(&http::Request {
            method,
            url,
            headers,
            body,
            trust_any,
            ca_pem,
            timeout: Duration::from_millis(timeout_ms),
        }),
        Ask::Oss { put, get, delete, body, trust_any, ca_pem, timeout_ms } => {
            let put = http::Request {
                method: "PUT".to_owned(),
                url: put,
                headers: Vec::new(),
                body,
                trust_any,
                ca_pem,
                timeout: Duration::from_millis(timeout_ms),
            };
            oss::round_trip(&put, &get, &delete)
        }
    }
}

/// Where the probe lies in its image.
pub const PATH: &str = "/ackcheck-probe";
/// The argument that makes the container stay until it is ended.
pub const HOLD: &str = "hold";
/// The argument that makes the probe print one [`Answer`]: to the [`Ask`] that follows it as JSON or, where none does,
/// that it reads on its standard input. It reads no further than the end of that object: older Kubernetes versions
/// cannot close an exec's standard input.
pub const ASK: &str = "ask";
/// The longest [`Ask`] the probe reads, in bytes.
pub const LONGEST_ASK: u64 = 1 << 20;
/// The longest HTTP body an [`Answer`] carries, in bytes.
pub const LONGEST_BODY: u64 = 64 << 10;

/// One thing to ask from inside a pod.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Ask {
    /// Resolve a name with the pod's resolver.
    Resolve { name: String },
    /// Dial these TCP ports of a host once each: of its address, or of every address its name resolves to.
    Dial {
        host: String,
        ports: Vec<u16>,
        /// For one connection, in milliseconds.
        timeout_ms: u64,
    },
    /// Dial TCP ports of an address, from `first` to `last`.
    Sweep {
        address: IpAddr,
        first: u16,
        last: u16,
        /// For one connection, in milliseconds.
        timeout_ms: u64,
        /// Connections at once.
        concurrency: u16,
    },
    /// Make one HTTP request, no redirect followed.
    Http {
        method: String,
        url: String,
        headers: Vec<(String, String)>,
        body: String,
        /// Do not verify the certificate.
        trust_any: bool,
        /// Certificates (PEM) to trust besides the built-in roots.
        ca_pem: Option<String>,
        /// For the whole exchange, in milliseconds.
        timeout_ms: u64,
    },
    /// Put an object by a signed URL; where that succeeds get it and delete it by two others.
    Oss {
        put: String,
        get: String,
        delete: String,
        /// What to put.
        body: String,
        /// As of [`Ask::Http`].
        trust_any: bool,
        ca_pem: Option<String>,
        /// For each of the three, in milliseconds.
        timeout_ms: u64,
    },
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Answer {
    /// A name's addresses, sorted.
    Addresses { addresses: Vec<IpAddr> },
    /// The name does not exist or has no address.
    NoSuchName { said: String },
    /// No name server answered.
    NoServer { said: String },
    /// Every port of every address that was dialled, in order.
    Dialled { ports: Vec<Dialled> },
    /// The ports in ranges, in order: each port asked is in exactly one.
    Ports { ranges: Vec<Ports> },
    /// An HTTP answer; the body is cut at 64 KiB.
    Http { status: u16, headers: Vec<(String, String)>, body: String, took_ms: u64 },
    /// No HTTP answer.
    NoHttp { failure: Failure, said: String, took_ms: u64 },
    /// An object's way to the store and back: each part is what [`Ask::Http`] brings. `get` and `delete` are there where
    /// the put succeeded.
    Oss { put: Box<Answer>, get: Option<Box<Answer>>, delete: Option<Box<Answer>> },
    /// The probe could not look: a bad ask, no more file descriptors.
    Broken { why: String },
}

/// What one port of one address answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialled {
    pub address: IpAddr,
    pub port: u16,
    pub state: State,
    pub took_ms: u64,
}

/// A range of ports in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    pub first: u16,
    pub last: u16,
    pub state: State,
}

/// What a port answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Open,
    Closed,
    Filtered,
    Unreachable,
}

/// Why no HTTP answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    Unresolvable,
    Refused,
    Unreachable,
    TimedOut,
    Tls,
    Closed,
    Garbled,
}
