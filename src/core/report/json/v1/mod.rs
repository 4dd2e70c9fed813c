//! Schema 1. Its own types, so that the engine's may change and this stays.

mod reading;
mod writing;

pub use reading::Invalid;
use serde::{Deserialize, Serialize};

/// The value of the field `schema`.
pub const SCHEMA: u64 = 1;

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
    /// What the exit code of the run was; told for scripts, made anew on reading.
    #[serde(default)]
    pub exit_code: u8,
    /// How many cases ended in which way; told for scripts, made anew on reading.
    #[serde(default)]
    pub summary: Summary,
    pub cases: Vec<Case>,
    /// What the run created and could not remove.
    pub left_behind: Vec<String>,
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
    /// The node, for checks with one case per node.
    pub node: Option<String>,
    pub title: String,
    pub area: String,
    pub stage: String,
    pub seat: String,
    pub outcome: Outcome,
    /// With `warn` and `fail`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<Finding>,
    /// With `not-applicable`, `broken` and `skipped`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// With `blocked`: the cases it waited for that did not hold, as `check` or `check[node]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_by: Option<Vec<String>>,
    /// With `timed-out`: how long it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_ms: Option<f64>,
    pub took_ms: f64,
    pub evidence: Vec<Evidence>,
}

/// What was found wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub code: String,
    pub severity: String,
    pub summary: String,
    pub seen: String,
    pub why: String,
    pub remedy: Vec<Block>,
}

/// A piece of a remedy: `{"text": …}` or `{"commands": …}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Block {
    Text(String),
    Commands(String),
}

/// What was asked and what came back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    pub seat: String,
    pub asked: String,
    pub answered: String,
    pub took_ms: f64,
}
