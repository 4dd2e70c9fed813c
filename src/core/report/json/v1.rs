//! Schema 1, which is only read: what it had otherwise than schema 2.

use serde::Deserialize;

use super::v2;

/// The value of the field `schema`.
pub(super) const SCHEMA: u64 = 1;

/// A finished run.
#[derive(Debug, Deserialize)]
pub struct Run {
    ackcheck: String,
    site: String,
    options: Vec<v2::NamedValue>,
    started: jiff::Timestamp,
    took_ms: f64,
    #[serde(default)]
    interrupted: Option<String>,
    cases: Vec<Case>,
    left_behind: Vec<String>,
}

/// One case of a check. Its subject could only be a node, and a vantage was called a seat.
#[derive(Debug, Deserialize)]
struct Case {
    check: String,
    node: Option<String>,
    title: String,
    area: String,
    stage: String,
    seat: String,
    outcome: v2::Outcome,
    finding: Option<Finding>,
    reason: Option<String>,
    blocked_by: Option<Vec<String>>,
    after_ms: Option<f64>,
    took_ms: f64,
    evidence: Vec<Evidence>,
}

/// A finding, whose remedy ended in the commands that confirm it.
#[derive(Debug, Deserialize)]
struct Finding {
    code: String,
    severity: String,
    summary: String,
    seen: String,
    why: String,
    remedy: Vec<v2::Block>,
}

#[derive(Debug, Deserialize)]
struct Evidence {
    seat: String,
    asked: String,
    answered: String,
    took_ms: f64,
}

impl From<Run> for v2::Run {
    fn from(run: Run) -> v2::Run {
        let cases: Vec<v2::Case> = run.cases.into_iter().map(v2::Case::from).collect();
        let checks: std::collections::BTreeSet<&str> = cases.iter().map(|case| case.check.as_str()).collect();
        v2::Run {
            schema: v2::SCHEMA,
            ackcheck: run.ackcheck,
            site: run.site,
            options: run.options,
            started: run.started,
            took_ms: run.took_ms,
            interrupted: run.interrupted,
            exit_code: 0,
            summary: v2::Summary::default(),
            // Schema 1 did not tell how large the catalogue was: the checks of the report are all that is known of it.
            catalogue: v2::Catalogue { checks: checks.len(), asked: 0, undescribed: Vec::new() },
            cases,
            unused_waivers: Vec::new(),
            left_behind: run.left_behind,
        }
    }
}

impl From<Case> for v2::Case {
    fn from(case: Case) -> v2::Case {
        v2::Case {
            check: case.check,
            subject: case.node.map(|name| v2::Subject { kind: "node".to_owned(), name }),
            title: case.title,
            area: case.area,
            stage: case.stage,
            vantage: case.seat,
            required: false,
            outcome: case.outcome,
            finding: case.finding.map(v2::Finding::from),
            reason: case.reason,
            blocked_by: case.blocked_by,
            after_ms: case.after_ms,
            waiver: None,
            took_ms: case.took_ms,
            evidence: case.evidence.into_iter().map(v2::Evidence::from).collect(),
        }
    }
}

impl From<Finding> for v2::Finding {
    fn from(finding: Finding) -> v2::Finding {
        let Finding { code, severity, summary, seen, why, mut remedy } = finding;
        let confirm = match remedy.pop() {
            Some(v2::Block::Commands(commands)) => Some(commands),
            other => {
                remedy.extend(other);
                None
            }
        };
        v2::Finding {
            code,
            severity,
            summary,
            seen,
            why,
            remedy,
            confirm,
            explained_by: Vec::new(),
            known_since: None,
            ended_waiver: None,
        }
    }
}

impl From<Evidence> for v2::Evidence {
    fn from(evidence: Evidence) -> v2::Evidence {
        let Evidence { seat, asked, answered, took_ms } = evidence;
        v2::Evidence { vantage: seat, asked, answered, took_ms }
    }
}
