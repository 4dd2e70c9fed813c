//! What is different about the deployment itself, and about how it was looked at, as far as two runs tell.

use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::Evidence;
use crate::place::Vantage;
use crate::record::Report;
use crate::subject::Kind;

/// One thing that is different, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// `DSS`, `security groups`, `option --stage`.
    pub what: String,
    /// Empty where there was none.
    pub before: String,
    pub after: String,
}

/// Which nodes came and went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nodes {
    /// How many there were, and are.
    pub before: usize,
    pub after: usize,
    /// How many of those that went have one of the same class in their place: every case ended alike.
    pub replaced: usize,
    /// Those that went and came otherwise.
    pub gone: Vec<String>,
    pub came: Vec<String>,
}

impl Nodes {
    /// From the nodes of both runs, and those of them that are alike.
    pub(super) fn of(before: &BTreeSet<&str>, after: &BTreeSet<&str>, alike: &[(&str, &str)]) -> Nodes {
        let (one, other): (BTreeSet<&str>, BTreeSet<&str>) = alike.iter().copied().unzip();
        let names = |all: &BTreeSet<&str>, others: &BTreeSet<&str>, alike: &BTreeSet<&str>| {
            let names = all.iter().filter(|node| !others.contains(**node) && !alike.contains(**node));
            names.map(|&node| node.to_owned()).collect()
        };
        Nodes {
            before: before.len(),
            after: after.len(),
            replaced: alike.len(),
            gone: names(before, after, &one),
            came: names(after, before, &other),
        }
    }
}

/// What two runs tell differently of the deployment.
pub(super) fn differences(before: &Report, after: &Report) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut differ = |what: &str, before: String, after: String| {
        if before != after {
            differences.push(Difference { what: what.to_owned(), before, after });
        }
    };
    differ("ackcheck", before.version.clone(), after.version.clone());
    differ("site", before.site.clone(), after.site.clone());
    differ("checks in the catalogue", before.catalogue.to_string(), after.catalogue.to_string());
    differ("sections not described", before.undescribed.join(", "), after.undescribed.join(", "));
    let (one, other) = (options(before), options(after));
    for name in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
        let given = |options: &BTreeMap<&str, Vec<&str>>| {
            let values = options.get(*name).map(|values| values.join(", "));
            values.map(|values| if values.is_empty() { "given".to_owned() } else { values }).unwrap_or_default()
        };
        differ(&format!("option {name}"), given(&one), given(&other));
    }
    let both = judged_in_both(before, after);
    differ("DSS", dss(before, &both), dss(after, &both));
    differ("security groups", security_groups(before, &both), security_groups(after, &both));
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Node) {
        let (one, other) = (subjects(before, kind, &both), subjects(after, kind, &both));
        let only = |these: &BTreeSet<&str>, those: &BTreeSet<&str>| {
            these.difference(those).copied().collect::<Vec<_>>().join(", ")
        };
        differ(&format!("each {}", kind.name()), only(&one, &other), only(&other, &one));
    }
    differences
}

fn options(report: &Report) -> BTreeMap<&str, Vec<&str>> {
    let mut options: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, value) in &report.options {
        options.entry(name).or_default().push(value);
    }
    options
}

/// The checks that could look at the deployment in both runs: what the others saw cannot be compared.
fn judged_in_both<'r>(before: &'r Report, after: &'r Report) -> BTreeSet<&'r str> {
    let judged = |report: &'r Report| -> BTreeSet<&'r str> {
        let judged = report.cases.iter().filter(|case| case.is_judged());
        judged.map(|case| case.id.check.as_str()).collect()
    };
    &judged(before) & &judged(after)
}

/// What the check of DSS's version was answered: `14.2.0`, of each place that tells it.
fn dss(report: &Report, both: &BTreeSet<&str>) -> String {
    const CHECK: &str = "dss-version";
    let of_check = report.cases.iter().filter(|case| case.id.check == CHECK && both.contains(CHECK));
    let answers = of_check.flat_map(|case| &case.evidence).filter(|entry| entry.vantage == Vantage::Dss);
    let versions: BTreeSet<&str> =
        answers.flat_map(|entry| words(&entry.answered)).filter(|word| is_version(word)).collect();
    versions.into_iter().collect::<Vec<_>>().join(", ")
}

/// `14.2.0`: numbers between points.
fn is_version(word: &str) -> bool {
    let mut numbers = 0;
    word.split('.').all(|part| {
        numbers += 1;
        !part.is_empty() && part.len() < 8 && part.bytes().all(|byte| byte.is_ascii_digit())
    }) && numbers > 1
}

/// The ids of the security groups that the cloud told of.
fn security_groups(report: &Report, both: &BTreeSet<&str>) -> String {
    let of_checks = report.cases.iter().filter(|case| both.contains(case.id.check.as_str()));
    let told = of_checks.flat_map(|case| &case.evidence).filter(|entry| entry.vantage == Vantage::Cloud);
    let is_group = |word: &&str| word.strip_prefix("sg-").is_some_and(|id| id.len() > 3);
    let groups: BTreeSet<&str> = told.flat_map(|Evidence { answered, .. }| words(answered)).filter(is_group).collect();
    groups.into_iter().collect::<Vec<_>>().join(", ")
}

/// The names, numbers and ids of a text.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_')))
        .map(|word| word.trim_matches('.'))
        .filter(|word| !word.is_empty())
}

fn subjects<'r>(report: &'r Report, kind: Kind, both: &BTreeSet<&str>) -> BTreeSet<&'r str> {
    let of_both = report.cases.iter().filter(|case| both.contains(case.id.check.as_str()));
    let subjects = of_both.filter_map(|case| case.id.subject.as_ref()).filter(|subject| subject.kind == kind);
    subjects.map(|subject| subject.name.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_ids_are_found_in_what_was_answered() {
        let found: Vec<&str> = words("the data directory: 14.2.0; {\"a\":[\"sg-bp1x_y\"]}.").collect();
        assert_eq!(found, ["the", "data", "directory", "14.2.0", "a", "sg-bp1x_y"]);
        assert!(is_version("14.2.0") && is_version("8.0"));
        assert!(!is_version("14") && !is_version("14.") && !is_version("a.b") && !is_version(""));
    }
}
