//! Manifests and tags.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::{Value, json};

use super::store::{Manifest, Repository, Store, digest};
use super::target::parameter;
use super::words::{refusal, refusals, with_headers};
use super::world::RegistryWorld;
use crate::http::{Request, Response, response};

/// Manifests of one platform: they name blobs.
const IMAGES: [&str; 2] =
    ["application/vnd.docker.distribution.manifest.v2+json", "application/vnd.oci.image.manifest.v1+json"];
/// Lists of manifests.
const LISTS: [&str; 2] =
    ["application/vnd.docker.distribution.manifest.list.v2+json", "application/vnd.oci.image.index.v1+json"];

/// What a manifest of any type names.
#[derive(Deserialize)]
struct Contents {
    #[serde(rename = "mediaType")]
    media_type: Option<String>,
    config: Option<Named>,
    #[serde(default)]
    layers: Vec<Named>,
    #[serde(default)]
    manifests: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    digest: String,
    size: usize,
}

fn unknown_name(name: &str) -> Response {
    refusal(404, "NAME_UNKNOWN", "repository name not known to registry", json!({ "name": name }))
}

fn unknown_manifest(reference: &str) -> Response {
    refusal(404, "MANIFEST_UNKNOWN", "manifest unknown", json!({ "Tag": reference }))
}

/// Tags are at most 128 characters of letters, digits, `_`, `.` and `-`, not starting with the last two.
fn tag_is_valid(tag: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    tag.len() <= 128 && tag.starts_with(word) && tag.chars().all(|c| word(c) || ".-".contains(c))
}

fn digest_of(repository: &Repository, reference: &str) -> Option<String> {
    if reference.contains(':') { Some(reference.to_owned()) } else { repository.tags.get(reference).cloned() }
}

/// `GET …/manifests/<tag or digest>`.
pub(super) fn get(store: &Store, name: &str, reference: &str) -> Response {
    let Some(repository) = store.repository(name) else { return unknown_name(name) };
    let found = digest_of(repository, reference).and_then(|digest| Some((repository.manifests.get(&digest)?, digest)));
    match found {
        Some((manifest, digest)) => {
            let answer = response(200, &manifest.media_type, manifest.bytes.clone());
            with_headers(answer, &[("docker-content-digest", digest)])
        }
        None => unknown_manifest(reference),
    }
}

/// `PUT …/manifests/<tag or digest>`.
pub(super) fn put(
    store: &mut Store,
    world: &RegistryWorld,
    name: &str,
    reference: &str,
    request: &Request,
) -> Response {
    if world.read_only {
        return refusal(405, "UNSUPPORTED", "The operation is unsupported.", Value::Null);
    }
    let media_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let invalid = |why: &str| refusal(400, "MANIFEST_INVALID", "manifest invalid", json!({ "reason": why }));
    let Ok(contents) = serde_json::from_slice::<Contents>(request.body()) else {
        return invalid("it is not the JSON of a manifest");
    };
    if contents.media_type.as_deref().is_some_and(|inside| inside != media_type) {
        return invalid("its mediaType is not its Content-Type");
    }
    let found = digest(request.body());
    if reference.contains(':') && reference != found {
        return refusal(400, "DIGEST_INVALID", "provided digest did not match uploaded content", Value::Null);
    }
    if !reference.contains(':') && !tag_is_valid(reference) {
        return refusal(400, "TAG_INVALID", "manifest tag did not match URI", Value::Null);
    }
    let Some(repository) = store.repository(name) else { return unknown_name(name) };
    if LISTS.contains(&media_type) {
        for named in &contents.manifests {
            let size = repository.manifests.get(&named.digest).map(|manifest| manifest.bytes.len());
            if size != Some(named.size) {
                // docker-registry 2.8 gives both.
                let reasons = [
                    ("DIGEST_INVALID", "provided digest did not match uploaded content", Value::Null),
                    ("MANIFEST_BLOB_UNKNOWN", "blob unknown to registry", json!(named.digest)),
                ];
                return refusals(400, &reasons);
            }
        }
    } else if IMAGES.contains(&media_type) {
        let Some(config) = &contents.config else { return invalid("it names no config") };
        for named in std::iter::once(config).chain(&contents.layers) {
            if store.blob(name, &named.digest).map(|blob| blob.len()) != Some(named.size) {
                let detail = json!({ "digest": named.digest });
                return refusal(400, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry", detail);
            }
        }
    } else {
        return invalid("its type is not known here");
    }
    if !reference.contains(':') {
        let tagged = repository.tags.get(reference);
        if repository.rules.tag_immutable && tagged.is_some_and(|tagged| *tagged != found) {
            // ACR's own words for this are not known; clients go by what they did, not by the text.
            return refusal(403, "DENIED", &format!("the tag {reference} is immutable"), Value::Null);
        }
    }
    let manifest = Manifest { media_type: media_type.to_owned(), bytes: request.body().clone() };
    let Some(repository) = store.repository_mut(name) else { return unknown_name(name) };
    repository.manifests.insert(found.clone(), manifest);
    if !reference.contains(':') {
        repository.tags.insert(reference.to_owned(), found.clone());
    }
    let headers = [("location", format!("/v2/{name}/manifests/{found}")), ("docker-content-digest", found)];
    with_headers(response(201, "application/json", Bytes::new()), &headers)
}

/// `DELETE …/manifests/<tag or digest>`: only a tag, or a manifest with every tag that names it.
pub(super) fn delete(store: &mut Store, name: &str, reference: &str) -> Response {
    let Some(repository) = store.repository_mut(name) else { return unknown_name(name) };
    let gone = if reference.contains(':') {
        repository.tags.retain(|_, digest| digest != reference);
        repository.manifests.remove(reference).is_some()
    } else {
        repository.tags.remove(reference).is_some()
    };
    if gone { response(202, "application/json", Bytes::new()) } else { unknown_manifest(reference) }
}

/// `GET …/tags/list`, in pages of `n` after `last`.
pub(super) fn tags(store: &Store, name: &str, query: &[(String, String)]) -> Response {
    let Some(repository) = store.repository(name) else { return unknown_name(name) };
    let most = match parameter(query, "n").map(str::parse::<usize>) {
        None => usize::MAX,
        Some(Ok(most)) => most,
        Some(Err(_)) => return refusal(400, "PAGINATION_NUMBER_INVALID", "invalid number of results", Value::Null),
    };
    let last = parameter(query, "last").unwrap_or("");
    let mut rest = repository.tags.keys().filter(|tag| tag.as_str() > last);
    let page: Vec<&String> = rest.by_ref().take(most).collect();
    let next = page.last().filter(|_| rest.next().is_some());
    let link = next.map(|last| ("link", format!("</v2/{name}/tags/list?n={most}&last={last}>; rel=\"next\"")));
    let body = json!({ "name": name, "tags": page });
    with_headers(response(200, "application/json", body.to_string()), link.as_slice())
}
