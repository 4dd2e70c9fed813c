//! Which failures of a finished run are the consequence of others: a check says what explains its finding, and here it is
//! seen whether that failed too.

use std::collections::BTreeMap;

use crate::record::Case;
use crate::subject::Subject;

/// Puts the names of the cases that failed in the place of the checks that explain a failure. Where one of those checks
/// did not fail for the same subject (it passed, could not be judged or was not selected), the failure is not explained:
/// a cause that is told nowhere must not hide it.
pub(super) fn settle(cases: &mut [Case]) {
    let mut failed: BTreeMap<String, Vec<(Option<Subject>, String)>> = BTreeMap::new();
    for case in cases.iter().filter(|case| case.ending.failure().is_some()) {
        failed.entry(case.id.check.clone()).or_default().push((case.id.subject.clone(), case.id.to_string()));
    }
    for case in cases {
        let subject = case.id.subject.clone();
        let Some(finding) = case.ending.finding_mut() else { continue };
        let named = finding.explained_by.iter().map(|check| {
            let of_check = failed.get(check).into_iter().flatten();
            let same = |other: &Option<Subject>| other.is_none() || subject.is_none() || *other == subject;
            of_check.filter(|(other, _)| same(other)).map(|(_, name)| name.clone()).collect::<Vec<_>>()
        });
        let named: Vec<Vec<String>> = named.collect();
        finding.explained_by = if named.iter().any(Vec::is_empty) { Vec::new() } else { named.concat() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Ending;
    use crate::record::samples::{case, fails};

    #[test]
    fn only_what_failed_for_the_same_subject_explains() {
        let mut cases = [
            case("rules", fails(&[])),
            case("compared[a]", fails(&[])),
            case("compared[b]", Ending::Pass),
            case("packets[a]", fails(&["rules", "compared"])),
            case("packets[b]", fails(&["rules", "compared"])),
            case("packets[c]", fails(&["rules"])),
            case("packets[d]", fails(&["not-selected"])),
        ];
        settle(&mut cases);
        let told: Vec<Vec<&str>> = cases
            .iter()
            .filter_map(|case| match &case.ending {
                Ending::Fail(finding) => Some(finding.explained_by.iter().map(String::as_str).collect()),
                _ => None,
            })
            .collect();
        let expected: [&[&str]; 6] = [&[], &[], &["rules", "compared[a]"], &[], &["rules"], &[]];
        assert_eq!(told, expected);
    }
}
