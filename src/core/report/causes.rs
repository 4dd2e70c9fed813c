//! Which failures are behind the cases that could not be asked, and behind the failures that others explain.

use std::collections::{BTreeMap, BTreeSet};

use crate::record::{Case, Ending, Report};

/// For every case that blocks others or explains their failure, directly or through others that are themselves blocked or
/// explained, those it does so to.
pub(super) struct Causes {
    /// By the index of the cause; its consequences by their indices, in order. A cause that is no case of the report is
    /// under its name in `absent`.
    by_case: BTreeMap<usize, BTreeSet<usize>>,
    absent: BTreeMap<String, BTreeSet<usize>>,
    /// The failures that others explain.
    explained: BTreeSet<usize>,
}

/// The cases of a report by their names, and by those of their checks.
type ByName = BTreeMap<String, Vec<usize>>;

impl Causes {
    /// Follows every blocked case of a report, and every failure that others explain, up to what does not hold by itself.
    pub(super) fn of(report: &Report) -> Causes {
        let mut by_name = ByName::new();
        for (index, case) in report.cases.iter().enumerate() {
            by_name.entry(case.id.to_string()).or_default().push(index);
            if case.id.subject.is_some() {
                by_name.entry(case.id.check.clone()).or_default().push(index);
            }
        }
        let failures = 0..report.cases.len();
        let explained = failures.filter(|at| leads_to_a_cause(report, &by_name, *at)).collect();
        let mut causes = Causes { by_case: BTreeMap::new(), absent: BTreeMap::new(), explained };
        for index in 0..report.cases.len() {
            let Some(by) = causes.behind(report, index) else { continue };
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
                    match causes.behind(report, at) {
                        Some(by) => open.extend(by.iter().map(String::as_str)),
                        None => drop(causes.by_case.entry(at).or_default().insert(index)),
                    }
                }
            }
        }
        causes
    }

    /// What a case waited for in vain, or what explains it; none of a case that is a cause itself.
    fn behind<'r>(&self, report: &'r Report, index: usize) -> Option<&'r [String]> {
        match &report.cases[index].ending {
            Ending::Blocked { by } => Some(by),
            Ending::Fail(finding) if self.is_explained(index) => Some(&finding.explained_by),
            _ => None,
        }
    }

    /// Whether other failures explain this one.
    pub(super) fn is_explained(&self, index: usize) -> bool {
        self.explained.contains(&index)
    }

    /// The consequences of a case, by their indices: what it blocks, and the failures that it explains.
    pub(super) fn consequences(&self, index: usize) -> BTreeSet<usize> {
        self.by_case.get(&index).cloned().unwrap_or_default()
    }

    /// The causes that are no cases of the report, and their consequences.
    pub(super) fn absent(&self) -> impl Iterator<Item = (&str, &BTreeSet<usize>)> {
        self.absent.iter().map(|(name, blocked)| (name.as_str(), blocked))
    }
}

/// Whether a failure leads, by what explains it, to a failure that nothing explains. A report that was written by hand
/// can lead in a circle or to nothing: such a failure is told as a cause. So is one that leads to waived failures alone:
/// nobody has accepted it.
fn leads_to_a_cause(report: &Report, by_name: &ByName, index: usize) -> bool {
    let explained_by = |at: usize| match &report.cases[at].ending {
        Ending::Fail(finding) => Some(&finding.explained_by),
        _ => None,
    };
    let mut open: Vec<&String> = explained_by(index).into_iter().flatten().collect();
    let mut met: BTreeSet<&str> = BTreeSet::new();
    while let Some(name) = open.pop() {
        if !met.insert(name) {
            continue;
        }
        for by in by_name.get(name).into_iter().flatten().filter_map(|&at| explained_by(at)) {
            if by.is_empty() {
                return true;
            }
            open.extend(by);
        }
    }
    false
}

fn holds(case: &Case) -> bool {
    matches!(case.ending, Ending::Pass | Ending::Warn(_) | Ending::NotApplicable { .. } | Ending::Skipped { .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::samples::{case, fails, report};

    fn blocked(by: &[&str]) -> Ending {
        Ending::Blocked { by: by.iter().map(|&name| name.to_owned()).collect() }
    }

    fn causes(cases: Vec<Case>) -> Causes {
        Causes::of(&report(cases))
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
        assert_eq!(causes.consequences(0), BTreeSet::from([1, 2, 5]));
        assert_eq!(causes.consequences(3), BTreeSet::new());
        assert_eq!(causes.consequences(4), BTreeSet::from([5]));
        assert_eq!(causes.absent().count(), 0);
    }

    #[test]
    fn a_failure_that_others_explain_is_no_cause_and_what_it_blocks_is_theirs() {
        let causes = causes(vec![
            case("rules", fails(&[])),
            case("compared[a]", fails(&[])),
            case("packets[a]", fails(&["compared[a]", "rules"])),
            case("packets[b]", fails(&[])),
            case("answers", blocked(&["packets[a]"])),
            // By hand: in a circle, and by what is not there.
            case("one", fails(&["other"])),
            case("other", fails(&["one"])),
            case("astray", fails(&["gone"])),
        ]);
        assert_eq!(causes.consequences(0), BTreeSet::from([2, 4]));
        assert_eq!(causes.consequences(1), BTreeSet::from([2, 4]));
        assert_eq!(causes.consequences(3), BTreeSet::new());
        let explained: Vec<usize> = (0..8).filter(|at| causes.is_explained(*at)).collect();
        assert_eq!(explained, [2]);
        assert_eq!(causes.absent().count(), 0);
    }

    #[test]
    fn names_causes_that_are_not_there_and_is_not_caught_in_a_circle() {
        let causes = causes(vec![case("a", blocked(&["b"])), case("b", blocked(&["a", "gone"]))]);
        let absent: Vec<_> = causes.absent().map(|(name, blocked)| (name, blocked.len())).collect();
        assert_eq!(absent, [("gone", 2)]);
    }
}
