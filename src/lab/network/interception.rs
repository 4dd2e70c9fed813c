//! Something that answers in the place of a host: a proxy that inspects TLS, a page that wants a login.

use ackcheck_probe_protocol::{Failure, NOT_TLS};
use bytes::Bytes;
use serde::Deserialize;

use super::Network;
use super::http::{Reply, Trust};

/// In the probe's words: of an authority that nobody trusts.
pub(crate) const STRANGER: &str = "its certificate is not signed by an authority that is trusted here";
/// In the probe's words.
pub(crate) const EXPIRED: &str = "its certificate has expired";

/// A host that something else answers for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Interception {
    node: String,
    /// A name, or `*.suffix`.
    host: String,
    how: Intercepted,
}

/// How it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Intercepted {
    /// With a certificate of its own authority, and a page of its own to whoever takes it.
    Certificate,
    /// With a certificate that has expired, and a page of its own.
    Expired,
    /// Without TLS.
    NoTls,
    /// With a page of its own, under a certificate that nodes trust.
    Page,
}

impl Intercepted {
    pub(super) fn answer(self, trust: &Trust, scheme: &str) -> Result<Reply, (Failure, String)> {
        let verified = scheme == "https" && *trust != Trust::Any;
        match self {
            Intercepted::Certificate if verified => Err((Failure::Tls, STRANGER.to_owned())),
            Intercepted::Expired if verified => Err((Failure::Tls, EXPIRED.to_owned())),
            Intercepted::NoTls if scheme == "https" => Err((Failure::Tls, NOT_TLS.to_owned())),
            _ => Ok(page()),
        }
    }
}

fn page() -> Reply {
    let headers =
        [("content-type", "text/html"), ("server", "squid/5.7"), ("via", "1.1 proxy.corp.example (squid/5.7)")];
    Reply {
        status: 200,
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        body: Bytes::from_static(b"<html><body>Log in to use the network.</body></html>"),
    }
}

impl Network {
    /// What answers a node in the place of a host.
    pub(super) fn interception(&self, node: &str, host: &str) -> Option<Intercepted> {
        let meant = |pattern: &str| match pattern.strip_prefix('*') {
            Some(suffix) => host.ends_with(suffix),
            None => host == pattern,
        };
        let here = |entry: &&Interception| (entry.node == "*" || entry.node == node) && meant(&entry.host);
        self.world.intercepted.iter().find(here).map(|entry| entry.how)
    }
}
