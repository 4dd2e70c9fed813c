//! What the registry holds under a tag, without pulling it.

use std::fmt::{Display, Formatter, Result};

use super::RegistryStep;

/// What became of looking for an image.
#[derive(Debug, Clone)]
pub enum ImageLook {
    /// It is there, for these platforms: one at least.
    There(Vec<Platform>),
    /// The registry says that there is no such image. The tags of its repository, where it lists them; none where there is
    /// no such repository.
    Absent { tags: Vec<String> },
    /// The registry did not say: it denied the look, or gave no answer.
    Stopped(Box<RegistryStep>),
}

/// A platform that an image is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    /// `linux`.
    pub os: String,
    /// As Go names it: `amd64`.
    pub architecture: String,
    /// The digest of the manifest; none where the tag itself is of this one platform.
    pub digest: Option<String>,
}

impl Display for Platform {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}/{}", self.os, self.architecture)
    }
}
