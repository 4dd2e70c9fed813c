//! What is sent for a request of the seat: its method, query, headers and body, before it is signed.

use base64::Engine as _;
use http::{HeaderMap, HeaderValue, Method};
use md5::{Digest as _, Md5};

use super::sign::Unsigned;
use ackcheck_core::seat::store::{StoreRequest, StoreTarget};

/// The request and its body. `key` is of the object that it names, `version` one of its versions.
pub(super) fn unsigned<'a>(
    target: &StoreTarget,
    request: &StoreRequest,
    key: Option<&'a str>,
    version: Option<&str>,
) -> (Unsigned<'a>, String) {
    let mut headers = HeaderMap::new();
    let mut body = String::new();
    let mut query = Vec::new();
    let method = match request {
        StoreRequest::BucketInfo => {
            query.push(("bucketInfo", String::new()));
            Method::GET
        }
        StoreRequest::List => {
            let folder = match target.prefix.as_str() {
                "" => String::new(),
                prefix => format!("{prefix}/"),
            };
            query.extend([("list-type", "2".to_owned()), ("max-keys", "10".to_owned()), ("prefix", folder)]);
            Method::GET
        }
        StoreRequest::ListFolder { folder } => {
            query.extend([("delimiter", "/".to_owned()), ("max-keys", "10".to_owned()), ("prefix", folder.clone())]);
            Method::GET
        }
        StoreRequest::Put { body: text, .. } => {
            headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
            body = text.clone();
            Method::PUT
        }
        StoreRequest::Get { .. } => Method::GET,
        StoreRequest::Head { .. } => Method::HEAD,
        StoreRequest::Delete { .. } => Method::DELETE,
        StoreRequest::DeleteByPost { .. } => {
            query.push(("delete", String::new()));
            body = deletion(key.unwrap_or_default());
            let digest = base64::engine::general_purpose::STANDARD.encode(Md5::digest(&body));
            // Base64 is always a header value.
            headers.extend(HeaderValue::from_str(&digest).map(|value| (CONTENT_MD5, value)));
            Method::POST
        }
    };
    query.extend(version.map(|version| ("versionId", version.to_owned())));
    // A deletion by POST is asked of the bucket, and names its objects in the body.
    let key = key.filter(|_| method != Method::POST);
    (Unsigned { method, key, query, headers }, body)
}

const CONTENT_MD5: http::HeaderName = http::HeaderName::from_static("content-md5");

/// The body of the deletion of one object, which is to be told of.
fn deletion(key: &str) -> String {
    let key = quick_xml::escape::escape(key);
    format!("<Delete><Quiet>false</Quiet><Object><Key>{key}</Key></Object></Delete>")
}
