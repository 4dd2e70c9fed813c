//! DSS's section of the world, `fixtures/lab/dss.json`.

use serde::Deserialize;

use crate::world::Section;

/// `/dss`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DssWorld {
    #[serde(rename = "comment")]
    _comment: String,
    pub(crate) backend: Backend,
    pub(super) api_key: ApiKey,
    /// The coordinates of jars in `hadoop-standalone-libs`, in place of those of the same artifact.
    pub(crate) libraries: Vec<String>,
}

impl Section for DssWorld {
    const NAME: &'static str = "dss";
}

/// DSS's main process.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Backend {
    /// What answers on its port.
    pub(crate) answers: BackendState,
    /// The version it reports; that of the host's files where null.
    pub(super) version: Option<String>,
    /// Encrypted RPC: its port speaks only TLS.
    pub(crate) tls: bool,
    /// `security.hideVersionStringsWhenNotLogged`.
    pub(super) hides_version: bool,
}

/// Who answers on the backend's port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum BackendState {
    Dss,
    /// Nobody listens.
    Refused,
    /// Another web server.
    Nginx,
}

/// The API key of `/deployment/dss`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ApiKey {
    /// It has an administrator's rights; otherwise none.
    pub(super) admin: bool,
}
