//! How the registry refuses, and the headers of its answers.

use http::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};

use crate::http::{Response, response};

/// A refusal in the form of the distribution spec.
pub(super) fn refusal(status: u16, code: &str, message: &str, detail: Value) -> Response {
    let body = json!({ "errors": [{ "code": code, "message": message, "detail": detail }] });
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
