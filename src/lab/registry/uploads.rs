//! Uploads: started by POST, continued by PATCH, ended by PUT with the digest; or whole in one POST.

use bytes::Bytes;
use http::Method;
use http::header::CONTENT_RANGE;
use serde_json::{Value, json};

use super::store::{LONGEST_BLOB, Store, digest};
use super::target::parameter;
use super::words::{refusal, with_headers};
use super::world::RegistryWorld;
use crate::http::{Request, Response, response};

/// Starts an upload. A cross-repository mount (`mount`, `from`) is answered by a plain upload, as the spec allows.
pub(super) fn start(
    store: &mut Store,
    world: &RegistryWorld,
    name: &str,
    query: &[(String, String)],
    request: &Request,
) -> Response {
    if world.read_only {
        return refusal(405, "UNSUPPORTED", "The operation is unsupported.", Value::Null);
    }
    if !store.make_room(name) {
        // ACR says the same for a namespace that is missing, one that creates nothing, and a right that is missing.
        return refusal(403, "DENIED", "requested access to the resource is denied", Value::Null);
    }
    if let Some(wanted) = parameter(query, "digest") {
        return finish(store, name, request.body().clone(), wanted);
    }
    let id = store.start_upload(name);
    under_way(202, name, &id.to_string(), 0)
}

/// Continues, ends, queries or cancels an upload.
pub(super) fn go_on(
    store: &mut Store,
    method: &Method,
    name: &str,
    id: &str,
    query: &[(String, String)],
    request: &Request,
) -> Response {
    let full = !store.has_room_for(request.body().len());
    let Some(upload) = store.upload(name, id) else {
        return refusal(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry", Value::Null);
    };
    let held = upload.bytes.len();
    match *method {
        Method::GET => under_way(204, name, id, held),
        Method::DELETE => {
            store.end_upload(id);
            response(204, "application/json", Bytes::new())
        }
        Method::PATCH | Method::PUT => {
            if full {
                let detail = json!({ "most": LONGEST_BLOB });
                return refusal(413, "SIZE_INVALID", "provided length did not match content length", detail);
            }
            if let Some(refused) = out_of_order(request, held) {
                return with_headers(refused, &progress(name, id, held));
            }
            upload.bytes.extend_from_slice(request.body());
            let held = upload.bytes.len();
            if *method == Method::PATCH {
                return under_way(202, name, id, held);
            }
            let Some(wanted) = parameter(query, "digest") else {
                return refusal(400, "DIGEST_INVALID", "digest missing", Value::Null);
            };
            let bytes = store.end_upload(id).map(|upload| upload.bytes).unwrap_or_default();
            finish(store, name, bytes.into(), wanted)
        }
        _ => refusal(405, "UNSUPPORTED", "The operation is unsupported.", Value::Null),
    }
}

/// A chunk that says where it belongs must follow what is there.
fn out_of_order(request: &Request, held: usize) -> Option<Response> {
    let range = request.headers().get(CONTENT_RANGE)?.to_str().unwrap_or("");
    let first = range.trim_start_matches("bytes ").split('-').next().and_then(|first| first.parse::<usize>().ok());
    if first == Some(held) {
        return None;
    }
    Some(refusal(416, "BLOB_UPLOAD_INVALID", "blob upload invalid", json!({ "held": held })))
}

fn progress(name: &str, id: &str, held: usize) -> [(&'static str, String); 3] {
    [
        ("location", format!("/v2/{name}/blobs/uploads/{id}")),
        ("range", format!("0-{}", held.saturating_sub(1))),
        ("docker-upload-uuid", id.to_owned()),
    ]
}

fn under_way(status: u16, name: &str, id: &str, held: usize) -> Response {
    with_headers(response(status, "application/json", Bytes::new()), &progress(name, id, held))
}

fn finish(store: &mut Store, name: &str, bytes: Bytes, wanted: &str) -> Response {
    let found = digest(&bytes);
    if found != wanted {
        let detail = json!({ "digest": wanted, "reason": "the bytes have another" });
        return refusal(400, "DIGEST_INVALID", "provided digest did not match uploaded content", detail);
    }
    store.keep(name, bytes);
    let headers = [("location", format!("/v2/{name}/blobs/{found}")), ("docker-content-digest", found)];
    with_headers(response(201, "application/json", Bytes::new()), &headers)
}
