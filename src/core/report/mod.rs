//! Each format a pure function of a report: no clock, no network, no files.

use std::fmt;
use std::str::FromStr;

use crate::record::{Case, Report};

mod advice;
mod alike;
mod causes;
mod github;
mod gitlab;
mod html;
pub mod json;
mod junit;
pub mod markdown;
mod names;
mod outcome;
mod prometheus;
mod short;
mod summary;
mod telling;
pub(crate) mod terminal;
pub(crate) mod text;

pub use json::{ReadError, read};
pub use text::one_line;

/// A format a report can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// For a person at a terminal.
    Terminal,
    /// For a chat: at most [`short::MOST_LINES`] lines.
    Short,
    /// For a ticket, a pull request or `$GITHUB_STEP_SUMMARY`.
    Markdown,
    /// One page to look at, to print, to attach.
    Html,
    /// For a CI server: JUnit's XML.
    Junit,
    /// For scripts, and to be rendered again: [`json`].
    Json,
    /// Annotations of a job of GitHub Actions, as commands in its log.
    Github,
    /// GitLab's code quality, as JSON.
    Gitlab,
    /// Metrics for the textfile collector of Prometheus's node exporter.
    Prometheus,
}

impl Format {
    /// Every format, in the order help texts name them.
    pub const ALL: [Format; 9] = [
        Format::Terminal,
        Format::Short,
        Format::Markdown,
        Format::Html,
        Format::Junit,
        Format::Json,
        Format::Github,
        Format::Gitlab,
        Format::Prometheus,
    ];

    /// The name users type: `terminal`, `junit`, `json`.
    pub fn name(self) -> &'static str {
        match self {
            Format::Terminal => "terminal",
            Format::Short => "short",
            Format::Markdown => "markdown",
            Format::Html => "html",
            Format::Junit => "junit",
            Format::Json => "json",
            Format::Github => "github",
            Format::Gitlab => "gitlab",
            Format::Prometheus => "prometheus",
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
#[error("`{name}` is not a report format; the formats are {}", known())]
pub struct UnknownFormat {
    name: String,
}

/// `terminal, junit and json`.
fn known() -> String {
    let [all @ .., last] = Format::ALL.map(Format::name);
    format!("{} and {last}", all.join(", "))
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Format, UnknownFormat> {
        let named = Format::ALL.into_iter().find(|format| format.name() == name);
        named.ok_or_else(|| UnknownFormat { name: name.to_owned() })
    }
}

/// How a report for a person shall look; the other formats pay no heed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Whether to colour.
    pub color: bool,
    /// Columns to fill; [`NARROWEST`] where it is less.
    pub width: usize,
}

impl Default for Options {
    /// What suits a file or a pipe: no colour, 100 columns.
    fn default() -> Options {
        Options { color: false, width: 100 }
    }
}

/// The fewest columns a report for a person is laid out for.
pub const NARROWEST: usize = 40;

/// The report in a format, ending in a newline.
pub fn render(format: Format, report: &Report, options: Options) -> String {
    match format {
        Format::Terminal => terminal::render(report, options),
        Format::Short => short::render(report),
        Format::Markdown => markdown::render(report),
        Format::Html => html::render(report),
        Format::Junit => junit::render(report),
        Format::Json => json::render(report),
        Format::Github => github::render(report),
        Format::Gitlab => gitlab::render(report),
        Format::Prometheus => prometheus::render(report),
    }
}

/// The parts and ways of a deployment that the page of [`Format::Html`] draws, by their anchors, with the ids of the checks
/// that belong to each.
pub fn places() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    html::places()
}

/// One case that ended, in one line, as a log or a live display tells it while the run goes on.
pub fn line(case: &Case) -> String {
    let id = text::one_line(&case.id.to_string());
    let word = outcome::Outcome::of(&case.ending).word;
    let seen = || summary::finding(case).map(|finding| format!("{}: {}", finding.code, finding.seen));
    let what = outcome::reason(&case.ending).or_else(seen);
    let Some(what) = what else { return format!("{word} {id}") };
    format!("{word} {id}: {}", text::shorten(&text::one_line(&what), 200))
}
