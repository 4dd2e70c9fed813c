//! Names of cases, folded so that a hundred nodes are a word.

use crate::record::{Case, CaseId};
use crate::subject::Kind;

/// The most names of a list that are written out.
pub(super) const MOST: usize = 20;

/// The checks of some cases' names, each once.
pub(super) fn checks(names: &[String]) -> String {
    let mut checks: Vec<&str> = names.iter().map(|name| CaseId::check_of(name)).collect();
    checks.dedup();
    checks.join(", ")
}

/// The names of cases, the subjects of a check in one: `dss-version`, `registry-pull[3 nodes]`.
pub(super) fn folded<'r>(cases: impl IntoIterator<Item = &'r Case>) -> Vec<String> {
    let mut checks: Vec<Vec<&Case>> = Vec::new();
    for case in cases {
        // Cases of one check mostly stand together.
        match checks.iter_mut().rev().find(|of_check| of_check[0].id.check == case.id.check) {
            Some(of_check) => of_check.push(case),
            None => checks.push(vec![case]),
        }
    }
    let name = |cases: &Vec<&Case>| match cases.as_slice() {
        [one] => one.id.to_string(),
        several => format!("{}[{}]", several[0].id.check, subjects(several)),
    };
    checks.iter().map(name).collect()
}

/// [`folded`], as a list of at most [`MOST`] names.
pub(super) fn list<'r>(cases: impl IntoIterator<Item = &'r Case>) -> String {
    some_of(&folded(cases))
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
pub(super) fn some_of<T: AsRef<str>>(names: &[T]) -> String {
    let join = |names: &[T]| names.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(", ");
    match names.len().saturating_sub(MOST) {
        0 => join(names),
        more => format!("{} and {more} more", join(&names[..MOST])),
    }
}
