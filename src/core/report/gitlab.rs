//! The report as GitLab's code quality, which a merge request compares with that of its target: a JSON list with one entry a
//! cause. A fingerprint names the check and the finding alone, so that it stays when nodes are replaced.

use std::collections::BTreeMap;

use serde::Serialize;

use super::advice::essence;
use super::summary::{Group, Summary, finding, in_lines};
use super::{json, text};
use crate::record::Report;

/// The most bytes of a description.
const LONGEST: usize = 2000;

#[derive(Serialize)]
struct Violation {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

/// GitLab wants a file: what is wrong with the deployment is told of the site file that describes it.
#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

/// The report as JSON, ending in a newline.
pub(super) fn render(report: &Report) -> String {
    let summary = Summary::of(report);
    let mut violations: Vec<Violation> = Vec::new();
    let mut met: BTreeMap<String, usize> = BTreeMap::new();
    let mut add = |name: String, severity, description: String| {
        let name = text::one_line(&name);
        let times = met.entry(name.clone()).or_default();
        *times += 1;
        // Two entries of one fingerprint would be one to GitLab.
        let fingerprint = if *times == 1 { name.clone() } else { format!("{name} {times}") };
        let description = text::bounded(&text::one_line(&description), LONGEST).0.to_owned();
        let location = Location { path: text::one_line(&report.site), lines: Lines { begin: 1 } };
        violations.push(Violation { description, check_name: name, fingerprint, severity, location });
    };
    if let Some(reason) = &report.interrupted {
        add("interrupted".to_owned(), "major", format!("stopped early: {reason}"));
    }
    if let Some(missing) = summary.missing() {
        add("required".to_owned(), "major", missing);
    }
    for group in &summary.failures {
        let severity = if group.consequences.is_empty() { "critical" } else { "blocker" };
        add(group.title(), severity, described(group));
    }
    summary.unjudged.iter().for_each(|group| add(group.title(), "major", described(group)));
    summary.warnings.iter().for_each(|group| add(group.title(), "minor", described(group)));
    for group in &summary.waived {
        let waived: Vec<String> = group.known().iter().flat_map(|(label, told)| in_lines(label, told)).collect();
        add(group.title(), "info", format!("{} | {}", described(group), waived.join(" | ")));
    }
    json::pretty(&violations)
}

fn described(group: &Group) -> String {
    let about = group.about().map(|about| format!(" [{about}]")).unwrap_or_default();
    match finding(group.cases[0]) {
        Some(finding) => {
            let fix = essence(&finding.remedy).map(|essence| format!(" | to fix: {essence}")).unwrap_or_default();
            format!("{}{about}: {}{fix}", finding.summary, finding.seen)
        }
        None => format!("{} could not be judged{about}: {}", group.title(), group.gist()),
    }
}
