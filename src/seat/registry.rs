//! The image registry: the Docker Registry v2 protocol, with its token service.

use async_trait::async_trait;

use super::{Heard, HttpReply, Seen};

/// Which host a step of a registry conversation spoke to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistryHost {
    /// The registry itself.
    Registry,
    /// The token service that the registry's challenge names.
    TokenService,
    /// Where the registry redirects uploads or blobs to.
    BlobStore,
}

/// One step of a conversation with the registry and what came of it.
#[derive(Debug, Clone)]
pub struct RegistryStep {
    /// What was attempted: `start an upload to dss/ackcheck-probe`.
    pub what: String,
    /// Whom it was asked of.
    pub host: RegistryHost,
    /// The URL.
    pub url: String,
    /// What came back.
    pub heard: Heard<HttpReply>,
    /// The `code` and `message` of the first error of the distribution error body.
    pub error: Option<(String, String)>,
    /// True where the step got what it asked for.
    pub ok: bool,
}

/// A conversation: its steps in order; the last one is where it ended.
#[derive(Debug, Clone)]
pub struct Conversation {
    pub steps: Vec<RegistryStep>,
    /// True when it reached its end.
    pub done: bool,
}

impl Conversation {
    /// The step that stopped it.
    pub fn stopped_at(&self) -> Option<&RegistryStep> {
        if self.done { None } else { self.steps.last() }
    }
}

/// The repository DSS pushes to, as configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryUrl {
    /// Exactly as configured, mistakes included.
    pub text: String,
    /// The region it should be in, where the site says.
    pub region: Option<String>,
    /// The user to log in as, where there is one.
    pub username: Option<String>,
    /// When a temporary password (`cr_temp_user`) ends, where it tells.
    pub expires: Option<jiff::Timestamp>,
}

/// The image registry.
#[async_trait]
pub trait Registry: Send + Sync {
    /// The repository URL as configured.
    fn repository(&self) -> RepositoryUrl;
    /// `GET /v2/`, the challenge, the token, `GET /v2/` again.
    async fn login(&self) -> Seen<Conversation>;
    /// Pushes the probe image under its content-derived tag: token, blobs, manifest, and reads the manifest back.
    async fn push(&self) -> Seen<Conversation>;
    /// The reference that pods are given: `host/namespace/ackcheck-probe:tag`.
    fn image(&self) -> Seen<String>;
}
