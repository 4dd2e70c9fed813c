//! The image registry: the Docker Registry v2 protocol, with its token service.

use std::fmt::{Display, Formatter};

use async_trait::async_trait;

mod builds;
mod images;

use super::operation::Operation;
use super::{Heard, HttpReply, Seen};
use crate::secret::Secret;
pub use builds::{BuildPart, BuildPush};
pub use images::{ImageLook, Platform};

/// Which host a step of a registry conversation spoke to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistryHost {
    /// The registry itself.
    Registry,
    /// The token service that the registry's challenge names.
    TokenService,
    /// Where the registry sends uploads or blobs to.
    BlobStore,
}

impl Display for RegistryHost {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            RegistryHost::Registry => "the registry",
            RegistryHost::TokenService => "its token service",
            RegistryHost::BlobStore => "its layer store",
        })
    }
}

/// What a step attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistryAct {
    /// `GET /v2/` without credentials, to be told how to log in.
    Challenge,
    /// Trades the user and password for a token.
    Token,
    /// `GET /v2/` with what the challenge asked for.
    Enter,
    /// Asks whether something is there already.
    Look,
    /// `POST …/blobs/uploads/`: the first thing that needs the right to push, and the repository.
    StartUpload,
    /// Sends a blob.
    Upload,
    /// Puts a manifest, by its digest or under a tag that was not there.
    Manifest,
    /// Puts a list of manifests by its digest: registries that know no lists refuse that.
    List,
    /// Puts another manifest under a tag that is there, as DSS does when it builds an image again.
    Overwrite,
    /// Reads the manifest back.
    ReadBack,
    /// Reads what others pushed.
    Read,
    /// Asks for the tags, once the registry refused an upload, to learn whether the repository is there.
    Tags,
    /// Removes what it left there. What comes of it stops nothing.
    TidyUp,
    /// Removes a manifest that only was to be tried.
    Remove,
}

/// One error of a distribution error body, `{"errors":[{"code":…,"message":…}]}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryError {
    /// `DENIED`, `MANIFEST_BLOB_UNKNOWN`; empty where the registry gave none.
    pub code: String,
    /// For people.
    pub message: String,
}

impl RegistryError {
    /// True where something is not there that the request names.
    fn is_missing(&self) -> bool {
        matches!(self.code.as_str(), "MANIFEST_BLOB_UNKNOWN" | "BLOB_UNKNOWN")
    }
}

/// One step of a conversation with the registry and what came of it.
#[derive(Debug, Clone)]
pub struct RegistryStep {
    /// What it attempts.
    pub act: RegistryAct,
    /// The same in words: `start an upload to dss/ackcheck-probe`.
    pub what: String,
    /// Whom it was asked of.
    pub host: RegistryHost,
    /// The URL.
    pub url: String,
    /// What came back; tokens are taken out of the body.
    pub heard: Heard<HttpReply>,
    /// The errors of the distribution error body, in its order.
    pub errors: Vec<RegistryError>,
    /// True where the step got what it asked for.
    pub ok: bool,
}

impl RegistryStep {
    /// The host (and port, where the URL has one) that the step spoke to.
    pub fn host_name(&self) -> &str {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        rest.split(['/', '?']).next().unwrap_or(rest)
    }

    /// True where the other side understood and said no: 401 or 403.
    pub fn refused(&self) -> bool {
        matches!(&self.heard, Ok(reply) if matches!(reply.status, 401 | 403))
    }

    /// True where it was put off: too many requests.
    pub fn throttled(&self) -> bool {
        self.errors.iter().any(|error| error.code.eq_ignore_ascii_case(TOO_MANY))
            || matches!(&self.heard, Ok(reply) if throttles(reply))
    }

    /// True where it was refused because something that it names is not there. Of a list or an artifact docker-registry
    /// says `DIGEST_INVALID` first, and then which of its manifests is missing.
    pub fn missed_something(&self) -> bool {
        self.errors.iter().any(RegistryError::is_missing)
    }

    /// The error that says most.
    fn telling_error(&self) -> Option<&RegistryError> {
        self.errors.iter().find(|error| error.is_missing()).or(self.errors.first())
    }

    /// What came back, in one line: `401 UNAUTHORIZED: authentication required`.
    pub fn said(&self) -> String {
        match (&self.heard, self.telling_error()) {
            (Err(no_reply), _) => no_reply.to_string(),
            (Ok(reply), Some(error)) if error.code.is_empty() => format!("{} {}", reply.status, error.message),
            (Ok(reply), Some(error)) => format!("{} {}: {}", reply.status, error.code, error.message),
            (Ok(reply), None) if matches!(reply.status, 300..=399) && reply.header("location").is_some() => {
                // Without its query, which may sign it.
                let to = reply.header("location").and_then(|location| location.split('?').next()).unwrap_or_default();
                format!("{} to {to}", reply.status)
            }
            (Ok(reply), None) => {
                let body: String = reply.body.split_whitespace().collect::<Vec<_>>().join(" ");
                let body: String = body.chars().take(160).collect();
                format!("{} {body}", reply.status).trim_end().to_owned()
            }
        }
    }
}

/// The distribution spec's error code of one who asks too often.
const TOO_MANY: &str = "TOOMANYREQUESTS";

/// True for an answer that puts a request off because there were too many.
pub fn throttles(reply: &HttpReply) -> bool {
    reply.status == 429 || (reply.status >= 400 && reply.body.contains(TOO_MANY))
}

/// True for an answer that a registry gives on `/v2/`. Anything else that answers 200 there answers it to everything.
pub fn answers_as_registry(reply: &HttpReply) -> bool {
    let empty = || matches!(reply.body.split_whitespace().collect::<String>().as_str(), "" | "{}");
    reply.status == 200 && (reply.header("docker-distribution-api-version").is_some() || empty())
}

/// A conversation: its steps in order.
#[derive(Debug, Clone)]
pub struct Conversation {
    /// Every step, the one that stopped it last but for the [`RegistryAct::Tags`] or [`RegistryAct::TidyUp`] that
    /// followed it.
    pub steps: Vec<RegistryStep>,
    /// True when it reached its end.
    pub done: bool,
    /// The actions on the repository that the token says it grants; `None` without a token, or with one that does not
    /// tell. A token service grants less than was asked rather than refuse (distribution spec, token authentication).
    pub granted: Option<Vec<String>>,
}

impl Conversation {
    /// The step that stopped it.
    pub fn stopped_at(&self) -> Option<&RegistryStep> {
        if self.done {
            return None;
        }
        self.steps.iter().rev().find(|step| !matches!(step.act, RegistryAct::Tags | RegistryAct::TidyUp))
    }

    /// True where the registry took the user and password: for a token, or at its door.
    pub fn proved(&self) -> bool {
        self.steps.iter().any(|step| step.ok && matches!(step.act, RegistryAct::Token | RegistryAct::Enter))
    }

    /// True where it wrote something: a registry that takes a blob is not read-only.
    pub fn wrote(&self) -> bool {
        self.steps.iter().any(|step| step.ok && matches!(step.act, RegistryAct::StartUpload | RegistryAct::Upload))
    }

    /// The step that was the first to be asked for a login, where `/v2/` had let everyone in.
    pub fn asked_late(&self) -> Option<&RegistryStep> {
        let status = |step: &RegistryStep| step.heard.as_ref().map_or(0, |reply| reply.status);
        let open = self.steps.first().is_some_and(|door| door.act == RegistryAct::Challenge && status(door) == 200);
        let asks = |step: &&RegistryStep| step.host == RegistryHost::Registry && status(step) == 401;
        self.steps.iter().find(asks).filter(|_| open)
    }

    /// Whether the repository is there, where the registry told: by listing its tags, or by `NAME_UNKNOWN`.
    pub fn repository_is_there(&self) -> Option<bool> {
        self.steps.iter().rev().find_map(|step| {
            let reply = step.heard.as_ref().ok()?;
            let unknown = step.errors.iter().any(|error| error.code == "NAME_UNKNOWN");
            match step.act {
                RegistryAct::Tags if reply.status == 200 => Some(true),
                RegistryAct::Tags | RegistryAct::StartUpload if unknown => Some(false),
                _ => None,
            }
        })
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

/// What of it others must allow: what the registry's own user may do is told in words by `ackcheck rights`.
pub static OPERATIONS: &[&Operation] = &[];

/// The image registry.
#[async_trait]
pub trait Registry: Send + Sync {
    /// The repository URL as configured.
    fn repository(&self) -> RepositoryUrl;
    /// `GET /v2/`, the challenge, the token, `GET /v2/` again.
    async fn login(&self) -> Seen<Conversation>;
    /// The same with another login than the site's.
    async fn login_with(&self, user: &str, password: &Secret) -> Seen<Conversation>;
    /// Pushes the probe image under its content-derived tag: token, blobs, manifest; overwrites the tag and sets it
    /// right again; reads the manifest back. Something is written every time, so that an image left by an earlier run
    /// never stands for the right to push.
    async fn push(&self) -> Seen<Conversation>;
    /// Pushes what current builders push, part by part, each by its digest and without a tag, and removes it where the
    /// registry lets it be. A part that rests on one that was refused is left out.
    async fn push_builds(&self) -> Seen<Vec<BuildPush>>;
    /// The hosts, ports included, that a pull goes through: the registry, the token service that its challenge names, and
    /// where it sends whoever asks for a layer.
    async fn pull_hosts(&self) -> Seen<Vec<(RegistryHost, String)>>;
    /// What the registry's host has in a repository (`dss/dku-exec-base-ID`) under a tag or digest, by its manifests and
    /// configuration alone.
    async fn look_for(&self, repository: &str, reference: &str) -> Seen<ImageLook>;
    /// The reference that pods are given: `host/namespace/ackcheck-probe:tag`.
    fn image(&self) -> Seen<String>;
}
