//! The gateway's section of the world, `fixtures/lab/gateway.json`.

use serde::Deserialize;

use crate::world::Section;

/// `/gateway`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GatewayWorld {
    #[serde(rename = "comment")]
    _comment: String,
    pub(super) broken: Vec<Misbehaving>,
}

impl Section for GatewayWorld {
    const NAME: &'static str = "gateway";
}

/// How a host misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Malfunction {
    /// Nobody listens.
    Refused,
    /// It accepts the connection and sends nothing.
    Silent,
    /// It sends its answer a byte a second.
    Slow,
    /// It answers with bytes that are not HTTP.
    Garbage,
    /// It ends the connection in the middle of a body.
    Half,
    /// It answers 500 to everything.
    #[serde(rename = "error-500")]
    Error500,
    /// It redirects to itself.
    RedirectLoop,
    /// It does not speak TLS where TLS is expected.
    NoTls,
    /// Its certificate is from an authority that nobody trusts.
    UnknownIssuer,
    /// Its certificate names another host.
    WrongName,
}

/// A host that misbehaves.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Misbehaving {
    /// The name, or `*.suffix`.
    pub(super) host: String,
    pub(super) how: Malfunction,
}
