//! The section of the world of what images are built from, `fixtures/lab/sources.json`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::world::Section;

/// `/sources`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SourcesWorld {
    #[serde(rename = "comment")]
    _comment: String,
    pub(super) docker_hub: Images,
    pub(super) mirror: Images,
    /// The status that each answers.
    pub(super) hosts: BTreeMap<String, u16>,
}

impl Section for SourcesWorld {
    const NAME: &'static str = "sources";
}

/// What a registry has.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Images {
    /// The digest of each tag of each image.
    pub(super) images: BTreeMap<String, BTreeMap<String, String>>,
    pub(super) throttled: Throttled,
}

/// Whether it has had too many requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Throttled {
    None,
    /// It says that no pull is left.
    Headers,
    /// It refuses.
    Refused,
}
