//! From a report to schema 2.

use std::time::Duration;

use super::{Block, Case, Catalogue, Evidence, Finding, NamedValue, Outcome, Run, SCHEMA, Subject, Summary, Waiver};
use crate::evidence;
use crate::record::{self, Ending, FindingRecord, WaiverRecord};
use crate::remedy;

fn milliseconds(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1e6
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
                waived: tally.waived,
                broken: tally.broken,
                timed_out: tally.timed_out,
                blocked: tally.blocked,
                not_applicable: tally.not_applicable,
                skipped: tally.skipped,
            },
            catalogue: Catalogue {
                checks: report.catalogue,
                asked: report.asked(),
                undescribed: report.undescribed.clone(),
            },
            cases: report.cases.iter().map(Case::from).collect(),
            unused_waivers: report.unused_waivers.clone(),
            left_behind: report.left_behind.clone(),
        }
    }
}

impl From<&record::Case> for Case {
    fn from(case: &record::Case) -> Case {
        let mut out = Case {
            check: case.id.check.clone(),
            subject: case
                .id
                .subject
                .as_ref()
                .map(|subject| Subject { kind: subject.kind.name().to_owned(), name: subject.name.clone() }),
            title: case.title.clone().into_owned(),
            area: case.area.name().to_owned(),
            stage: case.stage.name().to_owned(),
            vantage: case.vantage.name().to_owned(),
            required: case.required,
            outcome: Outcome::Pass,
            finding: None,
            reason: None,
            blocked_by: None,
            after_ms: None,
            waiver: None,
            took_ms: milliseconds(case.took),
            evidence: case.evidence.iter().map(Evidence::from).collect(),
        };
        match &case.ending {
            Ending::Pass => {}
            Ending::Warn(finding) => (out.outcome, out.finding) = (Outcome::Warn, Some(finding.as_ref().into())),
            Ending::Fail(finding) => (out.outcome, out.finding) = (Outcome::Fail, Some(finding.as_ref().into())),
            Ending::Waived { finding, waiver } => {
                (out.outcome, out.finding) = (Outcome::Waived, Some(finding.as_ref().into()));
                out.waiver = Some(waiver.into());
            }
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
            remedy::Block::Commands { text, shell: true } => Block::Commands(text.clone()),
            remedy::Block::Commands { text, shell: false } => Block::Lines(text.clone()),
        };
        Finding {
            code: finding.code.clone(),
            severity: finding.severity.name().to_owned(),
            summary: finding.summary.clone(),
            seen: finding.seen.clone(),
            why: finding.why.clone(),
            remedy: finding.remedy.iter().map(block).collect(),
            confirm: finding.confirm.clone(),
            explained_by: finding.explained_by.clone(),
            known_since: finding.known_since,
            ended_waiver: finding.ended_waiver.as_ref().map(Waiver::from),
        }
    }
}

impl From<&WaiverRecord> for Waiver {
    fn from(waiver: &WaiverRecord) -> Waiver {
        Waiver { reason: waiver.reason.clone(), until: waiver.until, ticket: waiver.ticket.clone() }
    }
}

impl From<&evidence::Evidence> for Evidence {
    fn from(evidence: &evidence::Evidence) -> Evidence {
        Evidence {
            vantage: evidence.vantage.name().to_owned(),
            asked: evidence.asked.clone(),
            answered: evidence.answered.clone(),
            took_ms: milliseconds(evidence.took),
        }
    }
}
