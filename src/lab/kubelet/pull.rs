//! The pull: challenge, token, manifest, configuration and layers from the registry, digests verified, kept on the node by digest.
//! Its failures are in containerd's words.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::image::Image;
use super::reference::{Credentials, Reference};
use super::registry::Conversation;
use super::words;
use crate::kubernetes::world::{KubernetesWorld, about};
use crate::network::Network;
use crate::network::http::Reply;
use ackcheck_core::sync::locked;

/// The longest manifest read, in bytes, and the longest blob.
const LONGEST_MANIFEST: usize = 4 << 20;
const LONGEST_BLOB: usize = 256 << 20;
const MANIFESTS: &str = "application/vnd.docker.distribution.manifest.v2+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.oci.image.manifest.v1+json, \
     application/vnd.oci.image.index.v1+json, */*";

/// What the nodes have.
#[derive(Default)]
struct Kept {
    /// By node and reference.
    images: HashMap<(String, String), Arc<Image>>,
    /// By node and digest.
    blobs: HashSet<(String, String)>,
    /// The bytes of each blob that any node has: nodes share them as one disk would.
    contents: HashMap<String, Bytes>,
    /// The unpacked image of each manifest digest, shared by the nodes that pulled it.
    unpacked: HashMap<String, Arc<Image>>,
}

/// Pulls images.
pub(super) struct Puller {
    network: Arc<Network>,
    kept: Mutex<Kept>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    config: Option<Descriptor>,
    #[serde(default)]
    layers: Vec<Descriptor>,
    #[serde(default)]
    manifests: Vec<Descriptor>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    #[serde(default)]
    media_type: String,
    digest: String,
    platform: Option<Platform>,
}

#[derive(Debug, Deserialize)]
struct Platform {
    os: String,
    architecture: String,
}

/// One pull on one node.
struct Pull<'a> {
    puller: &'a Puller,
    node: &'a str,
    image: &'a str,
    reference: &'a Reference,
    registry: Conversation<'a>,
}

impl Puller {
    /// One for nodes that have nothing.
    pub(super) fn new(network: Arc<Network>) -> Puller {
        Puller { network, kept: Mutex::default() }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        locked(&self.kept)
    }

    /// The image of a reference that a node already has.
    pub(super) fn present(&self, node: &str, image: &str) -> Option<Arc<Image>> {
        self.kept().images.get(&(node.to_owned(), image.to_owned())).cloned()
    }

    /// Brings an image to a node. The error is the kubelet's: `rpc error: code = … desc = …`.
    pub(super) async fn pull(
        &self,
        world: &KubernetesWorld,
        node: &str,
        image: &str,
        credentials: &Credentials,
    ) -> Result<Arc<Image>, String> {
        if let Some(why) = &credentials.malformed {
            return Err(why.clone());
        }
        let reference = Reference::parse(image).ok_or_else(|| {
            format!("rpc error: code = Unknown desc = failed to parse image name \"{image}\": invalid reference format")
        })?;
        if let Some(why) = breakage(world, node, image, &reference) {
            return Err(why);
        }
        let architecture = world.architecture(node).name();
        let mut refused = String::new();
        for basic in credentials.attempts(image) {
            let registry = Conversation::new(&self.network, node, &reference, basic.as_deref());
            let pull = Pull { puller: self, node, image, reference: &reference, registry };
            match pull.run(architecture).await {
                Ok(facts) => {
                    self.kept().images.insert((node.to_owned(), image.to_owned()), facts.clone());
                    return Ok(facts);
                }
                Err(why) => refused = why,
            }
        }
        Err(refused)
    }
}

/// What a node's runtime says that does not come to speak with the registry.
fn breakage(world: &KubernetesWorld, node: &str, image: &str, reference: &Reference) -> Option<String> {
    if let Some(failure) = world.pull_failures.iter().find(|failure| about(&failure.node, node)) {
        return Some(failure.said.replace("{image}", image));
    }
    let unresolved = |why: &str| {
        format!(
            "rpc error: code = Unknown desc = failed to pull and unpack image \"{image}\": failed to resolve reference \"{image}\": {why}"
        )
    };
    let Reference { host, repository, version } = reference;
    if let Some(mirror) = world.mirrors.iter().find(|mirror| about(&mirror.node, node)) {
        let url = format!("https://{}/v2/{repository}/manifests/{version}?ns={host}", mirror.host);
        let status = words::status(mirror.status);
        return Some(unresolved(&format!("unexpected status from HEAD request to {url}: {status}")));
    }
    let clock = world.clocks.iter().find(|clock| about(&clock.node, node) && clock.days_ahead < 0)?;
    let days = |days: i64| jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * days);
    let (now, since) = (days(clock.days_ahead), days(-1));
    Some(unresolved(&format!(
        "failed to do request: Head \"https://{host}/v2/{repository}/manifests/{version}\": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time {now:.0} is before {since:.0}"
    )))
}

impl Pull<'_> {
    async fn run(mut self, architecture: &str) -> Result<Arc<Image>, String> {
        let reference = format!("failed to resolve reference \"{}\"", self.image);
        let version = self.reference.version.clone();
        let head =
            self.registry.fetch("HEAD", &format!("manifests/{version}"), MANIFESTS, None, LONGEST_MANIFEST).await;
        let head = head.map_err(|why| self.unknown(&format!("{reference}: {why}")))?;
        match head.status {
            200 => {}
            404 => return Err(self.not_found(&format!("{reference}: {}: not found", self.image))),
            status => {
                let url = self.registry.url(&format!("manifests/{version}"));
                return Err(self.unknown(&format!(
                    "{reference}: unexpected status from HEAD request to {url}: {}",
                    words::status(status)
                )));
            }
        }
        let mut digest = head.header("docker-content-digest").unwrap_or(&version).to_owned();
        let mut manifest = self.manifest(&digest).await?;
        if !manifest.manifests.is_empty() {
            let fits = |one: &&Descriptor| {
                one.platform
                    .as_ref()
                    .is_some_and(|platform| platform.os == "linux" && platform.architecture == architecture)
            };
            let Some(chosen) = manifest.manifests.iter().find(fits) else {
                let said = format!("no match for platform in manifest {digest}: not found");
                return Err(self.not_found(&said));
            };
            digest.clone_from(&chosen.digest);
            manifest = self.manifest(&digest).await?;
        }
        let config = manifest.config.ok_or_else(|| self.unknown("the manifest has no config"))?;
        let config_bytes = self.blob(&config.digest).await?;
        let mut layers = Vec::new();
        for layer in &manifest.layers {
            layers.push((layer.media_type.clone(), self.blob(&layer.digest).await?));
        }
        if let Some(known) = self.puller.kept().unpacked.get(&digest).cloned() {
            return Ok(known);
        }
        let id = format!("{}/{}@{digest}", self.reference.host, self.reference.repository);
        let image = Image::unpack(id, &config_bytes, &layers).map_err(|why| self.unknown(&why))?;
        let image = Arc::new(image);
        self.puller.kept().unpacked.insert(digest, image.clone());
        Ok(image)
    }

    async fn manifest(&mut self, digest: &str) -> Result<Manifest, String> {
        let reply = self.registry.fetch("GET", &format!("manifests/{digest}"), MANIFESTS, None, LONGEST_MANIFEST).await;
        let reply =
            reply.map_err(|why| self.unknown(&format!("failed to copy: httpReadSeeker: failed open: {why}")))?;
        self.whole(digest, &reply)?;
        serde_json::from_slice(&reply.body)
            .map_err(|error| self.unknown(&format!("failed to decode manifest {digest}: {error}")))
    }

    /// A blob's bytes: those the node has, else from the registry or where it redirects to. Of a blob whose bytes another
    /// node has brought and verified one byte is requested: each node goes the whole way, and the bytes travel once.
    async fn blob(&mut self, digest: &str) -> Result<Bytes, String> {
        let key = (self.node.to_owned(), digest.to_owned());
        let known = {
            let kept = self.puller.kept();
            let known = kept.contents.get(digest).cloned();
            match known {
                Some(bytes) if kept.blobs.contains(&key) => return Ok(bytes),
                known => known,
            }
        };
        let range = known.as_ref().map(|_| "bytes=0-0");
        let reply = self.registry.fetch("GET", &format!("blobs/{digest}"), "*/*", range, LONGEST_BLOB).await;
        let reply =
            reply.map_err(|why| self.unknown(&format!("failed to copy: httpReadSeeker: failed open: {why}")))?;
        let bytes = match known {
            Some(bytes) if reply.status == 206 => bytes,
            _ => {
                self.whole(digest, &reply)?;
                reply.body
            }
        };
        let mut kept = self.puller.kept();
        kept.blobs.insert(key);
        Ok(kept.contents.entry(digest.to_owned()).or_insert(bytes).clone())
    }

    fn whole(&self, digest: &str, reply: &Reply) -> Result<(), String> {
        let url = self.registry.asked();
        match reply.status {
            200 => {}
            404 => {
                let said =
                    format!("failed to copy: httpReadSeeker: failed open: content at {url} not found: not found");
                return Err(self.not_found(&said));
            }
            status => {
                let status = words::status(status);
                let said =
                    format!("failed to copy: httpReadSeeker: failed open: unexpected status code {url}: {status}");
                return Err(self.unknown(&said));
            }
        }
        let actual = format!("sha256:{}", hex::encode(Sha256::digest(&reply.body)));
        if actual != digest {
            let said = format!(
                "failed commit on ref \"layer-{digest}\": unexpected commit digest {actual}, expected {digest}: failed precondition"
            );
            return Err(self.unknown(&said));
        }
        Ok(())
    }

    fn unknown(&self, why: &str) -> String {
        format!("rpc error: code = Unknown desc = failed to pull and unpack image \"{}\": {why}", self.image)
    }

    fn not_found(&self, why: &str) -> String {
        format!("rpc error: code = NotFound desc = failed to pull and unpack image \"{}\": {why}", self.image)
    }
}
