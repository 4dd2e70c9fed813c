//! The version in the answer to `get-configuration`: `"product_version":"14.2.1"` below `"version"`. The key is looked for
//! in the text, because the answer is limited to 64 KiB and can be truncated, which no JSON parser accepts.

/// The version in a body, if there is one.
pub(super) fn told(body: &str) -> Option<String> {
    let after = body.split("\"product_version\"").nth(1)?.trim_start().strip_prefix(':')?.trim_start();
    let text = after.strip_prefix('"')?;
    Some(text[..text.find('"')?].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_version_or_nothing() {
        assert_eq!(told(r#"{"a":1,"version": {"product_version" : "14.2.1","x":2}}"#).as_deref(), Some("14.2.1"));
        assert_eq!(told(r#"{"version":{"product_version":"14"#), None, "cut short");
        assert_eq!(told("<html>product_version</html>"), None);
    }
}
