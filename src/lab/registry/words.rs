//! How the registry refuses, and the headers of its answers.

use http::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};

use crate::http::{Response, response};

/// A refusal in the form of the distribution spec.
pub(super) fn refusal(status: u16, code: &str, message: &str, detail: Value) -> Response {
    refusals(status, &[(code, message, detail)])
}

/// A refusal for several reasons.
pub(super) fn refusals(status: u16, reasons: &[(&str, &str, Value)]) -> Response {
    let error =
        |(code, message, detail): &(&str, &str, Value)| json!({ "code": code, "message": message, "detail": detail });
    let body = json!({ "errors": reasons.iter().map(error).collect::<Vec<_>>() });
    response(status, "application/json", body.to_string())
}

/// Adds headers; a value that cannot be one is left out.
pub(super) fn with_headers(mut response: Response, headers: &[(&'static str, String)]) -> Response {
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}
