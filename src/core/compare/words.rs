//! What both formats for people say, before it is laid out. Texts come from outside and must be made fit to show.

use super::{Change, Comparison, Difference, Ended, Kind, Nodes, Run};
use crate::record::CaseId;
use crate::subject::Subject;

/// The most names of a list that are written out.
const NAMES: usize = 12;

/// `2026-11-26T03:00:00Z, ackcheck.toml, 127 cases, exit 1`.
pub(super) fn run(run: &Run) -> String {
    let stopped = run.interrupted.as_ref().map(|reason| format!(", stopped early ({reason})")).unwrap_or_default();
    format!("{:.0}, {}, {} cases, exit {}{stopped}", run.started, run.site, run.cases, run.exit_code)
}

/// `dss-version`, `registry-pull[a-node]`, `registry-pull[4998 nodes]`.
pub(super) fn name(change: &Change) -> String {
    let mut subjects = change.subjects.iter().map(subject);
    match (subjects.next().flatten(), change.cases()) {
        (first, 0 | 1) => CaseId { check: change.check.clone(), subject: first.cloned() }.to_string(),
        (Some(first), several) => format!("{}[{}]", change.check, first.kind.counted(several)),
        (None, several) => format!("{}[{several} cases]", change.check),
    }
}

/// What a case is about; of two nodes the one that took the other's place.
fn subject(of: &(Option<Subject>, Option<Subject>)) -> Option<&Subject> {
    of.1.as_ref().or(of.0.as_ref())
}

/// The names of several subjects; none of one, which stands in the [`name`].
fn subjects(change: &Change) -> Option<String> {
    if change.cases() < 2 {
        return None;
    }
    let names = change.subjects.iter().filter_map(subject).map(|subject| subject.name.clone());
    Some(some_of(&names.collect::<Vec<_>>()))
}

/// `pass → fail (denied)`, `pass → blocked by dss-version`; only how it is now, where it was the same.
pub(super) fn way(change: &Change) -> String {
    let told = |ended: &Option<Ended>| match ended {
        None => "not in the run".to_owned(),
        Some(Ended { outcome, finding: Some(code), .. }) => format!("{outcome} ({code})"),
        Some(Ended { outcome, by, .. }) if !by.is_empty() => format!("{outcome} by {}", by.join(", ")),
        Some(Ended { outcome, .. }) => (*outcome).to_owned(),
    };
    let (before, after) = (told(&change.before), told(&change.after));
    if before == after { after } else { format!("{before} → {after}") }
}

/// Changes of cases that were not judged in one of the runs, as a line for each way they went: `pass → blocked by
/// dss-version` and the cases. A run with --only has a hundred of them.
pub(super) fn by_way(changes: &[&Change]) -> Vec<(String, String)> {
    let mut ways: Vec<(String, Vec<String>)> = Vec::new();
    for change in changes {
        let because = match because(change) {
            Some(reason) => format!("{} ({reason})", way(change)),
            None => way(change),
        };
        let lead = if change.required { format!("{because}, although required") } else { because };
        match ways.iter_mut().find(|(same, _)| *same == lead) {
            Some((_, names)) => names.push(name(change)),
            None => ways.push((lead, vec![name(change)])),
        }
    }
    ways.into_iter().map(|(lead, names)| (lead, some_of(&names))).collect()
}

/// Why a case was not judged or not asked, where it was before.
fn because(change: &Change) -> Option<&str> {
    let after = change.after.as_ref().filter(|after| after.finding.is_none() && !after.said.is_empty())?;
    Some(&after.said)
}

/// What there is to say besides, each with its label.
pub(super) fn details(change: &Change) -> Vec<(&'static str, String)> {
    let mut details = Vec::new();
    details.extend(subjects(change).map(|names| ("on", names)));
    let said = |ended: &Option<Ended>| ended.as_ref().map(|ended| ended.said.clone()).filter(|said| !said.is_empty());
    match (&change.seen, change.kind) {
        (Some((before, after)), _) => details.extend([("was", before.clone()), ("is", after.clone())]),
        (None, Kind::StillFailing) => {}
        (None, Kind::Mended | Kind::WarningGone) => details.extend(said(&change.before).map(|said| ("was", said))),
        (None, Kind::OtherFailure | Kind::OtherWarning) => {
            details.extend(said(&change.before).map(|said| ("was", said)));
            details.extend(said(&change.after).map(|said| ("is", said)));
        }
        (None, _) => details.extend(said(&change.after).map(|said| ("seen", said))),
    }
    if !change.explained_by.is_empty() {
        details.push(("due to", change.explained_by.join(", ")));
    }
    details
}

/// `14.1.0 → 14.2.0`; for lists of what only one run has, what went and what came.
pub(super) fn difference(difference: &Difference) -> String {
    let told = |text: &str| if text.is_empty() { "none".to_owned() } else { text.to_owned() };
    format!("{} → {}", told(&difference.before), told(&difference.after))
}

/// `3 → 5: 2 replaced by nodes whose cases end alike; gone: a; came: b, c, d`.
pub(super) fn nodes(nodes: &Nodes) -> String {
    let mut parts = Vec::new();
    if nodes.replaced > 0 {
        parts.push(format!("{} replaced by nodes for which every case ends alike", nodes.replaced));
    }
    for (what, names) in [("gone", &nodes.gone), ("came", &nodes.came)] {
        if !names.is_empty() {
            parts.push(format!("{what}: {}", some_of(names)));
        }
    }
    format!("{} → {}: {}", nodes.before, nodes.after, parts.join("; "))
}

/// `1 new failure, 2 mended, 118 unchanged`.
pub(super) fn counts(comparison: &Comparison) -> Vec<String> {
    let kinds = Kind::ALL.into_iter().map(|kind| (kind, comparison.count(kind))).filter(|(_, cases)| *cases > 0);
    let mut counts: Vec<String> = kinds.map(|(kind, cases)| kind.counted(cases)).collect();
    counts.push(format!("{} unchanged", comparison.unchanged));
    counts
}

/// `exit 1: something fails that did not`.
pub(super) fn closing(comparison: &Comparison) -> String {
    let meaning = match comparison.exit_code() {
        0 if comparison.is_unchanged() => "nothing changed",
        0 => "nothing got worse",
        1 => "something fails that did not",
        _ => "something that was judged before was not judged now",
    };
    format!("exit {}: {meaning}", comparison.exit_code())
}

fn some_of(names: &[String]) -> String {
    match names.len().saturating_sub(NAMES) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names[..NAMES].join(", ")),
    }
}
