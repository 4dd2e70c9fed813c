//! The report for scripts, and to be rendered again. The shape is versioned: `"schema": 2` is [`v2`], and a field of it
//! is never renamed, removed or given another meaning; new ones may come. `fixtures/report.schema.json` describes it.
//! Reports of schema 1, which knew no subjects but nodes, are read as well.

use serde::{Deserialize, Serialize};

use crate::record::Report;

mod v1;
pub mod v2;

/// Why a saved run cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is not JSON, or not of the shape its `schema` promises; the error tells line and column.
    #[error("it is not a report of ackcheck: {0}")]
    Malformed(#[from] serde_json::Error),
    /// It is of a schema this version does not know.
    #[error("it is of schema {0}, and this ackcheck reads schemas 1 and 2")]
    Schema(u64),
    /// A value that JSON allows and a report does not.
    #[error("it is not a report of ackcheck: {0}")]
    Value(#[from] v2::Invalid),
}

/// The report as JSON, ending in a newline.
pub fn render(report: &Report) -> String {
    pretty(&v2::Run::from(report))
}

/// A value as JSON for people and programs, ending in a newline, with nothing in it that a terminal obeys.
pub(super) fn pretty(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_else(|why| {
        // Only a map with keys that are not strings or a failing `Serialize` could bring this; no report has either.
        unreachable!("a report is always JSON: {why}")
    });
    text.push('\n');
    escape_what_terminals_obey(text)
}

/// Reads what [`render`] wrote, of this or an earlier version of ackcheck.
pub fn read(text: &str) -> Result<Report, ReadError> {
    #[derive(Deserialize)]
    struct Versioned {
        schema: u64,
    }
    // An editor on Windows may have put a byte order mark in front.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match serde_json::from_str::<Versioned>(text)?.schema {
        v1::SCHEMA => Ok(v2::Run::from(serde_json::from_str::<v1::Run>(text)?).try_into()?),
        v2::SCHEMA => Ok(serde_json::from_str::<v2::Run>(text)?.try_into()?),
        other => Err(ReadError::Schema(other)),
    }
}

/// JSON escapes the C0 controls only; DEL, the C1 controls and the bidirectional ones would act on the terminal of who
/// looks at the file. They occur inside strings alone, so each can be escaped where it stands.
pub(crate) fn escape_what_terminals_obey(json: String) -> String {
    if !json.chars().any(|c| c != '\n' && super::text::acts(c)) {
        return json;
    }
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c == '\n' || !super::text::acts(c) {
            out.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}
