//! The reviews of one's own rights as `kubectl` sends them: in protobuf, whatever it is told of JSON elsewhere.
//!
//! Field numbers are those of Kubernetes' `generated.proto` files of `authorization/v1` and `authentication/v1`.

use serde_json::{Value, json};

/// What protobuf bodies start with; an envelope (`runtime.Unknown`) follows.
const MAGIC: &[u8] = b"k8s\0";

/// The content type of protobuf bodies.
pub(crate) const MEDIA_TYPE: &str = "application/vnd.kubernetes.protobuf";

/// A review's JSON; none where the body is not one.
pub(crate) fn review(body: &[u8]) -> Option<Value> {
    let envelope = body.strip_prefix(MAGIC)?;
    let kind = field(envelope, 1)?;
    let (api_version, kind) = (text(kind, 1)?, text(kind, 2)?);
    let object = field(envelope, 2).unwrap_or_default();
    let spec = field(object, 2).unwrap_or_default();
    let named = |message: &[u8], names: &[&str]| -> Option<Value> {
        let mut value = json!({});
        for (number, name) in (1..).zip(names) {
            value[*name] = json!(text(message, number).unwrap_or_default());
        }
        Some(value)
    };
    let spec = match kind.as_str() {
        "SelfSubjectAccessReview" => {
            let resource = ["namespace", "verb", "group", "version", "resource", "subresource", "name"];
            match (field(spec, 1), field(spec, 2)) {
                (Some(message), _) => json!({"resourceAttributes": named(message, &resource)?}),
                (None, Some(message)) => json!({"nonResourceAttributes": named(message, &["path", "verb"])?}),
                (None, None) => json!({}),
            }
        }
        "SelfSubjectRulesReview" => named(spec, &["namespace"])?,
        "SelfSubjectReview" => json!({}),
        _ => return None,
    };
    Some(json!({"apiVersion": api_version, "kind": kind, "metadata": {}, "spec": spec}))
}

/// The first length-delimited field of this number.
fn field(mut message: &[u8], wanted: u64) -> Option<&[u8]> {
    while !message.is_empty() {
        let tag = number(&mut message)?;
        match tag & 7 {
            0 => {
                number(&mut message)?;
            }
            2 => {
                let length = usize::try_from(number(&mut message)?).ok()?;
                let (inner, rest) = message.split_at_checked(length)?;
                if tag >> 3 == wanted {
                    return Some(inner);
                }
                message = rest;
            }
            _ => return None,
        }
    }
    None
}

fn text(message: &[u8], wanted: u64) -> Option<String> {
    String::from_utf8(field(message, wanted)?.to_vec()).ok()
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

    #[test]
    fn reads_an_access_review() {
        let kind = message(&[(1, b"authorization.k8s.io/v1"), (2, b"SelfSubjectAccessReview")]);
        let attributes = message(&[(1, b"dss"), (2, b"create"), (5, b"pods"), (6, b"exec")]);
        let object = message(&[(1, b""), (2, &message(&[(1, &attributes)]))]);
        let mut body = MAGIC.to_vec();
        body.extend(message(&[(1, &kind), (2, &object)]));
        let read = review(&body).expect("a review");
        assert_eq!(read["spec"]["resourceAttributes"]["subresource"], "exec");
        assert_eq!(read["spec"]["resourceAttributes"]["group"], "");
        for cut in 0..body.len() {
            let _ = review(&body[..cut]);
        }
        assert!(review(b"{}").is_none());
    }
}
