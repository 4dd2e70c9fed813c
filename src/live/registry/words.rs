//! What registries say in their error bodies, and what of their URLs is told.

use serde_json::Value;
use url::Url;

/// The URL without its query: upload sessions and signed URLs carry state there that nobody needs to read.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.to_string()
}

/// The first error of a distribution error body, `{"errors":[{"code":…,"message":…}]}`; of a code that is a number or
/// missing as well, as some registries have it.
pub(super) fn first_error(body: &str) -> Option<(String, String)> {
    let body: Value = serde_json::from_str(body).ok()?;
    let first = body.get("errors")?.get(0)?;
    let text = |name: &str| match first.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let (code, message) = (text("code"), text("message"));
    (!code.is_empty() || !message.is_empty()).then_some((code, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_errors_of_registries_and_nothing_into_other_bodies() {
        let read = |body| first_error(body).map(|(code, message)| format!("{code}|{message}"));
        for (body, expected) in [
            (r#"{"errors":[{"code":"DENIED","message":"no","detail":null},{"code":"X"}]}"#, Some("DENIED|no")),
            (r#"{"errors":[{"code":"DENIED","message":null}]}"#, Some("DENIED|")),
            (r#"{"errors":[{"code":403,"message":"forbidden"}]}"#, Some("403|forbidden")),
            (r#"{"errors":[{"message":"forbidden"}]}"#, Some("|forbidden")),
            (r#"{"errors":[{}]}"#, None),
            (r#"{"errors":[]}"#, None),
            (r#"{"errors":"forbidden"}"#, None),
            (r#"{"errors":{"code":"DENIED"}}"#, None),
            (r#"["errors"]"#, None),
            (r#""errors""#, None),
            ("<Error><Code>AccessDenied</Code></Error>", None),
            ("", None),
        ] {
            assert_eq!(read(body).as_deref(), expected, "{body}");
        }
    }
}
