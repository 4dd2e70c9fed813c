//! Which failures are behind the cases that could not be asked.

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
            if case.id.subject.is_some() {
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
                // A name can stand for every subject of a check; what holds there is no cause.
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::place::{Area, Stage, Vantage};
    use crate::record::CaseId;
    use crate::subject::{Kind, Subject};

    fn case(name: &str, ending: Ending) -> Case {
        let (check, node) = match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
            Some((check, node)) => (check, Some(node.to_owned())),
            None => (name, None),
        };
        Case {
            id: CaseId { check: check.to_owned(), subject: node.map(|node| Subject::new(Kind::Node, node)) },
            title: String::new(),
            area: Area::Host,
            stage: Stage::Preflight,
            vantage: Vantage::Host,
            required: false,
            ending,
            evidence: Vec::new(),
            took: Duration::ZERO,
        }
    }

    fn blocked(by: &[&str]) -> Ending {
        Ending::Blocked { by: by.iter().map(|&name| name.to_owned()).collect() }
    }

    fn causes(cases: Vec<Case>) -> Causes {
        Causes::of(&Report {
            version: String::new(),
            site: String::new(),
            options: Vec::new(),
            started: jiff::Timestamp::UNIX_EPOCH,
            took: Duration::ZERO,
            cases,
            catalogue: 0,
            undescribed: Vec::new(),
            left_behind: Vec::new(),
            interrupted: None,
        })
    }

    #[test]
    fn follows_the_blocked_up_to_what_does_not_hold() {
        let broken = || Ending::Broken { why: String::new() };
        let causes = causes(vec![
            case("write", broken()),
            case("read", blocked(&["write"])),
            case("delete", blocked(&["read"])),
            case("pull[a]", Ending::Pass),
            case("pull[b]", broken()),
            // By the name of a check with nodes: the node that holds is no cause.
            case("start", blocked(&["pull", "read"])),
        ]);
        assert_eq!(causes.blocked_by(0), BTreeSet::from([1, 2, 5]));
        assert_eq!(causes.blocked_by(3), BTreeSet::new());
        assert_eq!(causes.blocked_by(4), BTreeSet::from([5]));
        assert_eq!(causes.absent().count(), 0);
    }

    #[test]
    fn names_causes_that_are_not_there_and_is_not_caught_in_a_circle() {
        let causes = causes(vec![case("a", blocked(&["b"])), case("b", blocked(&["a", "gone"]))]);
        let absent: Vec<_> = causes.absent().map(|(name, blocked)| (name, blocked.len())).collect();
        assert_eq!(absent, [("gone", 2)]);
    }
}
