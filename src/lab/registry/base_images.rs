//! The base images that DSS built and pushed, as Docker's manifests: one, or a list for several processors.

use bytes::Bytes;
use serde_json::{Value, json};

use super::store::{Manifest, Store, digest};
use super::world::{BaseImage, RegistryWorld};
use crate::tree::product_version;
use crate::world::Deployment;

const IMAGE: &str = "application/vnd.docker.distribution.manifest.v2+json";
const LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
const CONFIG: &str = "application/vnd.docker.container.image.v1+json";

/// Puts what the world says was pushed into the repositories that DSS names after itself.
pub(super) fn push(store: &mut Store, world: &RegistryWorld, deployment: &Deployment) -> anyhow::Result<()> {
    let version = product_version(&deployment.dss.release)?;
    let id = deployment.dss.install_id.to_lowercase();
    let (_, root) = deployment.repository.split_once('/').unwrap_or((&deployment.repository, ""));
    for (name, image) in [("dku-exec-base", &world.base_images.exec), ("dku-spark-base", &world.base_images.spark)] {
        if image.pushed {
            let repository = format!("{root}/{name}-{id}");
            store.seed(&repository);
            let tag = format!("dss-{}", image.version.as_deref().unwrap_or(&version));
            push_image(store, &repository, &tag, image);
        }
    }
    Ok(())
}

fn push_image(store: &mut Store, repository: &str, tag: &str, image: &BaseImage) {
    let of_one = |architecture: &String| {
        let config = json!({
            "os": "linux", "architecture": architecture, "config": {}, "rootfs": { "type": "layers", "diff_ids": [] },
        });
        let config = Bytes::from(config.to_string());
        let (size, digest) = (config.len(), store.keep(repository, config));
        let manifest = json!({
            "schemaVersion": 2, "mediaType": IMAGE, "layers": [],
            "config": { "mediaType": CONFIG, "size": size, "digest": digest },
        });
        (architecture.clone(), manifest)
    };
    let images: Vec<(String, Value)> = image.architectures.iter().map(of_one).collect();
    let digests: Vec<(String, String, usize)> = images
        .iter()
        .map(|(architecture, manifest)| {
            let (digest, size) = put(store, repository, IMAGE, manifest);
            (architecture.clone(), digest, size)
        })
        .collect();
    let tagged = match digests.as_slice() {
        [(_, digest, _)] => digest.clone(),
        several => {
            let entries: Vec<Value> = several
                .iter()
                .map(|(architecture, digest, size)| {
                    let platform = json!({ "os": "linux", "architecture": architecture });
                    json!({ "mediaType": IMAGE, "digest": digest, "size": size, "platform": platform })
                })
                .collect();
            put(store, repository, LIST, &json!({ "schemaVersion": 2, "mediaType": LIST, "manifests": entries })).0
        }
    };
    if let Some(repository) = store.repository_mut(repository) {
        repository.tags.insert(tag.to_owned(), tagged);
    }
}

/// Its digest and size.
fn put(store: &mut Store, repository: &str, media_type: &str, manifest: &Value) -> (String, usize) {
    let bytes = Bytes::from(manifest.to_string());
    let (digest, size) = (digest(&bytes), bytes.len());
    if let Some(repository) = store.repository_mut(repository) {
        repository.manifests.insert(digest.clone(), Manifest { media_type: media_type.to_owned(), bytes });
    }
    (digest, size)
}
