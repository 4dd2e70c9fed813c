//! What registries say in their error bodies, and what of their URLs is told.

use ackcheck_core::seat::registry::RegistryError;
use serde_json::Value;
use url::Url;

/// The most errors of one body that are read: docker-registry lists one for each thing that a manifest names.
const MOST_ERRORS: usize = 64;

/// The URL without its query: upload sessions and signed URLs carry state there that nobody needs to read.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.to_string()
}

/// The errors of a distribution error body; of a code that is a number or missing as well, as some registries have it.
pub(super) fn errors(body: &str) -> Vec<RegistryError> {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let errors = body.get("errors").and_then(Value::as_array);
    errors.into_iter().flatten().take(MOST_ERRORS).filter_map(error).collect()
}

fn error(said: &Value) -> Option<RegistryError> {
    let text = |name: &str| match said.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let (code, message) = (text("code"), text("message"));
    (!code.is_empty() || !message.is_empty()).then_some(RegistryError { code, message })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_errors_of_registries_and_nothing_into_other_bodies() {
        let told = |error: &RegistryError| format!("{}|{}", error.code, error.message);
        let read = |body| errors(body).iter().map(told).collect::<Vec<_>>().join(" ");
        for (body, expected) in [
            (r#"{"errors":[{"code":"DENIED","message":"no","detail":null},{"code":"X"}]}"#, "DENIED|no X|"),
            (r#"{"errors":[{"code":"DENIED","message":null}]}"#, "DENIED|"),
            (r#"{"errors":[{"code":403,"message":"forbidden"}]}"#, "403|forbidden"),
            (r#"{"errors":[{"message":"forbidden"}]}"#, "|forbidden"),
            (r#"{"errors":[{}]}"#, ""),
            (r#"{"errors":[]}"#, ""),
            (r#"{"errors":"forbidden"}"#, ""),
            (r#"{"errors":{"code":"DENIED"}}"#, ""),
            (r#"["errors"]"#, ""),
            (r#""errors""#, ""),
            ("<Error><Code>AccessDenied</Code></Error>", ""),
            ("", ""),
        ] {
            assert_eq!(read(body), expected, "{body}");
        }
    }
}
