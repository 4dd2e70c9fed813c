//! The registry's section of the world, `fixtures/lab/registry.json`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::world::Section;

/// `/registry`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RegistryWorld {
    #[serde(rename = "comment")]
    _comment: String,
    /// The first part of the registry's host names.
    pub(super) instance: String,
    /// `cri-…`.
    pub(super) instance_id: String,
    /// The OSS bucket of the layers.
    pub(super) layer_bucket: String,
    /// Whether the user's password is the one that the site knows.
    pub(super) password: PasswordState,
    pub(super) namespaces: BTreeMap<String, RepositoryRules>,
    pub(super) repositories: BTreeMap<String, RepositoryRules>,
    pub(super) base_images: BaseImages,
    pub(super) denied: Vec<DeniedAction>,
    pub(super) read_only: bool,
    pub(super) redirect_blobs: bool,
    pub(super) deletes: bool,
    pub(super) open_root: bool,
    pub(super) answers: Vec<OwnAnswer>,
}

impl Section for RegistryWorld {
    const NAME: &'static str = "registry";
}

/// The base images that DSS pushed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BaseImages {
    pub(super) exec: BaseImage,
    pub(super) spark: BaseImage,
}

/// One of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BaseImage {
    pub(super) pushed: bool,
    /// The version of the DSS that built it; that of the instance where there is none.
    pub(super) version: Option<String>,
    /// Several make a list of manifests.
    pub(super) architectures: Vec<String>,
}

/// What the registry, or what stands before it, answers to some requests instead.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnAnswer {
    pub(super) method: String,
    /// The path, with `*` for anything.
    pub(super) path: String,
    /// Only where the body holds this text.
    #[serde(default)]
    pub(super) holds: String,
    /// Only where the body has more bytes than this.
    #[serde(default)]
    pub(super) above: usize,
    pub(super) status: u16,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) body: String,
}

/// Whether the registry still accepts the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum PasswordState {
    Valid,
    Changed,
}

/// How a namespace creates repositories, or how a repository was created.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RepositoryRules {
    /// Of a namespace: pushing to a repository that is not there creates it.
    #[serde(default)]
    pub(super) auto_create: bool,
    #[serde(default)]
    pub(super) visibility: Visibility,
    /// A tag that is there keeps its manifest.
    #[serde(default)]
    pub(super) tag_immutable: bool,
}

/// Who can pull.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Visibility {
    #[default]
    Private,
    Public,
}

/// A right that the user lacks.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeniedAction {
    /// A repository, or `prefix/*`.
    pub(super) repository: String,
    pub(super) action: Action,
}

/// What a RAM policy allows on a repository, or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Action {
    Pull,
    /// Deleting as well.
    Push,
}
