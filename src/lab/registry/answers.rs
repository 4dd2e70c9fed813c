//! Answers that the world has instead of the registry's: of another registry, or of a proxy before it.

use http::header::{HeaderName, HeaderValue};

use super::world::OwnAnswer;
use crate::http::{Request, Response, response};

/// The first of the world's own answers that is meant for a request.
pub(super) fn own(answers: &[OwnAnswer], request: &Request) -> Option<Response> {
    let own = answers.iter().find(|own| is_for(own, request))?;
    let kind = own.headers.get("content-type").map_or("application/json", String::as_str);
    let mut answer = response(own.status, kind, own.body.clone());
    for (name, value) in &own.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            answer.headers_mut().insert(name, value);
        }
    }
    Some(answer)
}

fn is_for(own: &OwnAnswer, request: &Request) -> bool {
    let body = request.body();
    let holds = || own.holds.is_empty() || String::from_utf8_lossy(body).contains(&own.holds);
    own.method == request.method().as_str()
        && matches(&own.path, request.uri().path())
        && (own.above == 0 || body.len() > own.above)
        && holds()
}

/// True where a path is as a pattern says, with `*` for anything.
fn matches(pattern: &str, path: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == path };
    let Some(mut left) = path.strip_prefix(first) else { return false };
    let (between, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for piece in between.split('*') {
        match left.find(piece) {
            Some(at) => left = &left[at + piece.len()..],
            None => return false,
        }
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, path, expected) in [
            ("/v2/", "/v2/", true),
            ("/v2/", "/v2/a", false),
            ("/v2/*/manifests/*", "/v2/dss/a/manifests/1", true),
            ("/v2/*/manifests/*", "/v2/dss/a/blobs/1", false),
            ("*/uploads/", "/v2/a/blobs/uploads/", true),
            ("*/uploads/", "/v2/a/blobs/uploads/1", false),
            ("/v2/*/uploads/*", "/v2/a/blobs/uploads/1", true),
            ("*", "", true),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
    }
}
