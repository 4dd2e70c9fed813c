//! Cases that ended alike, in one line.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{names, outcome, text};
use crate::record::{Case, Ending};

/// Cases of one check that ended alike.
pub(super) struct Line<'r> {
    /// `oss-write[bucket a]`, `registry-pull[3 nodes]`, `registry-pull[2 of 3 nodes]`.
    pub name: String,
    /// At least one, in the report's order.
    pub cases: Vec<&'r Case>,
    /// The longest of them.
    pub took: Duration,
}

impl<'r> Line<'r> {
    /// The case that stands for all.
    pub(super) fn first(&self) -> &'r Case {
        self.cases[0]
    }
}

/// Cases in lines: the subjects of one check for which it ended alike share one. Cases of one check stand together.
pub(super) fn fold<'r>(cases: &[&'r Case]) -> Vec<Line<'r>> {
    let mut lines = Vec::new();
    let mut at = 0;
    while at < cases.len() {
        let of_check = cases[at..].iter().take_while(|case| case.id.check == cases[at].id.check).count();
        let group = &cases[at..at + of_check];
        at += of_check;
        let mut alike: Vec<Vec<&Case>> = Vec::new();
        let mut met: BTreeMap<(&str, String), usize> = BTreeMap::new();
        for &case in group {
            // Cases without a subject are each a line of its own: nothing would tell them apart in one.
            let known = case.id.subject.as_ref().map(|_| *met.entry(ended(case)).or_insert(alike.len()));
            match known.and_then(|at| alike.get_mut(at)) {
                Some(same) => same.push(case),
                None => alike.push(vec![case]),
            }
        }
        for same in alike {
            let name = match same.len() {
                1 => same[0].id.to_string(),
                some if some == group.len() => format!("{}[{}]", same[0].id.check, names::subjects(&same)),
                some => {
                    format!("{}[{some} of {}]", same[0].id.check, names::subjects(group))
                }
            };
            let took = same.iter().map(|case| case.took).max().unwrap_or_default();
            lines.push(Line { name: text::one_line(&name), cases: same, took });
        }
    }
    lines
}

/// What is the same of two cases of a check that ended alike.
fn ended(case: &Case) -> (&'static str, String) {
    let told = match &case.ending {
        Ending::Pass => String::new(),
        Ending::Warn(finding) | Ending::Fail(finding) => finding.code.clone(),
        Ending::Blocked { by } => names::checks(by),
        // Two nodes of which the same is said, each by its name, ended alike.
        other => {
            let reason = outcome::reason(other).unwrap_or_default();
            match case.id.subject_name() {
                Some(name) if !name.is_empty() => reason.replace(name, ""),
                _ => reason,
            }
        }
    };
    (case.ending.name(), told)
}
