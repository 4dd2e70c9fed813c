//! Which case of one run is which of the other.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::deployment::Nodes;
use crate::record::{Case, CaseId, Ending, Report};
use crate::subject::{Kind, Subject};

/// How a case ended, without the words: what two nodes of one class have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Ended {
    pub(super) outcome: &'static str,
    pub(super) finding: Option<String>,
    /// The checks that block it.
    pub(super) by: Vec<String>,
}

impl Ended {
    pub(super) fn of(case: &Case) -> Ended {
        let by = match &case.ending {
            Ending::Blocked { by } => super::checks(by),
            _ => Vec::new(),
        };
        Ended { outcome: case.ending.name(), finding: super::finding(case).map(|finding| finding.code.clone()), by }
    }
}

/// The cases of two runs by their places, in the order of the later run; those that only the earlier one has come last.
pub(super) struct Pairs {
    places: Vec<(Option<usize>, Option<usize>)>,
    pub(super) nodes: Option<Nodes>,
}

impl Pairs {
    pub(super) fn iter<'r>(
        &self,
        before: &'r Report,
        after: &'r Report,
    ) -> impl Iterator<Item = (Option<&'r Case>, Option<&'r Case>)> {
        let case = |report: &'r Report, at: Option<usize>| at.and_then(|at| report.cases.get(at));
        self.places.iter().map(move |&(one, other)| (case(before, one), case(after, other)))
    }
}

impl Pairs {
    /// The cases of the later run that have the finding of the earlier one, by their places, and since when it is known.
    pub(super) fn known(&self, before: &Report, after: &Report) -> Vec<(usize, jiff::Timestamp)> {
        let known = |&(one, other): &(Option<usize>, Option<usize>)| {
            let (found, now) = (before.cases[one?].ending.finding()?, after.cases[other?].ending.finding()?);
            (found.code == now.code).then(|| Some((other?, found.known_since.unwrap_or(before.started))))?
        };
        self.places.iter().filter_map(known).collect()
    }
}

/// Pairs the cases of two runs.
pub(super) fn pair(before: &Report, after: &Report) -> Pairs {
    // By hand a report can have a case twice: the first is paired with the first.
    let mut known: HashMap<&CaseId, Vec<usize>> = HashMap::new();
    for (at, case) in before.cases.iter().enumerate().rev() {
        known.entry(&case.id).or_default().push(at);
    }
    let mut of_after: Vec<Option<usize>> =
        after.cases.iter().map(|case| known.get_mut(&case.id).and_then(Vec::pop)).collect();
    let mut left: BTreeSet<usize> = known.into_values().flatten().collect();

    let (were, are) = (nodes(before), nodes(after));
    let gone: BTreeSet<&str> = were.difference(&are).copied().collect();
    let came: BTreeSet<&str> = are.difference(&were).copied().collect();
    let mut told = None;
    // A run without any node did not ask for them.
    if !were.is_empty() && !are.is_empty() && (!gone.is_empty() || !came.is_empty()) {
        let (gone, came) = (Cases::of(before, &gone), Cases::of(after, &came));
        let alike = same_class(&gone, &came);
        told = Some(Nodes::of(&were, &are, &alike));
        for (one, other) in joined(gone, came, &alike) {
            left.remove(&one);
            of_after[other] = Some(one);
        }
    }
    let mut places: Vec<_> = of_after.into_iter().enumerate().map(|(at, one)| (one, Some(at))).collect();
    places.extend(left.into_iter().map(|at| (Some(at), None)));
    Pairs { places, nodes: told }
}

/// The nodes of a run.
fn nodes(report: &Report) -> BTreeSet<&str> {
    report.cases.iter().filter_map(node).collect()
}

fn node(case: &Case) -> Option<&str> {
    match &case.id.subject {
        Some(Subject { kind: Kind::Node, name }) => Some(name),
        _ => None,
    }
}

/// The cases of some nodes of a run: by node, each by its place.
struct Cases<'r> {
    report: &'r Report,
    by_node: BTreeMap<&'r str, Vec<usize>>,
}

impl<'r> Cases<'r> {
    fn of(report: &'r Report, nodes: &BTreeSet<&'r str>) -> Cases<'r> {
        let mut by_node: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, case) in report.cases.iter().enumerate() {
            if let Some(node) = node(case).filter(|node| nodes.contains(node)) {
                by_node.entry(node).or_default().push(at);
            }
        }
        Cases { report, by_node }
    }

    /// The class of a node: how each of its cases ended.
    fn class(&self, node: &str) -> Vec<(&'r str, Ended)> {
        let cases = self.by_node.get(node).into_iter().flatten().map(|&at| &self.report.cases[at]);
        let mut class: Vec<_> = cases.map(|case| (case.id.check.as_str(), Ended::of(case))).collect();
        class.sort_unstable();
        class
    }

    /// The rest of its nodes' cases, by check and ending.
    fn by_ending(&self) -> BTreeMap<&'r str, BTreeMap<Ended, Vec<usize>>> {
        let mut by_check: BTreeMap<&str, BTreeMap<Ended, Vec<usize>>> = BTreeMap::new();
        for &at in self.by_node.values().flatten() {
            let case = &self.report.cases[at];
            by_check.entry(&case.id.check).or_default().entry(Ended::of(case)).or_default().push(at);
        }
        by_check
    }
}

/// Each node that went with the one of its class that came, where there is one.
fn same_class<'r>(gone: &Cases<'r>, came: &Cases<'r>) -> Vec<(&'r str, &'r str)> {
    let mut classes: HashMap<Vec<(&str, Ended)>, Vec<&'r str>> = HashMap::new();
    for node in gone.by_node.keys().rev() {
        classes.entry(gone.class(node)).or_default().push(node);
    }
    let found = came.by_node.keys().filter_map(|node| Some((classes.get_mut(&came.class(node))?.pop()?, *node)));
    found.collect()
}

/// The cases of nodes that went with those of nodes that came: of a pair of nodes check by check. Of the other nodes those
/// that ended alike are joined, then whatever is left, so that as many are told to have changed as have.
fn joined<'r>(mut gone: Cases<'r>, mut came: Cases<'r>, alike: &[(&'r str, &'r str)]) -> Vec<(usize, usize)> {
    let mut joined = Vec::new();
    for (one, other) in alike {
        let (Some(mut one), Some(mut other)) = (gone.by_node.remove(one), came.by_node.remove(other)) else { continue };
        // Of one class, so that the order by check and ending is the same.
        let key = |case: &Case| (case.id.check.clone(), Ended::of(case));
        one.sort_by_cached_key(|&at| key(&gone.report.cases[at]));
        other.sort_by_cached_key(|&at| key(&came.report.cases[at]));
        joined.extend(one.into_iter().zip(other));
    }
    let mut now = came.by_ending();
    for (check, were) in gone.by_ending() {
        let Some(are) = now.get_mut(check) else { continue };
        let mut rest = Vec::new();
        for (ended, mut places) in were {
            let same = are.entry(ended).or_default();
            let number = places.len().min(same.len());
            joined.extend(places.drain(..number).zip(same.drain(..number)));
            rest.extend(places);
        }
        joined.extend(rest.into_iter().zip(are.values().flatten().copied()));
    }
    joined
}
