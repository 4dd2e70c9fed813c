//! What does not need a remedy: blocked cases by cause, not applicable and skipped cases by reason, and what was left
//! behind.

use std::collections::BTreeSet;

use super::page::{Ink, Page};
use super::word;
use crate::record::{Case, Ending, Report};
use crate::report::causes::Causes;
use crate::subject::Kind;

/// The most names of a list that are written out.
const NAMES: usize = 20;

pub(super) fn write(page: &mut Page, report: &Report, causes: &Causes) {
    blocked(page, report, causes);
    let not_applicable = |ending: &Ending| match ending {
        Ending::NotApplicable { reason } => Some(reason.clone()),
        _ => None,
    };
    by_reason(page, report, "Not applicable to this site", not_applicable);
    let skipped = |ending: &Ending| match ending {
        Ending::Skipped { reason } => Some(reason.clone()),
        _ => None,
    };
    by_reason(page, report, "Skipped", skipped);
    if !report.left_behind.is_empty() {
        page.heading(Ink::Doubtful, "Left behind: created by this run and not removed");
        for thing in &report.left_behind {
            page.list(2, "-", thing);
        }
        page.list(2, "→", "`ackcheck cleanup` with the same site file removes it");
    }
}

fn blocked(page: &mut Page, report: &Report, causes: &Causes) {
    let all = report.tally().blocked;
    if all == 0 {
        return;
    }
    let why = if all == 1 { "a check it depends on failed" } else { "a check they depend on failed" };
    page.heading(Ink::Heading, &format!("{all} blocked: {why}"));
    // To the reader, all blocking subjects of one check are one cause.
    let mut lines: Vec<(String, BTreeSet<usize>)> = Vec::new();
    for (index, case) in report.cases.iter().enumerate() {
        let is_blocked = |at: &usize| matches!(report.cases[*at].ending, Ending::Blocked { .. });
        let blocked: BTreeSet<usize> = causes.consequences(index).into_iter().filter(is_blocked).collect();
        if blocked.is_empty() {
            continue;
        }
        let lead = format!("{} ({})", case.id.check, word(&case.ending).trim_end());
        match lines.iter_mut().find(|(same, _)| *same == lead) {
            Some((_, all)) => all.extend(blocked),
            None => lines.push((lead, blocked)),
        }
    }
    for (name, blocked) in causes.absent() {
        lines.push((format!("{name} (not in this report)"), blocked.clone()));
    }
    for (lead, blocked) in lines {
        let names = folded(blocked.iter().map(|&at| &report.cases[at]));
        page.list(2, &format!("{} blocked by {lead}:", blocked.len()), &names);
    }
}

fn by_reason(page: &mut Page, report: &Report, heading: &str, reason: impl Fn(&Ending) -> Option<String>) {
    let mut reasons: Vec<(String, Vec<&Case>)> = Vec::new();
    for case in &report.cases {
        let Some(reason) = reason(&case.ending) else { continue };
        match reasons.iter_mut().find(|(same, _)| *same == reason) {
            Some((_, cases)) => cases.push(case),
            None => reasons.push((reason, vec![case])),
        }
    }
    if !reasons.is_empty() {
        page.heading(Ink::Heading, heading);
    }
    for (reason, cases) in reasons {
        page.list(2, &format!("{reason}:"), &folded(cases.into_iter()));
    }
}

/// The names of cases, the subjects of a check in one: `dss-version, registry-pull[3 nodes]`.
pub(super) fn folded<'r>(cases: impl Iterator<Item = &'r Case>) -> String {
    let mut checks: Vec<Vec<&Case>> = Vec::new();
    for case in cases {
        match checks.iter_mut().find(|of_check| of_check[0].id.check == case.id.check) {
            Some(of_check) => of_check.push(case),
            None => checks.push(vec![case]),
        }
    }
    let names: Vec<String> = checks
        .iter()
        .map(|cases| match cases.as_slice() {
            [one] => one.id.to_string(),
            several => format!("{}[{}]", several[0].id.check, subjects(several)),
        })
        .collect();
    some_of(&names.iter().map(String::as_str).collect::<Vec<_>>())
}

/// How many subjects of which kind: `3 nodes`, `2 connections and 1 bucket`.
pub(super) fn subjects(cases: &[&Case]) -> String {
    let of =
        |kind: Kind| cases.iter().filter(|case| case.id.subject.as_ref().is_some_and(|of| of.kind == kind)).count();
    let counts: Vec<String> =
        Kind::ALL.into_iter().filter(|kind| of(*kind) > 0).map(|kind| kind.counted(of(kind))).collect();
    counts.join(" and ")
}

/// The first names of a list, and how many more there are.
pub(super) fn some_of(names: &[&str]) -> String {
    match names.len().saturating_sub(NAMES) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names[..NAMES].join(", ")),
    }
}
