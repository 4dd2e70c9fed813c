//! From schema 2 to a report.

use std::time::Duration;

use super::{Block, Case, Evidence, Finding, Outcome, Run, Subject, Waiver};
use crate::evidence;
use crate::place::{Area, Stage, Vantage};
use crate::record::{self, CaseId, Ending, FindingRecord, WaiverRecord};
use crate::remedy;
use crate::subject::{self, Kind};
use crate::verdict::Severity;

/// A value that JSON allows and a report does not.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Invalid {
    #[error("`{value}` is not {what}")]
    Name { what: &'static str, value: String },
    #[error("it is `{outcome}` and has no `{field}`")]
    Missing { outcome: &'static str, field: &'static str },
    #[error("{0} is not a duration in milliseconds")]
    Duration(f64),
    /// In a case, by its place from 1 and its name.
    #[error("case {at}, {case}: {why}")]
    Case { at: usize, case: String, why: Box<Invalid> },
}

/// A case by its place; an error names it.
fn case((at, case): (usize, Case)) -> Result<record::Case, Invalid> {
    let subject = case.subject.as_ref().map(|subject| format!("[{}]", subject.name)).unwrap_or_default();
    let name = format!("{}{subject}", case.check);
    record::Case::try_from(case).map_err(|why| Invalid::Case { at: at + 1, case: name, why: Box::new(why) })
}

fn duration(milliseconds: f64) -> Result<Duration, Invalid> {
    // By way of whole nanoseconds: what was written is what is read, for up to thirteen days.
    let nanoseconds = (milliseconds * 1e6).round();
    if !(0.0..=u64::MAX as f64).contains(&nanoseconds) {
        return Err(Invalid::Duration(milliseconds));
    }
    Ok(Duration::from_nanos(nanoseconds as u64))
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
            catalogue: run.catalogue.checks,
            undescribed: run.catalogue.undescribed,
            cases: run.cases.into_iter().enumerate().map(case).collect::<Result<_, _>>()?,
            unused_waivers: run.unused_waivers,
            left_behind: run.left_behind,
            interrupted: run.interrupted,
        })
    }
}

impl TryFrom<Case> for record::Case {
    type Error = Invalid;

    fn try_from(case: Case) -> Result<record::Case, Invalid> {
        let id = CaseId { check: case.check, subject: case.subject.map(subject::Subject::try_from).transpose()? };
        let missing = |outcome, field| Invalid::Missing { outcome, field };
        let finding = |outcome| {
            let found = case.finding.ok_or_else(|| missing(outcome, "finding"))?;
            FindingRecord::try_from(found).map(Box::new)
        };
        let reason = |outcome| case.reason.ok_or_else(|| missing(outcome, "reason"));
        let ending = match case.outcome {
            Outcome::Pass => Ending::Pass,
            Outcome::Warn => Ending::Warn(finding("warn")?),
            Outcome::Fail => Ending::Fail(finding("fail")?),
            Outcome::Waived => Ending::Waived {
                finding: finding("waived")?,
                waiver: case.waiver.ok_or_else(|| missing("waived", "waiver"))?.into(),
            },
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
            title: case.title.into(),
            area: area.ok_or(Invalid::Name { what: "an area", value: case.area })?,
            stage: stage.ok_or(Invalid::Name { what: "a stage", value: case.stage })?,
            vantage: vantage(case.vantage)?,
            required: case.required,
            ending,
            evidence: case.evidence.into_iter().map(evidence::Evidence::try_from).collect::<Result<_, _>>()?,
            took: duration(case.took_ms)?,
        })
    }
}

impl TryFrom<Subject> for subject::Subject {
    type Error = Invalid;

    fn try_from(subject: Subject) -> Result<subject::Subject, Invalid> {
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == subject.kind);
        let kind = kind.ok_or(Invalid::Name { what: "a kind of subject", value: subject.kind })?;
        Ok(subject::Subject { kind, name: subject.name })
    }
}

impl TryFrom<Finding> for FindingRecord {
    type Error = Invalid;

    fn try_from(finding: Finding) -> Result<FindingRecord, Invalid> {
        let severity =
            [Severity::Fail, Severity::Warn].into_iter().find(|severity| severity.name() == finding.severity);
        let block = |block| match block {
            Block::Text(text) => remedy::Block::Text(text),
            Block::Commands(text) => remedy::Block::Commands { text, shell: true },
            Block::Lines(text) => remedy::Block::Commands { text, shell: false },
        };
        Ok(FindingRecord {
            code: finding.code,
            severity: severity.ok_or(Invalid::Name { what: "a severity", value: finding.severity })?,
            summary: finding.summary,
            seen: finding.seen,
            why: finding.why,
            remedy: finding.remedy.into_iter().map(block).collect(),
            confirm: finding.confirm,
            explained_by: finding.explained_by,
            known_since: finding.known_since,
            ended_waiver: finding.ended_waiver.map(WaiverRecord::from),
        })
    }
}

impl From<Waiver> for WaiverRecord {
    fn from(Waiver { reason, until, ticket }: Waiver) -> WaiverRecord {
        WaiverRecord { reason, until, ticket }
    }
}

impl TryFrom<Evidence> for evidence::Evidence {
    type Error = Invalid;

    fn try_from(evidence: Evidence) -> Result<evidence::Evidence, Invalid> {
        Ok(evidence::Evidence {
            vantage: vantage(evidence.vantage)?,
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
    named.ok_or(Invalid::Name { what: "a vantage", value: name })
}
