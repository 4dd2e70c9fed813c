//! Refusals and errors, as the API server writes them: a `Status` object whose code is the HTTP status.

use bytes::Bytes;
use serde_json::{Value, json};

use super::kinds::Kind;
use crate::http::{self as wire, Response};

/// A `Status` that says what went wrong.
#[derive(Debug, Clone)]
pub(crate) struct Status {
    pub(crate) code: u16,
    reason: &'static str,
    pub(crate) message: String,
    details: Option<Value>,
}

impl Status {
    fn new(code: u16, reason: &'static str, message: impl Into<String>, details: Option<Value>) -> Status {
        Status { code, reason, message: message.into(), details }
    }

    /// 401: nobody known sent the request.
    pub(crate) fn unauthorized() -> Status {
        Status::new(401, "Unauthorized", "Unauthorized", None)
    }

    /// RBAC or an admission plugin refuses; `why` follows `pods "x" is forbidden: `.
    pub(crate) fn forbidden(kind: Kind, name: Option<&str>, why: &str) -> Status {
        let subject = match name {
            Some(name) => format!("{} \"{name}\"", kind.qualified()),
            None => kind.qualified(),
        };
        Status::new(
            403,
            "Forbidden",
            format!("{subject} is forbidden: {why}"),
            Some(details(kind, name, kind.plural())),
        )
    }

    /// An admission webhook refuses.
    pub(crate) fn forbidden_by_webhook(webhook: &str, message: &str) -> Status {
        let message = format!("admission webhook \"{webhook}\" denied the request: {message}");
        Status::new(403, "Forbidden", message, None)
    }

    /// 403: a path that is not about objects is closed to this user.
    pub(crate) fn forbidden_path(user: &str, verb: &str, path: &str) -> Status {
        let message = format!("forbidden: User \"{user}\" cannot {verb} path \"{path}\"");
        Status::new(403, "Forbidden", message, Some(json!({})))
    }

    /// 404: the object does not exist.
    pub(crate) fn not_found(kind: Kind, name: &str) -> Status {
        let message = format!("{} \"{name}\" not found", kind.qualified());
        Status::new(404, "NotFound", message, Some(details(kind, Some(name), kind.plural())))
    }

    /// 404: the API does not serve such a resource.
    pub(crate) fn no_such_resource() -> Status {
        Status::new(404, "NotFound", "the server could not find the requested resource", Some(json!({})))
    }

    /// 405
    pub(crate) fn method_not_allowed() -> Status {
        let message = "the server does not allow this method on the requested resource";
        Status::new(405, "MethodNotAllowed", message, Some(json!({})))
    }

    /// 409: an object of this name exists.
    pub(crate) fn already_exists(kind: Kind, name: &str) -> Status {
        let message = format!("{} \"{name}\" already exists", kind.qualified());
        Status::new(409, "AlreadyExists", message, Some(details(kind, Some(name), kind.plural())))
    }

    /// 409: the object is not, or no longer, the one the client means.
    pub(crate) fn conflict(kind: Kind, name: &str) -> Status {
        let message = format!(
            "Operation cannot be fulfilled on {} \"{name}\": the object has been modified; please apply your changes to \
             the latest version and try again",
            kind.qualified()
        );
        Status::new(409, "Conflict", message, Some(details(kind, Some(name), kind.plural())))
    }

    /// 410: the changes since `version` are no longer remembered; `oldest` is the first that is.
    pub(crate) fn gone(version: u64, oldest: u64) -> Status {
        Status::new(410, "Expired", format!("too old resource version: {version} ({oldest})"), None)
    }

    /// 400
    pub(crate) fn bad_request(message: impl Into<String>) -> Status {
        Status::new(400, "BadRequest", message, None)
    }

    /// 415: the body's type is none of `taken`.
    pub(crate) fn unsupported_media_type(sent: &str, taken: &[&str]) -> Status {
        let message = format!(
            "the body of the request was in an unknown format - accepted media types include: {} (sent: {sent})",
            taken.join(", ")
        );
        Status::new(415, "UnsupportedMediaType", message, Some(json!({})))
    }

    /// 413: the body is longer than [`super::LONGEST_BODY`].
    pub(crate) fn too_large() -> Status {
        Status::new(413, "RequestEntityTooLarge", "Request entity too large: limit is 3145728", Some(json!({})))
    }

    /// Validation failed; each cause is a field, a reason (`FieldValueRequired`) and what is wrong.
    pub(crate) fn invalid(kind: Kind, name: &str, causes: &[(String, &'static str, String)]) -> Status {
        let said: Vec<String> = causes.iter().map(|(field, _, what)| format!("{field}: {what}")).collect();
        let said = if said.len() == 1 { said.concat() } else { format!("[{}]", said.join(", ")) };
        let mut details = details(kind, Some(name), kind.name());
        details["causes"] = causes
            .iter()
            .map(|(field, reason, what)| json!({"reason": reason, "message": what, "field": field}))
            .collect();
        Status::new(422, "Invalid", format!("{} \"{name}\" is invalid: {said}", kind.name()), Some(details))
    }

    /// 429, with the second to wait in `Retry-After`.
    pub(crate) fn too_many_requests() -> Status {
        let details = json!({"retryAfterSeconds": 1});
        Status::new(429, "TooManyRequests", "Too many requests, please try again later.", Some(details))
    }

    /// 500
    pub(crate) fn internal(message: impl std::fmt::Display) -> Status {
        let details = json!({"causes": [{"message": message.to_string()}]});
        Status::new(500, "InternalError", format!("Internal error occurred: {message}"), Some(details))
    }

    /// As JSON.
    pub(crate) fn json(&self) -> Value {
        let mut status = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": self.message, "reason": self.reason,
        });
        if let Some(details) = &self.details {
            status["details"] = details.clone();
        }
        status["code"] = json!(self.code);
        status
    }

    /// As an answer.
    pub(crate) fn response(&self) -> Response {
        let mut response = answer(self.code, &self.json());
        if self.code == 429 {
            response.headers_mut().insert(http::header::RETRY_AFTER, http::HeaderValue::from_static("1"));
        }
        response
    }
}

fn details(kind: Kind, name: Option<&str>, what: &str) -> Value {
    let mut details = json!({});
    if let Some(name) = name {
        details["name"] = json!(name);
    }
    if !kind.group().is_empty() {
        details["group"] = json!(kind.group());
    }
    details["kind"] = json!(what);
    details
}

/// A whole answer in JSON.
pub(crate) fn answer(status: u16, body: &Value) -> Response {
    whole(status, "application/json", body.to_string())
}

/// A whole answer.
pub(crate) fn whole(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Response {
    wire::response(status, content_type, body)
}
