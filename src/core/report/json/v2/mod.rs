//! Schema 2. Its own types, so that those of the core may change and this stays.

mod reading;
mod writing;

pub use reading::Invalid;
use serde::{Deserialize, Serialize};

/// The value of the field `schema`.
pub const SCHEMA: u64 = 2;

/// A finished run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    pub schema: u64,
    /// The version of ackcheck that ran.
    pub ackcheck: String,
    /// What was looked at.
    pub site: String,
    pub options: Vec<NamedValue>,
    /// RFC 3339, in UTC.
    pub started: jiff::Timestamp,
    pub took_ms: f64,
    /// Why the run was stopped before its end.
    #[serde(default)]
    pub interrupted: Option<String>,
    /// The exit code of the run, for scripts; computed again on reading.
    #[serde(default)]
    pub exit_code: u8,
    /// How many cases ended in which way, for scripts; computed again on reading.
    #[serde(default)]
    pub summary: Summary,
    /// How many checks the catalogue held, and how many of them were asked.
    pub catalogue: Catalogue,
    pub cases: Vec<Case>,
    /// The waivers that nothing needed; absent where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unused_waivers: Vec<String>,
    /// What the run created and could not remove.
    pub left_behind: Vec<String>,
}

/// How much of the catalogue was asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Catalogue {
    /// Every check there is.
    pub checks: usize,
    /// Those with a case that was asked, for scripts; computed again on reading.
    pub asked: usize,
    /// The sections that the site file did not have: `[registry]`.
    pub undescribed: Vec<String>,
}

/// An option of the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedValue {
    pub name: String,
    pub value: String,
}

/// How many cases ended in which way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Summary {
    pub pass: usize,
    pub warn: usize,
    pub fail: usize,
    /// Absent where there is none.
    #[serde(skip_serializing_if = "is_zero")]
    pub waived: usize,
    pub broken: usize,
    pub timed_out: usize,
    pub blocked: usize,
    pub not_applicable: usize,
    pub skipped: usize,
}

/// How a case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Pass,
    Warn,
    Fail,
    Waived,
    NotApplicable,
    Blocked,
    Broken,
    TimedOut,
    Skipped,
}

/// One case of a check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    pub check: String,
    /// What the case is about, for checks with one case for each of a set.
    pub subject: Option<Subject>,
    pub title: String,
    pub area: String,
    pub stage: String,
    pub vantage: String,
    /// The user required this case to be judged.
    #[serde(default)]
    pub required: bool,
    pub outcome: Outcome,
    /// With `warn`, `fail` and `waived`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<Finding>,
    /// With `not-applicable`, `broken` and `skipped`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// With `blocked`: the cases it waited for that did not hold, as `check` or `check[subject]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_by: Option<Vec<String>>,
    /// With `timed-out`: how long it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_ms: Option<f64>,
    /// With `waived`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiver: Option<Waiver>,
    pub took_ms: f64,
    pub evidence: Vec<Evidence>,
}

/// What a case is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// `node`, `connection`, `bucket`, `namespace` or `repository`.
    pub kind: String,
    pub name: String,
}

/// What was found wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub code: String,
    pub severity: String,
    pub summary: String,
    pub seen: String,
    pub why: String,
    /// What to do.
    pub remedy: Vec<Block>,
    /// Commands for a shell that show whether the remedy worked.
    pub confirm: Option<String>,
    /// The failed cases whose consequence it is, as `check` or `check[subject]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub explained_by: Vec<String>,
    /// When the run started that first had this finding, as far as baselines lead back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_since: Option<jiff::Timestamp>,
    /// It was waived until a day that was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_waiver: Option<Waiver>,
}

/// Why a finding is accepted, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    pub reason: String,
    /// The last day, in UTC.
    pub until: jiff::civil::Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// A piece of a remedy: `{"text": …}`, `{"commands": …}` for a shell, or `{"lines": …}` of a file or a screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Block {
    Text(String),
    Commands(String),
    Lines(String),
}

/// What was asked and what came back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    pub vantage: String,
    pub asked: String,
    pub answered: String,
    pub took_ms: f64,
}
