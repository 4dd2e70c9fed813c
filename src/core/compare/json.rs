//! The comparison for scripts. The shape is versioned by `comparison`, and described by
//! `fixtures/comparison.schema.json`: a field is never renamed, removed or given another meaning; new ones may come.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Change, Comparison, Kind};
use crate::report::json::escape_what_terminals_obey;
use crate::subject::Subject;

/// The value of the field `comparison`.
const SCHEMA: u64 = 1;
/// The most subjects written of one change, and names of nodes; the two reports have them all.
const NAMES: usize = 100;

#[derive(Serialize)]
struct Document<'c> {
    comparison: u64,
    before: Run<'c>,
    after: Run<'c>,
    exit_code: u8,
    /// How many cases changed in each way.
    summary: BTreeMap<&'static str, usize>,
    unchanged: usize,
    deployment: Vec<Difference<'c>>,
    nodes: Option<Nodes<'c>>,
    changes: Vec<OneChange<'c>>,
}

#[derive(Serialize)]
struct Run<'c> {
    ackcheck: &'c str,
    site: &'c str,
    started: jiff::Timestamp,
    cases: usize,
    exit_code: u8,
    interrupted: Option<&'c str>,
}

#[derive(Serialize)]
struct Difference<'c> {
    what: &'c str,
    before: &'c str,
    after: &'c str,
}

#[derive(Serialize)]
struct Nodes<'c> {
    before: usize,
    after: usize,
    replaced: usize,
    gone: &'c [String],
    gone_count: usize,
    came: &'c [String],
    came_count: usize,
}

#[derive(Serialize)]
struct OneChange<'c> {
    kind: &'static str,
    check: &'c str,
    title: &'c str,
    cases: usize,
    before: Option<Ended<'c>>,
    after: Option<Ended<'c>>,
    subjects: Vec<Subjects<'c>>,
    seen: Option<Seen<'c>>,
    explained_by: &'c [String],
    required: bool,
}

#[derive(Serialize)]
struct Ended<'c> {
    outcome: &'static str,
    finding: Option<&'c str>,
    blocked_by: &'c [String],
    said: &'c str,
}

#[derive(Serialize)]
struct Subjects<'c> {
    kind: &'static str,
    before: Option<&'c str>,
    after: Option<&'c str>,
}

#[derive(Serialize)]
struct Seen<'c> {
    before: &'c str,
    after: &'c str,
}

/// The comparison as JSON, ending in a newline.
pub(super) fn render(comparison: &Comparison) -> String {
    let document = Document {
        comparison: SCHEMA,
        before: run(&comparison.before),
        after: run(&comparison.after),
        exit_code: comparison.exit_code(),
        summary: Kind::ALL.into_iter().map(|kind| (kind.name(), comparison.count(kind))).collect(),
        unchanged: comparison.unchanged,
        deployment: comparison.deployment.iter().map(difference).collect(),
        nodes: comparison.nodes.as_ref().map(nodes),
        changes: comparison.changes.iter().map(change).collect(),
    };
    let mut text = serde_json::to_string_pretty(&document)
        .unwrap_or_else(|why| unreachable!("numbers and texts are always JSON: {why}"));
    text.push('\n');
    escape_what_terminals_obey(text)
}

fn run(run: &super::Run) -> Run<'_> {
    Run {
        ackcheck: &run.version,
        site: &run.site,
        started: run.started,
        cases: run.cases,
        exit_code: run.exit_code,
        interrupted: run.interrupted.as_deref(),
    }
}

fn difference(difference: &super::Difference) -> Difference<'_> {
    Difference { what: &difference.what, before: &difference.before, after: &difference.after }
}

fn nodes(nodes: &super::Nodes) -> Nodes<'_> {
    let some = |names: &'_ [String]| names.len().min(NAMES);
    Nodes {
        before: nodes.before,
        after: nodes.after,
        replaced: nodes.replaced,
        gone: &nodes.gone[..some(&nodes.gone)],
        gone_count: nodes.gone.len(),
        came: &nodes.came[..some(&nodes.came)],
        came_count: nodes.came.len(),
    }
}

fn change(change: &Change) -> OneChange<'_> {
    let subjects = change.subjects.iter().take(NAMES).filter_map(|(before, after)| {
        let kind = after.as_ref().or(before.as_ref())?.kind.name();
        Some(Subjects { kind, before: name(before), after: name(after) })
    });
    OneChange {
        kind: change.kind.name(),
        check: &change.check,
        title: &change.title,
        cases: change.cases(),
        before: change.before.as_ref().map(ended),
        after: change.after.as_ref().map(ended),
        subjects: subjects.collect(),
        seen: change.seen.as_ref().map(|(before, after)| Seen { before, after }),
        explained_by: &change.explained_by,
        required: change.required,
    }
}

fn name(subject: &Option<Subject>) -> Option<&str> {
    subject.as_ref().map(|subject| subject.name.as_str())
}

fn ended(ended: &super::Ended) -> Ended<'_> {
    Ended { outcome: ended.outcome, finding: ended.finding.as_deref(), blocked_by: &ended.by, said: &ended.said }
}
