//! Cases and reports for the tests of what reads them, with nothing in them but what a test is about.

use std::time::Duration;

use super::{Case, CaseId, Ending, FindingRecord, Report};
use crate::place::{Area, Stage, Vantage};
use crate::subject::{Kind, Subject};
use crate::verdict::Severity;

/// A finding that is a failure.
pub(crate) fn finding(code: &str) -> FindingRecord {
    FindingRecord {
        code: code.to_owned(),
        severity: Severity::Fail,
        summary: String::new(),
        seen: String::new(),
        why: String::new(),
        remedy: Vec::new(),
        confirm: None,
        explained_by: Vec::new(),
        known_since: None,
        ended_waiver: None,
    }
}

/// A failure that others explain.
pub(crate) fn fails(explained_by: &[&str]) -> Ending {
    let explained_by = explained_by.iter().map(|&name| name.to_owned()).collect();
    Ending::Fail(Box::new(FindingRecord { explained_by, ..finding("") }))
}

/// A case, `check` or `check[node]`.
pub(crate) fn case(name: &str, ending: Ending) -> Case {
    let (check, node) = match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
        Some((check, node)) => (check, Some(Subject::new(Kind::Node, node))),
        None => (name, None),
    };
    Case {
        id: CaseId { check: check.to_owned(), subject: node },
        title: "".into(),
        area: Area::Network,
        stage: Stage::Preflight,
        vantage: Vantage::Node,
        required: false,
        ending,
        evidence: Vec::new(),
        took: Duration::ZERO,
    }
}

/// A run of these cases.
pub(crate) fn report(cases: Vec<Case>) -> Report {
    Report {
        version: String::new(),
        site: String::new(),
        options: Vec::new(),
        started: jiff::Timestamp::UNIX_EPOCH,
        took: Duration::ZERO,
        cases,
        catalogue: 0,
        undescribed: Vec::new(),
        unused_waivers: Vec::new(),
        left_behind: Vec::new(),
        interrupted: None,
    }
}
