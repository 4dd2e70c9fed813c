//! JSON that came from elsewhere and is not what it should be.

use serde_json::error::Category;

/// Why a text is not the JSON that was expected, with its line and column. A value of another kind than expected is not
/// repeated, as the parser would: it may be a secret.
pub(crate) fn not_json(error: &serde_json::Error) -> String {
    let place = format!("line {}, column {}", error.line(), error.column());
    let said = error.to_string();
    let why = said.rsplit_once(" at line ").map_or(said.as_str(), |(why, _)| why);
    match error.classify() {
        // A missing field is named after the parser's own words, never after the text's.
        Category::Data if why.starts_with("missing field") => format!("not the JSON expected at {place}: {why}"),
        Category::Data => format!("not the JSON expected at {place}"),
        Category::Syntax | Category::Eof | Category::Io => format!("not whole JSON at {place}: {why}"),
    }
}

#[cfg(test)]
mod tests {
    use super::not_json;

    #[test]
    fn says_where_and_repeats_no_value() {
        let why =
            |text: &str| not_json(&serde_json::from_str::<std::collections::BTreeMap<String, u8>>(text).unwrap_err());
        assert_eq!(why("{\"a\":\"CANARY\"}"), "not the JSON expected at line 1, column 13");
        assert_eq!(why("[1,\nx"), "not the JSON expected at line 1, column 0");
        assert!(why("{\"a\":1,\n}").starts_with("not whole JSON at line 2, column 1: "), "{}", why("{\"a\":1,\n}"));
    }
}
