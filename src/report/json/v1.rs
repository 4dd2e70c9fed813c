//! Schema 1. Its own types, so that the engine's may change and this stays.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::evidence::Evidence as EngineEvidence;
use crate::place::{Area, Stage, Vantage};
use crate::record::{self, CaseId, Ending, FindingRecord};
use crate::remedy;
use crate::verdict::Severity;

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

/// A value that JSON allows and a report does not.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Invalid {
    #[error("`{value}` is not {what}")]
    Name { what: &'static str, value: String },
    #[error("the case {case} is `{outcome}` and has no `{field}`")]
    Missing { case: String, outcome: &'static str, field: &'static str },
    #[error("{0} is not a duration in milliseconds")]
    Duration(f64),
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1e6
}

fn duration(milliseconds: f64) -> Result<Duration, Invalid> {
    // By way of whole nanoseconds: what was written is what is read, for up to thirteen days.
    let nanoseconds = (milliseconds * 1e6).round();
    if !(0.0..=u64::MAX as f64).contains(&nanoseconds) {
        return Err(Invalid::Duration(milliseconds));
    }
    Ok(Duration::from_nanos(nanoseconds as u64))
}

impl From<&record::Report> for Run {
    fn from(report: &record::Report) -> Run {
        let tally = report.tally();
        Run {
            schema: SCHEMA,
            ackcheck: report.version.clone(),
            site: report.site.clone(),
            options: report
                .options
                .iter()
                .map(|(name, value)| NamedValue { name: name.clone(), value: value.clone() })
                .collect(),
            started: report.started,
            took_ms: milliseconds(report.took),
            interrupted: report.interrupted.clone(),
            exit_code: report.exit_code(),
            summary: Summary {
                pass: tally.pass,
                warn: tally.warn,
                fail: tally.fail,
                broken: tally.broken,
                timed_out: tally.timed_out,
                blocked: tally.blocked,
                not_applicable: tally.not_applicable,
                skipped: tally.skipped,
            },
            cases: report.cases.iter().map(Case::from).collect(),
            left_behind: report.left_behind.clone(),
        }
    }
}

impl From<&record::Case> for Case {
    fn from(case: &record::Case) -> Case {
        let mut out = Case {
            check: case.id.check.clone(),
            node: case.id.node.clone(),
            title: case.title.clone(),
            area: case.area.name().to_owned(),
            stage: case.stage.name().to_owned(),
            seat: case.vantage.name().to_owned(),
            outcome: Outcome::Pass,
            finding: None,
            reason: None,
            blocked_by: None,
            after_ms: None,
            took_ms: milliseconds(case.took),
            evidence: case.evidence.iter().map(Evidence::from).collect(),
        };
        match &case.ending {
            Ending::Pass => {}
            Ending::Warn(finding) => (out.outcome, out.finding) = (Outcome::Warn, Some(finding.into())),
            Ending::Fail(finding) => (out.outcome, out.finding) = (Outcome::Fail, Some(finding.into())),
            Ending::NotApplicable { reason } => {
                (out.outcome, out.reason) = (Outcome::NotApplicable, Some(reason.clone()));
            }
            Ending::Blocked { by } => (out.outcome, out.blocked_by) = (Outcome::Blocked, Some(by.clone())),
            Ending::Broken { why } => (out.outcome, out.reason) = (Outcome::Broken, Some(why.clone())),
            Ending::TimedOut { after } => {
                (out.outcome, out.after_ms) = (Outcome::TimedOut, Some(milliseconds(*after)));
            }
            Ending::Skipped { reason } => (out.outcome, out.reason) = (Outcome::Skipped, Some(reason.clone())),
        }
        out
    }
}

impl From<&FindingRecord> for Finding {
    fn from(finding: &FindingRecord) -> Finding {
        let block = |block: &remedy::Block| match block {
            remedy::Block::Text(text) => Block::Text(text.clone()),
            remedy::Block::Commands(commands) => Block::Commands(commands.clone()),
        };
        Finding {
            code: finding.code.clone(),
            severity: finding.severity.name().to_owned(),
            summary: finding.summary.clone(),
            seen: finding.seen.clone(),
            why: finding.why.clone(),
            remedy: finding.remedy.iter().map(block).collect(),
        }
    }
}

impl From<&EngineEvidence> for Evidence {
    fn from(evidence: &EngineEvidence) -> Evidence {
        Evidence {
            seat: evidence.vantage.name().to_owned(),
            asked: evidence.asked.clone(),
            answered: evidence.answered.clone(),
            took_ms: milliseconds(evidence.took),
        }
    }
}

impl TryFrom<Run> for record::Report {
    type Error = Invalid;

    fn try_from(run: Run) -> Result<record::Report, Invalid> {
        Ok(record::Report {
            version: run.ackcheck,
            site: run.site,
            options: run.options.into_iter().map(|option| (option.name, option.value)).collect(),
            started: run.started,
            took: duration(run.took_ms)?,
            cases: run.cases.into_iter().map(record::Case::try_from).collect::<Result<_, _>>()?,
            left_behind: run.left_behind,
            interrupted: run.interrupted,
        })
    }
}

impl TryFrom<Case> for record::Case {
    type Error = Invalid;

    fn try_from(case: Case) -> Result<record::Case, Invalid> {
        let id = CaseId { check: case.check, node: case.node };
        let missing = |outcome, field| Invalid::Missing { case: id.to_string(), outcome, field };
        let finding = |outcome| case.finding.ok_or_else(|| missing(outcome, "finding"))?.try_into();
        let reason = |outcome| case.reason.ok_or_else(|| missing(outcome, "reason"));
        let ending = match case.outcome {
            Outcome::Pass => Ending::Pass,
            Outcome::Warn => Ending::Warn(finding("warn")?),
            Outcome::Fail => Ending::Fail(finding("fail")?),
            Outcome::NotApplicable => Ending::NotApplicable { reason: reason("not-applicable")? },
            Outcome::Broken => Ending::Broken { why: reason("broken")? },
            Outcome::Skipped => Ending::Skipped { reason: reason("skipped")? },
            Outcome::Blocked => {
                Ending::Blocked { by: case.blocked_by.ok_or_else(|| missing("blocked", "blocked_by"))? }
            }
            Outcome::TimedOut => {
                Ending::TimedOut { after: duration(case.after_ms.ok_or_else(|| missing("timed-out", "after_ms"))?)? }
            }
        };
        let area = Area::ALL.into_iter().find(|area| area.name() == case.area);
        let stage = [Stage::Preflight, Stage::Acceptance].into_iter().find(|stage| stage.name() == case.stage);
        Ok(record::Case {
            id,
            title: case.title,
            area: area.ok_or(Invalid::Name { what: "an area", value: case.area })?,
            stage: stage.ok_or(Invalid::Name { what: "a stage", value: case.stage })?,
            vantage: vantage(case.seat)?,
            ending,
            evidence: case.evidence.into_iter().map(EngineEvidence::try_from).collect::<Result<_, _>>()?,
            took: duration(case.took_ms)?,
        })
    }
}

impl TryFrom<Finding> for FindingRecord {
    type Error = Invalid;

    fn try_from(finding: Finding) -> Result<FindingRecord, Invalid> {
        let severity =
            [Severity::Fail, Severity::Warn].into_iter().find(|severity| severity.name() == finding.severity);
        let block = |block| match block {
            Block::Text(text) => remedy::Block::Text(text),
            Block::Commands(commands) => remedy::Block::Commands(commands),
        };
        Ok(FindingRecord {
            code: finding.code,
            severity: severity.ok_or(Invalid::Name { what: "a severity", value: finding.severity })?,
            summary: finding.summary,
            seen: finding.seen,
            why: finding.why,
            remedy: finding.remedy.into_iter().map(block).collect(),
        })
    }
}

impl TryFrom<Evidence> for EngineEvidence {
    type Error = Invalid;

    fn try_from(evidence: Evidence) -> Result<EngineEvidence, Invalid> {
        Ok(EngineEvidence {
            vantage: vantage(evidence.seat)?,
            asked: evidence.asked,
            answered: evidence.answered,
            took: duration(evidence.took_ms)?,
        })
    }
}

fn vantage(name: String) -> Result<Vantage, Invalid> {
    const ALL: [Vantage; 7] = [
        Vantage::Host,
        Vantage::Dss,
        Vantage::Node,
        Vantage::Cluster,
        Vantage::Cloud,
        Vantage::Store,
        Vantage::Registry,
    ];
    let named = ALL.into_iter().find(|vantage| vantage.name() == name);
    named.ok_or(Invalid::Name { what: "a seat", value: name })
}
