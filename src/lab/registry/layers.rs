//! Blobs as they are read: from the registry, or by a signed URL from the OSS bucket behind it.

use bytes::Bytes;
use http::header::RANGE;
use serde_json::{Value, json};

use super::RegistryService;
use super::access::now;
use super::target::{parameter, query};
use super::words::{refusal, with_headers};
use crate::http::{Request, Response, response};

/// How long a signed URL lasts, in seconds.
const LASTS: u64 = 600;

/// `GET …/blobs/<digest>`: the blob, or a redirect to it.
pub(super) fn blob(service: &RegistryService, vpc: bool, name: &str, digest: &str, request: &Request) -> Response {
    let blob = service.store().blob(name, digest);
    let Some(blob) = blob else {
        return refusal(404, "BLOB_UNKNOWN", "blob unknown to registry", json!({ "digest": digest }));
    };
    let digest_header = [("docker-content-digest", digest.to_owned())];
    if service.world.redirect_blobs && request.method() == http::Method::GET {
        let location = signed_url(service, vpc, digest);
        let away = response(307, "application/octet-stream", Bytes::new());
        return with_headers(with_headers(away, &digest_header), &[("location", location)]);
    }
    with_headers(part(blob, request), &digest_header)
}

/// A request to the layers' bucket: only with a URL that the registry signed.
pub(super) fn layer(service: &RegistryService, host: &str, request: &Request) -> Response {
    let path = request.uri().path();
    let query = query(request);
    let expires = parameter(&query, "Expires").and_then(|expires| expires.parse::<u64>().ok()).unwrap_or(0);
    let signature = parameter(&query, "Signature").unwrap_or("");
    let expected = hex::encode(service.gate.sign(&text_to_sign(host, path, expires)));
    if signature != expected || expires <= now() {
        let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>\n  <Code>AccessDenied</Code>\n  \
                    <Message>You have no right to access this object because of bucket acl.</Message>\n</Error>\n";
        return response(403, "application/xml", body);
    }
    let digest = path.rsplit('/').nth(1).map(|hex| format!("sha256:{hex}"));
    let blob = digest.and_then(|digest| service.store().any_blob(&digest));
    match blob {
        Some(blob) => part(blob, request),
        None => refusal(404, "BLOB_UNKNOWN", "blob unknown to registry", Value::Null),
    }
}

fn text_to_sign(host: &str, path: &str, expires: u64) -> String {
    format!("{host}\n{path}\n{expires}")
}

fn signed_url(service: &RegistryService, vpc: bool, digest: &str) -> String {
    let internal = if vpc { "-internal" } else { "" };
    let host = format!("{}.oss-{}{internal}.aliyuncs.com", service.world.layer_bucket, service.region);
    let hex = digest.trim_start_matches("sha256:");
    let path = format!("/docker/registry/v2/blobs/sha256/{}/{hex}/data", hex.get(..2).unwrap_or(""));
    let expires = now() + LASTS;
    let signature = hex::encode(service.gate.sign(&text_to_sign(&host, &path, expires)));
    format!("https://{host}{path}?Expires={expires}&OSSAccessKeyId={}&Signature={signature}", service.world.instance_id)
}

/// The whole, or the part that `Range: bytes=first-last` names.
fn part(blob: Bytes, request: &Request) -> Response {
    let octets = "application/octet-stream";
    let range = request.headers().get(RANGE).and_then(|value| value.to_str().ok());
    let Some(range) = range.and_then(|range| range.strip_prefix("bytes=")) else {
        return response(200, octets, blob);
    };
    let (first, last) = range.split_once('-').unwrap_or((range, ""));
    let end = blob.len();
    let first = first.parse::<usize>().ok().filter(|first| *first < end);
    let last = if last.is_empty() { Some(end - 1) } else { last.parse::<usize>().ok().map(|last| last.min(end - 1)) };
    match (first, last) {
        (Some(first), Some(last)) if first <= last => {
            let range = format!("bytes {first}-{last}/{end}");
            with_headers(response(206, octets, blob.slice(first..=last)), &[("content-range", range)])
        }
        _ => with_headers(response(416, octets, Bytes::new()), &[("content-range", format!("bytes */{end}"))]),
    }
}
