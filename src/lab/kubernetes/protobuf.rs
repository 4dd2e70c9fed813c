//! Protobuf, for kubectl: it sends the reviews of its own permissions and the small objects of its `create` verbs in
//! protobuf, even to a server that says that it reads only JSON.
//!
//! Field numbers are those of Kubernetes' `generated.proto` files of `core/v1`, `meta/v1` and `authorization/v1`.

use base64::Engine as _;
use serde_json::{Map, Value, json};

/// What protobuf bodies start with; an envelope (`runtime.Unknown`) follows.
const MAGIC: &[u8] = b"k8s\0";

/// The content type of protobuf bodies.
pub(crate) const MEDIA_TYPE: &str = "application/vnd.kubernetes.protobuf";

/// The kinds that can be read.
const READABLE: [&str; 7] = [
    "SelfSubjectAccessReview",
    "SelfSubjectRulesReview",
    "SelfSubjectReview",
    "Secret",
    "ConfigMap",
    "Namespace",
    "ServiceAccount",
];

/// Whether objects of a kind can be read.
pub(crate) fn readable(kind: &str) -> bool {
    READABLE.contains(&kind)
}

/// The JSON of an object; none if the body is not of a readable kind.
pub(crate) fn object(body: &[u8]) -> Option<Value> {
    let envelope = body.strip_prefix(MAGIC)?;
    let kind = field(envelope, 1)?;
    let (api_version, kind) = (text(kind, 1)?, text(kind, 2)?);
    let message = field(envelope, 2).unwrap_or_default();
    let mut object = json!({
        "apiVersion": api_version, "kind": kind, "metadata": metadata(field(message, 1).unwrap_or_default())?,
    });
    let spec = field(message, 2).unwrap_or_default();
    match kind.as_str() {
        "SelfSubjectAccessReview" => {
            const RESOURCE: &[&str] = &["namespace", "verb", "group", "version", "resource", "subresource", "name"];
            object["spec"] = match (field(spec, 1), field(spec, 2)) {
                (Some(message), _) => json!({"resourceAttributes": named(message, RESOURCE)}),
                (None, Some(message)) => json!({"nonResourceAttributes": named(message, &["path", "verb"])}),
                (None, None) => json!({}),
            };
        }
        "SelfSubjectRulesReview" => object["spec"] = named(spec, &["namespace"]),
        "Secret" => {
            object["data"] = map(message, 2, |bytes| Some(base64::engine::general_purpose::STANDARD.encode(bytes)))?;
            object["type"] = json!(text(message, 3).unwrap_or_else(|| "Opaque".to_owned()));
        }
        "ConfigMap" => object["data"] = map(message, 2, |bytes| String::from_utf8(bytes.to_vec()).ok())?,
        kind if readable(kind) => {}
        _ => return None,
    }
    Some(object)
}

fn metadata(message: &[u8]) -> Option<Value> {
    let mut metadata = json!({});
    for (number, name) in [(1, "name"), (2, "generateName"), (3, "namespace")] {
        if let Some(text) = text(message, number).filter(|text| !text.is_empty()) {
            metadata[name] = json!(text);
        }
    }
    for (number, name) in [(11, "labels"), (12, "annotations")] {
        let entries = map(message, number, |bytes| String::from_utf8(bytes.to_vec()).ok())?;
        if entries.as_object().is_some_and(|entries| !entries.is_empty()) {
            metadata[name] = entries;
        }
    }
    Some(metadata)
}

/// Texts by the names of fields 1, 2, 3, …
fn named(message: &[u8], names: &[&str]) -> Value {
    let fields = (1..).zip(names).map(|(number, name)| {
        let text = text(message, number).unwrap_or_default();
        ((*name).to_owned(), Value::String(text))
    });
    Value::Object(fields.collect())
}

/// A map: each of its entries is a message of a key and a value.
fn map(message: &[u8], wanted: u64, read: impl Fn(&[u8]) -> Option<String>) -> Option<Value> {
    let mut entries = Map::new();
    let mut rest = message;
    while let Some((number, inner)) = next(&mut rest)? {
        if number == wanted {
            entries.insert(text(inner, 1)?, Value::String(read(field(inner, 2).unwrap_or_default())?));
        }
    }
    Some(Value::Object(entries))
}

/// The first length-delimited field of this number.
fn field(mut message: &[u8], wanted: u64) -> Option<&[u8]> {
    while let Some((number, inner)) = next(&mut message)? {
        if number == wanted {
            return Some(inner);
        }
    }
    None
}

fn text(message: &[u8], wanted: u64) -> Option<String> {
    String::from_utf8(field(message, wanted)?.to_vec()).ok()
}

/// The next length-delimited field; `Some(None)` at the end, none if the message is broken.
#[expect(clippy::option_option, reason = "the end and a broken message are two things")]
fn next<'a>(message: &mut &'a [u8]) -> Option<Option<(u64, &'a [u8])>> {
    while !message.is_empty() {
        let tag = number(message)?;
        match tag & 7 {
            0 => {
                number(message)?;
            }
            2 => {
                let length = usize::try_from(number(message)?).ok()?;
                let (inner, rest) = message.split_at_checked(length)?;
                *message = rest;
                return Some(Some((tag >> 3, inner)));
            }
            _ => return None,
        }
    }
    Some(None)
}

fn number(message: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = message.split_first()?;
        *message = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(fields: &[(u8, &[u8])]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (number, inner) in fields {
            bytes.extend([number << 3 | 2, u8::try_from(inner.len()).expect("short")]);
            bytes.extend_from_slice(inner);
        }
        bytes
    }

    fn body(api_version: &[u8], kind: &[u8], object: &[u8]) -> Vec<u8> {
        let kind = message(&[(1, api_version), (2, kind)]);
        let mut body = MAGIC.to_vec();
        body.extend(message(&[(1, &kind), (2, object)]));
        body
    }

    #[test]
    fn reads_an_access_review() {
        let attributes = message(&[(1, b"dss"), (2, b"create"), (5, b"pods"), (6, b"exec")]);
        let review = message(&[(1, b""), (2, &message(&[(1, &attributes)]))]);
        let body = body(b"authorization.k8s.io/v1", b"SelfSubjectAccessReview", &review);
        let read = object(&body).expect("a review");
        assert_eq!(read["spec"]["resourceAttributes"]["subresource"], "exec");
        assert_eq!(read["spec"]["resourceAttributes"]["group"], "");
        for cut in 0..body.len() {
            let _ = object(&body[..cut]);
        }
        assert!(object(b"{}").is_none());
    }

    #[test]
    fn reads_a_secret() {
        let entry = message(&[(1, b"k"), (2, b"ack")]);
        let secret = message(&[(1, &message(&[(1, b"s"), (3, b"dss")])), (2, &entry), (3, b"Opaque")]);
        let read = object(&body(b"v1", b"Secret", &secret)).expect("a secret");
        assert_eq!(read["metadata"], json!({"name": "s", "namespace": "dss"}));
        assert_eq!(read["data"], json!({"k": "YWNr"}));
        assert!(object(&body(b"v1", b"Pod", b"")).is_none());
    }
}
