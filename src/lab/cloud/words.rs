//! How the OpenAPI refuses, in the shapes its SDKs parse.

use serde_json::{Value, json};

use crate::http::{Response, response};

/// A refusal, before it takes the shape of a product's answers.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    pub status: u16,
    pub code: String,
    pub message: String,
    /// The RAM action that was refused, where one was.
    pub action: Option<String>,
    /// `x-acs-retry-after`, in milliseconds.
    pub retry_after: Option<u64>,
}

impl Refusal {
    /// One with nothing but a status, a code and a message.
    pub(super) fn new(status: u16, code: &str, message: impl Into<String>) -> Refusal {
        Refusal { status, code: code.to_owned(), message: message.into(), action: None, retry_after: None }
    }

    /// RAM does not allow the action.
    pub(super) fn denied(action: &str) -> Refusal {
        let message = "User not authorized to operate on the specified resource, or this API doesn't support RAM.";
        Refusal { action: Some(action.to_owned()), ..Refusal::new(403, "Forbidden.RAM", message) }
    }

    /// Too many calls.
    pub(super) fn throttled(retry_after: u64) -> Refusal {
        let message = "Request was denied due to user flow control.";
        Refusal { retry_after: Some(retry_after), ..Refusal::new(400, "Throttling.User", message) }
    }

    /// A parameter that must be there is not.
    pub(super) fn missing(name: &str) -> Refusal {
        let message =
            format!("The input parameter \"{name}\" that is mandatory for processing this request is not supplied.");
        Refusal::new(400, &format!("Missing{name}"), message)
    }

    /// The answer; ROA products write their keys in lower case.
    pub(super) fn answer(&self, host: &str, request_id: &str, roa: bool) -> Response {
        let mut body = match roa {
            true => json!({"code": self.code, "message": self.message, "requestId": request_id, "status": self.status}),
            false => json!({
                "RequestId": request_id,
                "HostId": host,
                "Code": self.code,
                "Message": self.message,
                "Recommend": format!("https://api.aliyun.com/troubleshoot?q={}&requestId={request_id}", self.code),
            }),
        };
        if let (Some(action), Value::Object(body)) = (&self.action, &mut body) {
            let detail = json!({
                "AuthAction": action,
                "AuthPrincipalType": "SubUser",
                "PolicyType": "AccountLevelIdentityBasedPolicy",
                "NoPermissionType": "ImplicitDeny",
            });
            body.insert(if roa { "accessDeniedDetail" } else { "AccessDeniedDetail" }.to_owned(), detail);
        }
        let mut answer = response(self.status, "application/json;charset=utf-8", body.to_string());
        if let Some(retry_after) = self.retry_after {
            answer.headers_mut().insert("x-acs-retry-after", retry_after.into());
        }
        answer
    }
}
