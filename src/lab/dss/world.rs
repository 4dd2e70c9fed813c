//! DSS's section of the world, `fixtures/lab/dss.json`, and what it needs of the deployment.

use std::net::IpAddr;

use serde::Deserialize;

/// `/dss`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DssWorld {
    #[serde(rename = "comment")]
    _comment: String,
    pub(crate) backend: Backend,
    pub(super) api_key: ApiKey,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Backend {
    pub(crate) answers: Answers,
    /// That of the host's files where null.
    pub(super) version: Option<String>,
    /// Encrypted RPC: its port speaks TLS alone.
    pub(crate) tls: bool,
    /// `security.hideVersionStringsWhenNotLogged`.
    pub(super) hides_version: bool,
}

/// Who answers on the backend's port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Answers {
    Dss,
    /// Nobody listens.
    Refused,
    /// Another web server.
    Nginx,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ApiKey {
    pub(super) admin: bool,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Deployment {
    pub(super) host: Host,
    pub(super) dss: Instance,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Host {
    pub(super) name: String,
    pub(super) short_name: String,
    pub(super) addresses: Vec<IpAddr>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Instance {
    pub(super) base_port: u16,
    pub(super) install_id: String,
    pub(super) api_key: String,
}
