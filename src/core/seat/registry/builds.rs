//! What current builders push besides the images of Docker's own types.

use super::Conversation;

/// A kind of thing that is pushed, in the order in which it came up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuildPart {
    /// An image with OCI's media types.
    OciImage,
    /// BuildKit's attestations as 0.11 to 0.31 store them: an image of the platform `unknown/unknown`, in an index.
    Attestation,
    /// The same as an OCI artifact with an empty configuration, BuildKit's default since 0.32.
    AttestationArtifact,
    /// An image whose layer is compressed with zstd.
    ZstdLayer,
    /// The body of a layer as large as the site file says.
    LargeLayer,
}

/// What came of pushing one of them.
#[derive(Debug, Clone)]
pub struct BuildPush {
    pub part: BuildPart,
    /// Of the first one it begins with the login.
    pub conversation: Conversation,
}
