//! The probe image, built here: one layer, one static binary, no Docker.
//!
//! The same binary gives the same bytes on every machine, so the tag can be derived from the content, and a second run
//! finds what the first one pushed.
//!
//! The manifests are of Docker's own media types (schema 2 and a manifest list), not OCI's: they are what the Docker
//! daemon of a DSS host pushes, so a registry refuses the probe exactly where it would refuse DSS's images. The list
//! has room for another architecture.

use std::borrow::Cow;

use bytes::Bytes;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::probe::layer::Layer;
use ackcheck_core::config::Config;

mod archive;
pub mod builds;
mod oci;

/// Docker's manifest, schema 2.
pub const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// Docker's list of manifests by platform.
pub const MANIFEST_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
const CONFIG: &str = "application/vnd.docker.container.image.v1+json";
const LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";

/// The repository of the image below the configured one.
pub const REPOSITORY: &str = "ackcheck-probe";

/// An account that is nobody on the node; numeric, so that `runAsNonRoot` can verify it.
const USER: &str = "65532:65532";

/// Bytes with the digest they are known by.
#[derive(Clone, PartialEq, Eq)]
pub struct Blob {
    /// `sha256:` and 64 hex digits.
    pub digest: String,
    /// Of [`Blob::bytes`].
    pub media_type: &'static str,
    pub bytes: Bytes,
}

impl Blob {
    fn new(media_type: &'static str, bytes: impl Into<Bytes>) -> Blob {
        let bytes = bytes.into();
        Blob { digest: digest(&bytes), media_type, bytes }
    }

    /// A manifest that says the same in other bytes, so that it has another digest.
    pub fn respelt(&self) -> Blob {
        let mut bytes = self.bytes.to_vec();
        bytes.push(b'\n');
        Blob::new(self.media_type, bytes)
    }

    fn descriptor(&self) -> serde_json::Value {
        json!({ "mediaType": self.media_type, "size": self.bytes.len(), "digest": self.digest })
    }
}

impl std::fmt::Debug for Blob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Blob({}, {} bytes, {})", self.media_type, self.bytes.len(), self.digest)
    }
}

/// `sha256:` and 64 hex digits.
pub fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

/// The whole image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeImage {
    pub layer: Blob,
    pub config: Blob,
    /// For linux/amd64.
    pub manifest: Blob,
    /// What the tag names: the list that holds the manifest.
    pub list: Blob,
}

impl ProbeImage {
    /// Builds the image around the layer with the linux/amd64 program.
    pub fn of(layer: Layer) -> ProbeImage {
        let bytes = match layer.gzip {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => Bytes::from(bytes),
        };
        let blob = Blob::new(LAYER, bytes);
        let config = json!({
            "architecture": "amd64",
            "os": "linux",
            "created": "1970-01-01T00:00:00Z",
            "config": {
                "User": USER,
                "WorkingDir": "/",
                "Entrypoint": [ackcheck_probe_protocol::PATH],
                "Cmd": [ackcheck_probe_protocol::HOLD],
                "Labels": { "org.opencontainers.image.title": REPOSITORY }
            },
            "rootfs": { "type": "layers", "diff_ids": [layer.diff_id] },
            "history": [{ "created": "1970-01-01T00:00:00Z", "created_by": "ackcheck" }]
        });
        let config = Blob::new(CONFIG, config.to_string().into_bytes());
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": config.descriptor(),
            "layers": [blob.descriptor()]
        });
        let manifest = Blob::new(MANIFEST, manifest.to_string().into_bytes());
        let mut entry = manifest.descriptor();
        entry["platform"] = json!({ "architecture": "amd64", "os": "linux" });
        let list = json!({ "schemaVersion": 2, "mediaType": MANIFEST_LIST, "manifests": [entry] });
        let list = Blob::new(MANIFEST_LIST, list.to_string().into_bytes());
        ProbeImage { layer: blob, config, manifest, list }
    }

    /// `ackcheck-` and the first twelve hex digits of what the tag names.
    pub fn tag(&self) -> String {
        format!("ackcheck-{}", &self.list.digest["sha256:".len()..][..12])
    }

    /// The reference that pods are given: `host/namespace/ackcheck-probe:tag`. `None` where the site describes no registry.
    pub fn reference(&self, config: &Config) -> Option<String> {
        let registry = config.registry.as_ref()?;
        Some(format!("{}/{REPOSITORY}:{}", registry.url.trim_end_matches('/'), self.tag()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_program_gives_the_same_image_and_another_one_another_tag() {
        let of = |program: &[u8]| ProbeImage::of(Layer::of(program).unwrap());
        let one = of(b"\x7fELF one");
        assert_eq!(one, of(b"\x7fELF one"));
        assert_eq!(one.tag().len(), "ackcheck-".len() + 12);
        assert_ne!(one.tag(), of(b"\x7fELF two").tag());
        // A change of any byte of the image changes the tag that is out in the world: say so in the release notes.
        assert_eq!(one.tag(), "ackcheck-c36de904acb0");
    }

    #[test]
    fn every_digest_is_of_the_bytes_it_names() {
        let program: Vec<u8> = (0..100_000u32).flat_map(u32::to_le_bytes).collect();
        let layer = Layer::of(&program).unwrap();
        let image = ProbeImage::of(layer.clone());
        for blob in [&image.layer, &image.config, &image.manifest, &image.list] {
            assert_eq!(blob.digest, digest(&blob.bytes));
        }
        let manifest: serde_json::Value = serde_json::from_slice(&image.manifest.bytes).unwrap();
        assert_eq!(manifest["layers"][0]["digest"], image.layer.digest.as_str());
        assert_eq!(manifest["layers"][0]["size"], image.layer.bytes.len());
        let config: serde_json::Value = serde_json::from_slice(&image.config.bytes).unwrap();
        assert_eq!(config["rootfs"]["diff_ids"][0], layer.diff_id.as_str());
        assert_eq!(config["config"]["Entrypoint"][0], format!("/{}", crate::probe::layer::PROGRAM));
    }
}
