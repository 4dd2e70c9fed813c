//! What the runtime knows of an image it has unpacked.

use std::io::Read as _;

use bytes::Bytes;
use serde::Deserialize;

/// The longest a layer may be when unpacked, in bytes.
const LONGEST_LAYER: u64 = 256 << 20;

/// An image on a node.
#[derive(Debug)]
pub(super) struct Image {
    /// `HOST/NAMESPACE/NAME@sha256:…`.
    pub(super) id: String,
    /// `amd64`.
    pub(super) architecture: String,
    pub(super) entrypoint: Vec<String>,
    pub(super) arguments: Vec<String>,
    /// The paths of its executable files, with a slash in front.
    pub(super) executables: Vec<String>,
    /// Its compressed size.
    pub(super) bytes: u64,
}

/// An image's configuration, as far as the runtime needs it.
#[derive(Debug, Deserialize)]
pub(super) struct ImageConfig {
    architecture: String,
    #[serde(default)]
    config: ImageProcess,
}

#[derive(Debug, Default, Deserialize)]
struct ImageProcess {
    #[serde(rename = "Entrypoint")]
    entrypoint: Option<Vec<String>>,
    #[serde(rename = "Cmd")]
    arguments: Option<Vec<String>>,
}

impl Image {
    /// Of its configuration and layers, each with its media type.
    pub(super) fn unpack(id: String, config: &[u8], layers: &[(String, Bytes)]) -> Result<Image, String> {
        let config: ImageConfig =
            serde_json::from_slice(config).map_err(|error| format!("failed to read the image's config: {error}"))?;
        let mut executables = Vec::new();
        for (media, bytes) in layers {
            let wrong = |error: std::io::Error| format!("failed to extract layer: {error}");
            let reader: Box<dyn std::io::Read> = if media.ends_with("gzip") || bytes.starts_with(&[0x1f, 0x8b]) {
                Box::new(flate2::read::GzDecoder::new(bytes.as_ref()))
            } else {
                Box::new(bytes.as_ref())
            };
            let mut archive = tar::Archive::new(reader.take(LONGEST_LAYER));
            for entry in archive.entries().map_err(wrong)? {
                let entry = entry.map_err(wrong)?;
                let path = entry.path().map_err(wrong)?.to_string_lossy().into_owned();
                if entry.header().entry_type().is_file() && entry.header().mode().is_ok_and(|mode| mode & 0o111 != 0) {
                    executables.push(format!("/{}", path.trim_start_matches("./").trim_start_matches('/')));
                }
            }
        }
        Ok(Image {
            id,
            architecture: config.architecture,
            entrypoint: config.config.entrypoint.unwrap_or_default(),
            arguments: config.config.arguments.unwrap_or_default(),
            executables,
            bytes: layers.iter().map(|(_, bytes)| bytes.len() as u64).sum(),
        })
    }
}
