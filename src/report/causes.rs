//! What stands on what: which failures are behind the cases that could not be asked.

use std::collections::{BTreeMap, BTreeSet};

use crate::record::{Case, Ending, Report};

/// For every case that blocks others, directly or through others that are themselves blocked, those it blocks.
pub(super) struct Causes {
    /// By the index of the cause; the blocked cases by their indices, in order. A cause that is no case of the report
    /// is under its name in `absent`.
    by_case: BTreeMap<usize, BTreeSet<usize>>,
    absent: BTreeMap<String, BTreeSet<usize>>,
}

impl Causes {
    /// Follows every blocked case of a report up to what does not hold.
    pub(super) fn of(report: &Report) -> Causes {
        let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, case) in report.cases.iter().enumerate() {
            by_name.entry(case.id.to_string()).or_default().push(index);
            if case.id.node.is_some() {
                by_name.entry(case.id.check.clone()).or_default().push(index);
            }
        }
        let mut causes = Causes { by_case: BTreeMap::new(), absent: BTreeMap::new() };
        for (index, case) in report.cases.iter().enumerate() {
            let Ending::Blocked { by } = &case.ending else { continue };
            let mut open: Vec<&str> = by.iter().map(String::as_str).collect();
            let mut met: BTreeSet<&str> = BTreeSet::new();
            while let Some(name) = open.pop() {
                if !met.insert(name) {
                    continue;
                }
                // A name can stand for every node of a check; what holds there is no cause.
                let named = by_name.get(name).into_iter().flatten().copied();
                let at_fault: Vec<usize> = named.filter(|&at| !holds(&report.cases[at])).collect();
                if at_fault.is_empty() {
                    causes.absent.entry(name.to_owned()).or_default().insert(index);
                }
                for at in at_fault {
                    match &report.cases[at].ending {
                        Ending::Blocked { by } => open.extend(by.iter().map(String::as_str)),
                        _ => drop(causes.by_case.entry(at).or_default().insert(index)),
                    }
                }
            }
        }
        causes
    }

    /// The cases that a case blocks, by their indices.
    pub(super) fn blocked_by(&self, index: usize) -> BTreeSet<usize> {
        self.by_case.get(&index).cloned().unwrap_or_default()
    }

    /// The causes that are no cases of the report, and what they block.
    pub(super) fn absent(&self) -> impl Iterator<Item = (&str, &BTreeSet<usize>)> {
        self.absent.iter().map(|(name, blocked)| (name.as_str(), blocked))
    }
}

fn holds(case: &Case) -> bool {
    matches!(case.ending, Ending::Pass | Ending::Warn(_) | Ending::NotApplicable { .. } | Ending::Skipped { .. })
}
