//! The image as a file, for those who bring it to their nodes or registry themselves: an OCI image layout and a
//! docker-archive in one tar, of the same blobs.

use serde_json::{Value, json};

use super::{Blob, ProbeImage, REPOSITORY};

use super::oci::{OCI_CONFIG, OCI_INDEX, OCI_LAYER, OCI_MANIFEST};

/// What a kubelet's runtime puts in front of a reference that names no registry; nothing is asked of it.
const NO_REGISTRY: &str = "docker.io";

impl ProbeImage {
    /// What the image is called in its archive: `ackcheck-probe:ackcheck-…`.
    pub fn name(&self) -> String {
        format!("{REPOSITORY}:{}", self.tag())
    }

    /// The archive. Layer and configuration are those that a push sends; the manifests are OCI's, as a layout asks for.
    ///
    /// # Errors
    /// Where the archive cannot be written, which memory never refuses.
    pub fn archive(&self) -> std::io::Result<Vec<u8>> {
        let layer = Blob { media_type: OCI_LAYER, ..self.layer.clone() };
        let config = Blob { media_type: OCI_CONFIG, ..self.config.clone() };
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": config.descriptor(),
            "layers": [layer.descriptor()]
        });
        let manifest = Blob::new(OCI_MANIFEST, manifest.to_string());
        let mut entry = manifest.descriptor();
        entry["platform"] = json!({ "architecture": "amd64", "os": "linux" });
        let platforms = json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [entry] });
        let platforms = Blob::new(OCI_INDEX, platforms.to_string());
        let mut named = platforms.descriptor();
        named["annotations"] = json!({
            "org.opencontainers.image.ref.name": self.name(),
            "io.containerd.image.name": format!("{NO_REGISTRY}/library/{}", self.name())
        });
        let index = json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [named] });
        let docker = json!([{
            "Config": path(&config),
            "RepoTags": [self.name()],
            "Layers": [path(&layer)]
        }]);
        let text = |value: &Value| value.to_string().into_bytes();
        let mut archive = tar::Builder::new(Vec::with_capacity(layer.bytes.len() + (16 << 10)));
        file(&mut archive, "oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#)?;
        file(&mut archive, "index.json", &text(&index))?;
        file(&mut archive, "manifest.json", &text(&docker))?;
        for folder in ["blobs/", "blobs/sha256/"] {
            append(&mut archive, folder, tar::EntryType::Directory, 0o755, &[])?;
        }
        for blob in [&platforms, &manifest, &config, &layer] {
            file(&mut archive, &path(blob), &blob.bytes)?;
        }
        archive.into_inner()
    }
}

fn path(blob: &Blob) -> String {
    format!("blobs/{}", blob.digest.replace(':', "/"))
}

type Archive = tar::Builder<Vec<u8>>;

fn file(archive: &mut Archive, path: &str, bytes: &[u8]) -> std::io::Result<()> {
    append(archive, path, tar::EntryType::Regular, 0o644, bytes)
}

fn append(archive: &mut Archive, path: &str, of: tar::EntryType, mode: u32, bytes: &[u8]) -> std::io::Result<()> {
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(of);
    header.set_size(bytes.len() as u64);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    archive.append_data(&mut header, path, bytes)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::Read as _;

    use super::*;
    use crate::image::digest;
    use crate::probe::layer::Layer;

    #[test]
    fn every_blob_lies_under_its_digest_and_both_formats_lead_to_the_same() {
        let image = ProbeImage::of(Layer::of(b"\x7fELF one").unwrap());
        let bytes = image.archive().unwrap();
        assert_eq!(bytes, image.archive().unwrap());
        let mut files = BTreeMap::new();
        for entry in tar::Archive::new(bytes.as_slice()).entries().unwrap() {
            let mut entry = entry.unwrap();
            let mut held = Vec::new();
            entry.read_to_end(&mut held).unwrap();
            files.insert(entry.path().unwrap().display().to_string(), held);
        }
        let read = |path: &str| -> Value { serde_json::from_slice(&files[path]).unwrap() };
        let follow = |descriptor: &Value| {
            let named = descriptor["digest"].as_str().unwrap();
            let path = format!("blobs/{}", named.replace(':', "/"));
            assert_eq!(
                (digest(&files[&path]), files[&path].len()),
                (named.to_owned(), descriptor["size"].as_u64().unwrap() as usize)
            );
            path
        };
        let index = read("index.json");
        assert_eq!(index["manifests"][0]["annotations"]["org.opencontainers.image.ref.name"], image.name().as_str());
        let platforms = read(&follow(&index["manifests"][0]));
        assert_eq!(platforms["manifests"][0]["platform"]["architecture"], "amd64");
        let manifest = read(&follow(&platforms["manifests"][0]));
        let docker = read("manifest.json");
        assert_eq!(docker[0]["Config"], follow(&manifest["config"]).as_str());
        assert_eq!(docker[0]["Layers"][0], follow(&manifest["layers"][0]).as_str());
        assert_eq!(docker[0]["RepoTags"][0], image.name().as_str());
        assert_eq!(manifest["config"]["digest"], image.config.digest.as_str());
    }
}
