//! What to do: the failures with their remedies, those that block most first; then what could not be judged; then the
//! warnings.

use std::collections::BTreeSet;

use super::page::{Ink, Page, counted};
use super::remedy::Advice;
use super::{evidence, rest};
use crate::record::{Case, Ending, FindingRecord, Report};
use crate::report::causes::Causes;
use crate::report::text;

/// The most bytes shown of what was seen; a JSON report has the whole text.
const LONGEST_SEEN: usize = 1500;
/// The most nodes shown one by one, if each is different.
const NODES: usize = 3;

/// The cases of one check that ended alike: with the same finding, or without a judgement.
struct Group<'r> {
    cases: Vec<&'r Case>,
    /// What it blocks, and the failures that it explains.
    consequences: BTreeSet<usize>,
}

pub(super) fn write(page: &mut Page, report: &Report, causes: &Causes) {
    let failures = groups(report, causes, |ending| matches!(ending, Ending::Fail(_)));
    let unjudged = groups(report, causes, |ending| matches!(ending, Ending::Broken { .. } | Ending::TimedOut { .. }));
    let warnings = groups(report, causes, |ending| matches!(ending, Ending::Warn(_)));
    headline(page, &failures, &unjudged);
    for (at, group) in failures.iter().enumerate() {
        found(page, report, group, Ink::Bad, &numbered("FAIL", at, failures.len()));
        let seen = finding(group.cases[0]).map_or("", |finding| &finding.seen);
        evidence::write(page, group.cases[0], seen);
    }
    for (at, group) in unjudged.iter().enumerate() {
        let title = text::one_line(&group.cases[0].id.check);
        page.rule(Ink::Doubtful, &numbered("COULD NOT BE JUDGED", at, unjudged.len()), &title);
        page.labelled("Claim", &group.cases[0].title);
        told_of_each(page, "Because", group, |case| match &case.ending {
            Ending::TimedOut { after } => format!("no answer within {}", text::time(*after)),
            Ending::Broken { why } => why.clone(),
            _ => String::new(),
        });
        blocks(page, report, group);
        let why = if let Ending::Broken { why } = &group.cases[0].ending { why } else { "" };
        evidence::write(page, group.cases[0], why);
    }
    for (at, group) in warnings.iter().enumerate() {
        found(page, report, group, Ink::Doubtful, &numbered("WARN", at, warnings.len()));
    }
}

fn numbered(word: &str, at: usize, all: usize) -> String {
    if all == 1 { word.to_owned() } else { format!("{word} {} of {all}", at + 1) }
}

/// `1 cause, 13 consequences`: comes first if something follows from something else, because the list of cases looks worse than it is.
fn headline(page: &mut Page, failures: &[Group], unjudged: &[Group]) {
    let causes: Vec<&Group> = failures.iter().chain(unjudged).filter(|group| !group.consequences.is_empty()).collect();
    // If several have equally many, the first of them counts; `max_by_key` takes the last, so look from behind.
    let Some(greatest) = causes.iter().rev().max_by_key(|group| group.consequences.len()) else { return };
    let all: BTreeSet<usize> = causes.iter().flat_map(|group| group.consequences.iter().copied()).collect();
    let line = format!(
        "{}, {}: start with {}",
        counted(causes.len(), "cause", "causes"),
        counted(all.len(), "consequence", "consequences"),
        text::one_line(&greatest.cases[0].id.check)
    );
    page.heading(Ink::Heading, &line);
}

/// The cases that ended as wanted and that nothing else explains, by check and finding. Those with most consequences come first,
/// then the catalogue's order applies.
fn groups<'r>(report: &'r Report, causes: &Causes, wanted: impl Fn(&Ending) -> bool) -> Vec<Group<'r>> {
    let mut groups: Vec<Group> = Vec::new();
    let causing = |at: &usize| !causes.is_explained(*at);
    for (index, case) in report.cases.iter().enumerate().filter(|(at, case)| wanted(&case.ending) && causing(at)) {
        let code = |case: &'r Case| finding(case).map_or(case.ending.name(), |finding| &finding.code);
        let same = |group: &&mut Group<'r>| {
            case.id.subject.is_some() && group.cases[0].id.check == case.id.check && code(group.cases[0]) == code(case)
        };
        let consequences = causes.consequences(index);
        match groups.iter_mut().find(same) {
            Some(group) => {
                group.cases.push(case);
                group.consequences.extend(consequences);
            }
            None => groups.push(Group { cases: vec![case], consequences }),
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.consequences.len()));
    groups
}

fn finding(case: &Case) -> Option<&FindingRecord> {
    match &case.ending {
        Ending::Fail(finding) | Ending::Warn(finding) => Some(finding),
        _ => None,
    }
}

fn found(page: &mut Page, report: &Report, group: &Group, ink: Ink, set_off: &str) {
    let Some(first) = finding(group.cases[0]) else { return };
    let title = text::one_line(&format!("{}/{}", group.cases[0].id.check, first.code));
    page.rule(ink, set_off, &title);
    page.labelled("What", &first.summary);
    told_of_each(page, "Seen", group, |case| finding(case).map(|finding| finding.seen.clone()).unwrap_or_default());
    blocks(page, report, group);
    page.heading(Ink::Heading, "Why it matters");
    page.paragraph(2, &first.why);
    remedies(page, group);
}

/// The remedy, or one for each node if they differ by more than the node's name.
fn remedies(page: &mut Page, group: &Group) {
    let told = alike(
        group,
        |case| finding(case).map(Advice::of),
        |advice, node| advice.as_ref().map(|advice| advice.without(node)),
    );
    for one in told.iter().take(NODES) {
        let on = match one.nodes.as_slice() {
            [first, others @ ..] if one.by_name => {
                format!(" on {}; similarly on {}", text::one_line(first), text::one_line(&rest::some_of(others)))
            }
            nodes if told.len() > 1 => format!(" on {}", text::one_line(&rest::some_of(nodes))),
            _ => String::new(),
        };
        if let Some(advice) = &one.words {
            advice.write(page, &format!("To fix{on}"));
        }
    }
    if told.len() > NODES {
        let nodes: Vec<&str> = told[NODES..].iter().flat_map(|one| one.nodes.iter().copied()).collect();
        page.blank();
        let told =
            format!("Similarly, with other names, on {}; --report json has the commands.", rest::some_of(&nodes));
        page.paragraph(0, &told);
    }
}

/// What there is to say about each case: once if only the node's name differs, else by node.
fn told_of_each(page: &mut Page, label: &str, group: &Group, tell: impl Fn(&Case) -> String) {
    let told = alike(group, tell, |words, node| words.replace(node, ""));
    for (at, one) in told.iter().take(NODES).enumerate() {
        let label = if at == 0 { label } else { "" };
        let words = bounded(&one.words);
        match one.nodes.as_slice() {
            [_, others @ ..] if one.by_name => {
                page.labelled(label, &format!("{words}\nsimilarly on {}", rest::some_of(others)));
            }
            [only] if one.words.contains(only) => page.labelled(label, &words),
            [] => page.labelled(label, &words),
            nodes => page.labelled(label, &format!("{words}\non {}", rest::some_of(nodes))),
        }
    }
    if told.len() > NODES {
        let nodes: Vec<&str> = told[NODES..].iter().flat_map(|one| one.nodes.iter().copied()).collect();
        page.labelled("", &format!("and similarly on {}", rest::some_of(&nodes)));
    }
}

/// What is the same for several nodes.
struct Told<'r, T> {
    /// As reported for the first of them.
    words: T,
    nodes: Vec<&'r str>,
    /// The words name the node, and differ between nodes by that alone.
    by_name: bool,
}

/// The cases of a group by what is reported for them; `without` removes a node's name from it.
fn alike<'r, T: PartialEq>(
    group: &Group<'r>,
    tell: impl Fn(&'r Case) -> T,
    without: impl Fn(&T, &str) -> T,
) -> Vec<Told<'r, T>> {
    let mut told: Vec<(T, Told<'r, T>)> = Vec::new();
    for case in &group.cases {
        let words = tell(case);
        let node = case.id.subject_name();
        let nameless = node.map(|node| without(&words, node));
        let key = nameless.unwrap_or_else(|| without(&words, "\0"));
        match told.iter_mut().find(|(same, _)| *same == key) {
            Some((_, one)) => {
                one.by_name |= one.words != words;
                one.nodes.extend(node);
            }
            None => told.push((key, Told { words, nodes: node.into_iter().collect(), by_name: false })),
        }
    }
    told.into_iter().map(|(_, one)| one).collect()
}

fn blocks(page: &mut Page, report: &Report, group: &Group) {
    let consequences = group.consequences.iter().map(|&at| &report.cases[at]);
    let (blocked, explained): (Vec<&Case>, Vec<&Case>) =
        consequences.partition(|case| matches!(case.ending, Ending::Blocked { .. }));
    if let Some((first, finding)) = explained.first().and_then(|case| Some((case, finding(case)?))) {
        let many = counted(explained.len(), "other failure", "other failures");
        let names = rest::folded(explained.iter().copied());
        page.labelled("Explains", &format!("{many}: {names}\n{}: {}", first.id, bounded(&finding.seen)));
    }
    if !blocked.is_empty() {
        let many = counted(blocked.len(), "other case", "other cases");
        page.labelled("Blocks", &format!("{many}: {}", rest::folded(blocked.into_iter())));
    }
}

/// As much of what was seen as is shown.
fn bounded(seen: &str) -> String {
    match text::bounded(seen, LONGEST_SEEN) {
        (whole, 0) => whole.to_owned(),
        (cut, left) => format!("{cut}… ({left} bytes more)"),
    }
}
