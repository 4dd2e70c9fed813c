//! Each format a pure function of a comparison.

use std::fmt;
use std::str::FromStr;

use super::{Comparison, json, markdown, terminal};
use crate::report::Options;

/// A format a comparison can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// For a person.
    Terminal,
    /// For a ticket or a pull request.
    Markdown,
    /// For scripts: `fixtures/comparison.schema.json`.
    Json,
}

impl Format {
    /// Every format, in the order help texts name them.
    pub const ALL: [Format; 3] = [Format::Terminal, Format::Markdown, Format::Json];

    /// The name users type: `terminal`, `markdown`, `json`.
    pub fn name(self) -> &'static str {
        match self {
            Format::Terminal => "terminal",
            Format::Markdown => "markdown",
            Format::Json => "json",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The name is not one of a format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a format of a comparison; the formats are terminal, markdown and json")]
pub struct UnknownFormat(String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Format, UnknownFormat> {
        let named = Format::ALL.into_iter().find(|format| format.name() == name);
        named.ok_or_else(|| UnknownFormat(name.to_owned()))
    }
}

/// The comparison in a format, ending in a newline.
pub fn render(format: Format, comparison: &Comparison, options: Options) -> String {
    match format {
        Format::Terminal => terminal::render(comparison, options),
        Format::Markdown => markdown::render(comparison),
        Format::Json => json::render(comparison),
    }
}
