//! The pull: challenge, token, manifest, configuration and layers from the registry, digests verified, kept on the node by digest.
//! Its failures are in containerd's words.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};

use ackcheck_probe::Failure;
use base64::Engine as _;
use bytes::Bytes;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::image::Image;
use crate::lab::kubernetes::kinds::SECRETS;
use crate::lab::kubernetes::objects::Objects;
use crate::lab::network::Network;
use crate::lab::network::http::{Reply, Sending, Trust};

/// For one request, in milliseconds; containerd waits 30 s for a connection.
const TIMEOUT_MS: u64 = 30_000;
/// The longest manifest read, in bytes, and the longest blob.
const LONGEST_MANIFEST: usize = 4 << 20;
const LONGEST_BLOB: usize = 256 << 20;
const MANIFESTS: &str = "application/vnd.docker.distribution.manifest.v2+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.oci.image.manifest.v1+json, \
     application/vnd.oci.image.index.v1+json, */*";
const REDIRECTS: usize = 5;

/// A user name and password for one registry host.
#[derive(Clone)]
pub(super) struct Credential {
    host: String,
    basic: String,
}

/// The credentials of pull secrets, and the names of those that are not there.
pub(super) fn credentials<'a>(
    objects: &Objects,
    namespace: &str,
    secrets: impl Iterator<Item = &'a str>,
) -> (Vec<Credential>, Vec<String>) {
    let (mut credentials, mut missing) = (Vec::new(), Vec::new());
    for name in secrets {
        let Ok(secret) = objects.get(SECRETS, namespace, name) else {
            missing.push(name.to_owned());
            continue;
        };
        let value = secret.value();
        let decode = |text: &str| base64::engine::general_purpose::STANDARD.decode(text).ok();
        let config = value["data"][".dockerconfigjson"].as_str().and_then(decode);
        let config: serde_json::Value =
            config.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        for (host, entry) in config["auths"].as_object().into_iter().flatten() {
            let host = host.trim_start_matches("https://").split('/').next().unwrap_or_default().to_owned();
            let basic = match (entry["auth"].as_str(), entry["username"].as_str(), entry["password"].as_str()) {
                (Some(auth), _, _) if !auth.is_empty() => auth.to_owned(),
                (_, Some(user), Some(password)) => {
                    base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"))
                }
                _ => continue,
            };
            credentials.push(Credential { host, basic });
        }
    }
    (credentials, missing)
}

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

/// `HOST/NAMESPACE/NAME:TAG`, taken apart.
#[derive(Debug, PartialEq, Eq)]
struct Reference {
    host: String,
    repository: String,
    /// A tag, or a digest.
    version: String,
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
    reference: Reference,
    basic: Option<&'a str>,
    token: Option<String>,
}

impl Puller {
    pub(super) fn new(network: Arc<Network>) -> Puller {
        Puller { network, kept: Mutex::default() }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The image of a reference that a node already has.
    pub(super) fn present(&self, node: &str, image: &str) -> Option<Arc<Image>> {
        self.kept().images.get(&(node.to_owned(), image.to_owned())).cloned()
    }

    /// Brings an image to a node. The error is the kubelet's: `rpc error: code = … desc = …`.
    pub(super) async fn pull(
        &self,
        node: &str,
        image: &str,
        architecture: &str,
        credentials: &[Credential],
    ) -> Result<Arc<Image>, String> {
        let reference = Reference::parse(image).ok_or_else(|| {
            format!("rpc error: code = Unknown desc = failed to parse image name \"{image}\": invalid reference format")
        })?;
        // The kubelet tries each that fits; with none it asks as nobody.
        let fitting: Vec<&Credential> =
            credentials.iter().filter(|credential| credential.host == reference.host).collect();
        let attempts: Vec<Option<&str>> = match fitting.is_empty() {
            true => vec![None],
            false => fitting.iter().map(|credential| Some(credential.basic.as_str())).collect(),
        };
        let mut refused = String::new();
        for basic in attempts {
            let reference = Reference::parse(image).unwrap_or_else(|| unreachable!("it was parsed before"));
            let pull = Pull { puller: self, node, image, reference, basic, token: None };
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

impl Pull<'_> {
    async fn run(mut self, architecture: &str) -> Result<Arc<Image>, String> {
        let reference = format!("failed to resolve reference \"{}\"", self.image);
        let version = self.reference.version.clone();
        let head = self.fetch("HEAD", &format!("manifests/{version}"), MANIFESTS, LONGEST_MANIFEST).await;
        let head = head.map_err(|why| self.unknown(&format!("{reference}: {why}")))?;
        match head.status {
            200 => {}
            404 => return Err(self.not_found(&format!("{reference}: {}: not found", self.image))),
            status => {
                let url = self.url(&format!("manifests/{version}"));
                return Err(self.unknown(&format!(
                    "{reference}: unexpected status from HEAD request to {url}: {}",
                    words(status)
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
        let reply = self.fetch("GET", &format!("manifests/{digest}"), MANIFESTS, LONGEST_MANIFEST).await;
        let reply = reply.map_err(|why| self.unknown(&format!("failed to copy: {why}")))?;
        self.whole(digest, &reply)?;
        serde_json::from_slice(&reply.body)
            .map_err(|error| self.unknown(&format!("failed to decode manifest {digest}: {error}")))
    }

    /// A blob's bytes: those the node has, else from the registry or where it redirects to.
    async fn blob(&mut self, digest: &str) -> Result<Bytes, String> {
        let key = (self.node.to_owned(), digest.to_owned());
        {
            let kept = self.puller.kept();
            if let Some(bytes) = kept.contents.get(digest).filter(|_| kept.blobs.contains(&key)) {
                return Ok(bytes.clone());
            }
        }
        let reply = self.fetch("GET", &format!("blobs/{digest}"), "*/*", LONGEST_BLOB).await;
        let reply = reply.map_err(|why| self.unknown(&format!("failed to copy: {why}")))?;
        self.whole(digest, &reply)?;
        let mut kept = self.puller.kept();
        kept.blobs.insert(key);
        Ok(kept.contents.entry(digest.to_owned()).or_insert(reply.body).clone())
    }

    fn whole(&self, digest: &str, reply: &Reply) -> Result<(), String> {
        if reply.status != 200 {
            let said = format!(
                "failed to copy: httpReadSeeker: failed open: could not fetch content descriptor {digest} from remote: {}",
                words(reply.status)
            );
            return Err(if reply.status == 404 {
                self.not_found(&format!("{said}: not found"))
            } else {
                self.unknown(&said)
            });
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

    fn url(&self, below: &str) -> String {
        format!("https://{}/v2/{}/{below}", self.reference.host, self.reference.repository)
    }

    /// One request, with a token where the registry wants one; redirects are followed.
    async fn fetch(&mut self, method: &str, below: &str, accept: &str, longest: usize) -> Result<Reply, String> {
        let mut url = self.url(below);
        let mut authorize = true;
        for _ in 0..REDIRECTS {
            let mut headers = vec![
                ("accept".to_owned(), accept.to_owned()),
                ("user-agent".to_owned(), "containerd/1.6.38".to_owned()),
            ];
            if let Some(token) = self.token.as_ref().filter(|_| authorize) {
                headers.push(("authorization".to_owned(), token.clone()));
            }
            let reply = self.send(method, &url, &headers, longest).await?;
            match reply.status {
                401 if authorize => {
                    let challenge = reply.header("www-authenticate").unwrap_or_default().to_owned();
                    if self.token.is_some() {
                        return Err(denied(&challenge));
                    }
                    self.token = Some(self.authorize(&challenge).await?);
                }
                403 if authorize => return Err(denied("")),
                301 | 302 | 303 | 307 | 308 => {
                    let to = reply.header("location").unwrap_or_default();
                    let next = url::Url::parse(&url)
                        .and_then(|url| url.join(to))
                        .map_err(|error| format!("failed to do request: {error}"))?;
                    authorize = next.host_str() == Some(self.reference.host.as_str());
                    url = next.to_string();
                }
                _ => return Ok(reply),
            }
        }
        Err(format!("failed to do request: {method} \"{url}\": stopped after {REDIRECTS} redirects"))
    }

    /// Answers a challenge: the value of the `Authorization` header to send.
    async fn authorize(&self, challenge: &str) -> Result<String, String> {
        let part = |name: &str| {
            let start = challenge.find(&format!("{name}=\""))? + name.len() + 2;
            challenge[start..].split('"').next()
        };
        if challenge.starts_with("Basic") {
            let basic = self.basic.ok_or_else(|| "no basic auth credentials".to_owned())?;
            return Ok(format!("Basic {basic}"));
        }
        let realm = part("realm").ok_or_else(|| format!("unexpected status: 401 Unauthorized ({challenge})"))?;
        let mut url =
            url::Url::parse(realm).map_err(|error| format!("failed to authorize: the realm {realm}: {error}"))?;
        let scope =
            part("scope").map_or_else(|| format!("repository:{}:pull", self.reference.repository), str::to_owned);
        url.query_pairs_mut().append_pair("scope", &scope);
        if let Some(service) = part("service") {
            url.query_pairs_mut().append_pair("service", service);
        }
        let what = if self.basic.is_some() { "oauth" } else { "anonymous" };
        let mut headers = vec![("user-agent".to_owned(), "containerd/1.6.38".to_owned())];
        if let Some(basic) = self.basic {
            headers.push(("authorization".to_owned(), format!("Basic {basic}")));
        }
        let failed = |why: &str| format!("failed to authorize: failed to fetch {what} token: {why}");
        let reply = self
            .send("GET", url.as_str(), &headers, LONGEST_MANIFEST)
            .await
            .map_err(|why| failed(why.strip_prefix("failed to do request: ").unwrap_or(&why)))?;
        if reply.status != 200 {
            return Err(failed(&format!("unexpected status from GET request to {url}: {}", words(reply.status))));
        }
        let token: serde_json::Value =
            serde_json::from_slice(&reply.body).map_err(|error| failed(&error.to_string()))?;
        let token = token["token"].as_str().or(token["access_token"].as_str());
        token
            .map(|token| format!("Bearer {token}"))
            .ok_or_else(|| failed("authorization server did not include a token in the response"))
    }

    async fn send(
        &self,
        method: &str,
        url: &str,
        headers: &[(String, String)],
        longest: usize,
    ) -> Result<Reply, String> {
        let sending = Sending { method, url, headers, body: &[], trust: Trust::Lab, timeout_ms: TIMEOUT_MS, longest };
        let network = &self.puller.network;
        network.send(self.node, sending, Network::resolve_on_node).await.map_err(|(failure, said)| {
            let why = match failure {
                Failure::Unresolvable => {
                    let (host, rest) = said.trim_start_matches("lookup ").split_once(": ").unwrap_or((&said, ""));
                    format!("dial tcp: lookup {host} on {}:53: {rest}", network.node_dns())
                }
                Failure::Tls => format!("tls: failed to verify certificate: x509: {}", certificate_words(&said)),
                Failure::Closed => "EOF".to_owned(),
                Failure::TimedOut if !said.starts_with("dial") => {
                    "net/http: timeout awaiting response headers".to_owned()
                }
                Failure::Garbled => format!("malformed HTTP response ({said})"),
                _ => said,
            };
            let method = format!("{}{}", &method[..1], method[1..].to_lowercase());
            format!("failed to do request: {method} \"{url}\": {why}")
        })
    }

    fn unknown(&self, why: &str) -> String {
        format!("rpc error: code = Unknown desc = failed to pull and unpack image \"{}\": {why}", self.image)
    }

    fn not_found(&self, why: &str) -> String {
        format!("rpc error: code = NotFound desc = failed to pull and unpack image \"{}\": {why}", self.image)
    }
}

/// The registry refuses although a token was sent, or because of it.
fn denied(challenge: &str) -> String {
    let said = if challenge.contains("insufficient_scope") {
        "insufficient_scope: authorization failed"
    } else {
        "denied: requested access to the resource is denied"
    };
    let said = if challenge.is_empty() { said } else { "insufficient_scope: authorization failed" };
    format!("pull access denied, repository does not exist or may require authorization: server message: {said}")
}

fn certificate_words(said: &str) -> &str {
    if said.contains("UnknownIssuer") {
        "certificate signed by unknown authority"
    } else if said.contains("NotValidForName") {
        "certificate is valid for another name"
    } else {
        said
    }
}

fn words(status: u16) -> String {
    let reason = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    format!("{status} {}", reason.unwrap_or_default())
}

impl Reference {
    fn parse(image: &str) -> Option<Reference> {
        let (host, rest) = image.split_once('/')?;
        if !host.contains(['.', ':']) && host != "localhost" {
            // A short name is Docker Hub's.
            return Reference::parse(&format!("registry-1.docker.io/{image}"));
        }
        let (repository, version) = match rest.split_once('@') {
            Some((repository, digest)) => (repository.split(':').next()?, digest),
            None => rest.split_once(':').unwrap_or((rest, "latest")),
        };
        let plain = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-/".contains(&byte))
        };
        (plain(repository) && !version.is_empty()).then(|| Reference {
            host: host.to_owned(),
            repository: repository.to_owned(),
            version: version.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_references_apart() {
        let parsed = |image: &str| Reference::parse(image).map(|r| (r.host, r.repository, r.version));
        let owned = |a: &str, b: &str, c: &str| Some((a.to_owned(), b.to_owned(), c.to_owned()));
        assert_eq!(parsed("r.example/ns/repo:t"), owned("r.example", "ns/repo", "t"));
        assert_eq!(parsed("r.example:5000/ns/repo"), owned("r.example:5000", "ns/repo", "latest"));
        assert_eq!(parsed("r.example/ns/repo:t@sha256:ab"), owned("r.example", "ns/repo", "sha256:ab"));
        assert_eq!(parsed("r.example/NS/repo:t"), None);
        assert_eq!(parsed("busybox"), None);
    }
}
