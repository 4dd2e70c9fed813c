//! What ackcheck asks inside a pod and what comes back: one JSON object each way. No judgement is made here.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

#[cfg(feature = "run")]
pub mod http;
#[cfg(feature = "run")]
pub mod resolve;
#[cfg(feature = "run")]
pub mod sweep;

#[cfg(feature = "run")]
/// Answers one ask.
pub fn answer(ask: Ask) -> Answer {
    match ask {
        Ask::Resolve { name } => resolve::resolve(&name),
        Ask::Sweep { address, first, last, timeout_ms, concurrency } => {
            let limits = sweep::Limits::new(std::time::Duration::from_millis(timeout_ms), concurrency.into());
            sweep::sweep(address, first, last, limits)
        }
        Ask::Http { method, url, headers, body, trust_any, ca_pem, timeout_ms } => http::http(&http::Request {
            method,
            url,
            headers,
            body,
            trust_any,
            ca_pem,
            timeout: std::time::Duration::from_millis(timeout_ms),
        }),
    }
}

/// Where the probe lies in its image.
pub const PATH: &str = "/ackcheck-probe";
/// The argument that makes the container stay until it is ended.
pub const HOLD: &str = "hold";
/// The argument that makes the probe read one [`Ask`] as JSON on its standard input and print one [`Answer`]. It reads no
/// further than the end of that object: older Kubernetes versions cannot close an exec's standard input.
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
    /// The ports in ranges, in order: each port asked is in exactly one.
    Ports { ranges: Vec<Ports> },
    /// An HTTP answer; the body is cut at 64 KiB.
    Http { status: u16, headers: Vec<(String, String)>, body: String, took_ms: u64 },
    /// No HTTP answer.
    NoHttp { failure: Failure, said: String, took_ms: u64 },
    /// The probe could not look: a bad ask, no more file descriptors.
    Broken { why: String },
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
