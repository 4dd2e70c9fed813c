//! What current builders push, made of the probe's image: as BuildKit writes it (its `docs/attestations` and
//! `exporter/containerimage`), of the same bytes on every machine.

use base64::Engine as _;
use serde_json::{Value, json};

use super::oci::{OCI_CONFIG, OCI_EMPTY, OCI_INDEX, OCI_LAYER, OCI_MANIFEST, OCI_ZSTD_LAYER};
use super::{Blob, ProbeImage, digest};
use ackcheck_core::seat::registry::BuildPart;

/// An in-toto statement, which is an attestation.
const IN_TOTO: &str = "application/vnd.in-toto+json";
/// What BuildKit calls an attestation that is an OCI artifact.
const ATTESTATION: &str = "application/vnd.docker.attestation.manifest.v1+json";
const PROVENANCE: &str = "https://slsa.dev/provenance/v1";

/// An archive without files, 1,024 zeros, as one zstd frame (RFC 8878): magic number, header of a single segment with its
/// size, one block that repeats a byte.
const EMPTY_ARCHIVE_ZSTD: [u8; 11] = [0x28, 0xb5, 0x2f, 0xfd, 0x60, 0x00, 0x03, 0x03, 0x20, 0x00, 0x00];

/// One thing to push: its blobs, then its manifests in their order.
#[derive(Debug, Clone)]
pub struct Build {
    pub part: BuildPart,
    /// The part that it names; where that was refused this one would be too.
    pub rests_on: Option<BuildPart>,
    pub blobs: Vec<Blob>,
    pub manifests: Vec<Blob>,
}

impl ProbeImage {
    /// Everything that is tried. Layer and configuration of the probe are there already.
    pub fn builds(&self) -> Vec<Build> {
        let layer = Blob { media_type: OCI_LAYER, ..self.layer.clone() };
        let config = Blob { media_type: OCI_CONFIG, ..self.config.clone() };
        let image = manifest(&config, std::slice::from_ref(&layer));
        let statement = self.statement(&image);
        vec![
            Build {
                part: BuildPart::OciImage,
                rests_on: None,
                blobs: vec![config, layer],
                manifests: vec![image.clone()],
            },
            attestation(&image, &statement),
            artifact(&image, &statement),
            zstd(),
        ]
    }

    /// What BuildKit says of how it built an image, as far as registries could look at it.
    fn statement(&self, image: &Blob) -> Blob {
        let statement = json!({
            "_type": "https://in-toto.io/Statement/v0.1",
            "predicateType": PROVENANCE,
            "subject": [{ "name": self.name(), "digest": { "sha256": image.digest.trim_start_matches("sha256:") } }],
            "predicate": { "buildDefinition": { "buildType": "ackcheck" }, "runDetails": { "builder": { "id": "" } } }
        });
        Blob::new(IN_TOTO, statement.to_string())
    }
}

fn manifest(config: &Blob, layers: &[Blob]) -> Blob {
    let layers: Vec<Value> = layers.iter().map(Blob::descriptor).collect();
    let manifest = json!({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config.descriptor(), "layers": layers
    });
    Blob::new(OCI_MANIFEST, manifest.to_string())
}

fn attested(statement: &Blob) -> Value {
    let mut layer = statement.descriptor();
    layer["annotations"] = json!({ "in-toto.io/predicate-type": PROVENANCE });
    layer
}

/// The index that a tag names: the image, and what attests it.
fn index(image: &Blob, attests: &Blob) -> Blob {
    let mut of_image = image.descriptor();
    of_image["platform"] = json!({ "architecture": "amd64", "os": "linux" });
    let mut of_attestation = attests.descriptor();
    of_attestation["annotations"] = json!({
        "vnd.docker.reference.digest": image.digest,
        "vnd.docker.reference.type": "attestation-manifest"
    });
    of_attestation["platform"] = json!({ "architecture": "unknown", "os": "unknown" });
    let index = json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [of_image, of_attestation] });
    Blob::new(OCI_INDEX, index.to_string())
}

/// An attestation with the configuration of an image that no machine runs.
fn attestation(image: &Blob, statement: &Blob) -> Build {
    let config = json!({
        "architecture": "unknown",
        "os": "unknown",
        "config": {},
        "rootfs": { "type": "layers", "diff_ids": [statement.digest] }
    });
    let config = Blob::new(OCI_CONFIG, config.to_string());
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": config.descriptor(),
        "layers": [attested(statement)]
    });
    let attests = Blob::new(OCI_MANIFEST, manifest.to_string());
    let index = index(image, &attests);
    Build {
        part: BuildPart::Attestation,
        rests_on: Some(BuildPart::OciImage),
        blobs: vec![config, statement.clone()],
        manifests: vec![attests, index],
    }
}

/// An attestation as an OCI artifact.
fn artifact(image: &Blob, statement: &Blob) -> Build {
    let config = Blob::new(OCI_EMPTY, "{}");
    let mut empty = config.descriptor();
    empty["data"] = base64::engine::general_purpose::STANDARD.encode(&config.bytes).into();
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "artifactType": ATTESTATION,
        "config": empty,
        "layers": [attested(statement)],
        "subject": image.descriptor()
    });
    let attests = Blob::new(OCI_MANIFEST, manifest.to_string());
    let index = index(image, &attests);
    Build {
        part: BuildPart::AttestationArtifact,
        rests_on: Some(BuildPart::OciImage),
        blobs: vec![config, statement.clone()],
        manifests: vec![attests, index],
    }
}

fn zstd() -> Build {
    let layer = Blob::new(OCI_ZSTD_LAYER, EMPTY_ARCHIVE_ZSTD.as_slice());
    let config = json!({
        "architecture": "amd64",
        "os": "linux",
        "config": {},
        "rootfs": { "type": "layers", "diff_ids": [digest(&[0; 1024])] }
    });
    let config = Blob::new(OCI_CONFIG, config.to_string());
    let image = manifest(&config, std::slice::from_ref(&layer));
    Build { part: BuildPart::ZstdLayer, rests_on: None, blobs: vec![config, layer], manifests: vec![image] }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::probe::layer::Layer;

    #[test]
    fn every_manifest_names_what_is_pushed_before_it() {
        let builds = ProbeImage::of(Layer::of(b"\x7fELF one").unwrap()).builds();
        let mut there: BTreeMap<String, usize> = BTreeMap::new();
        for build in &builds {
            for blob in build.blobs.iter().chain(&build.manifests) {
                assert_eq!(blob.digest, digest(&blob.bytes));
                let said: Value = serde_json::from_slice(&blob.bytes).unwrap_or_default();
                let lists = [&said["layers"], &said["manifests"]].into_iter().filter_map(Value::as_array).flatten();
                let named =
                    lists.chain([&said["config"], &said["subject"]]).filter(|named| named["mediaType"].is_string());
                for named in named {
                    let size = there.get(named["digest"].as_str().unwrap()).map(|size| *size as u64);
                    assert_eq!(size, named["size"].as_u64(), "{:?}: {named}", build.part);
                }
                there.insert(blob.digest.clone(), blob.bytes.len());
            }
        }
        let empty = &builds[2].blobs[0].digest;
        // The digest that OCI's image-spec gives for the empty configuration.
        assert_eq!(empty, "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    }
}
