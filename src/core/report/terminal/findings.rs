//! What to do: the failures with their remedies, those that block most first; then what could not be judged; then the
//! warnings, and what is waived.

use super::evidence;
use super::page::{Ink, Page};
use crate::remedy::Block;
use crate::report::advice::Advice;
use crate::report::outcome;
use crate::report::summary::{Group, Summary, Told, finding};
use crate::report::{names, text};

/// The most bytes shown of what was seen; a JSON report has the whole text.
const LONGEST_SEEN: usize = 1500;
/// The most nodes shown one by one, if each is different.
const NODES: usize = 3;

pub(super) fn write(page: &mut Page, summary: &Summary) {
    for (at, group) in summary.failures.iter().enumerate() {
        found(page, summary, group, &numbered(group.outcome().word, at, summary.failures.len()));
        let seen = finding(group.cases[0]).map_or("", |finding| &finding.seen);
        evidence::write(page, group.cases[0], seen);
    }
    for (at, group) in summary.unjudged.iter().enumerate() {
        let title = text::one_line(&group.title());
        page.rule(group.outcome().tone.into(), &numbered("COULD NOT BE JUDGED", at, summary.unjudged.len()), &title);
        page.labelled("Claim", &group.cases[0].title);
        seen(page, "Because", &group.seen());
        consequences(page, summary, group);
        evidence::write(page, group.cases[0], &outcome::reason(&group.cases[0].ending).unwrap_or_default());
    }
    for (at, group) in summary.warnings.iter().enumerate() {
        found(page, summary, group, &numbered(group.outcome().word, at, summary.warnings.len()));
    }
    for (at, group) in summary.waived.iter().enumerate() {
        let word = group.outcome().word.to_uppercase();
        accepted(page, summary, group, &numbered(&word, at, summary.waived.len()));
    }
}

/// What was found, and what follows from it; of what somebody has accepted that is all.
fn accepted(page: &mut Page, summary: &Summary, group: &Group, set_off: &str) {
    let Some(first) = finding(group.cases[0]) else { return };
    page.rule(group.outcome().tone.into(), set_off, &text::one_line(&group.title()));
    page.labelled("What", &first.summary);
    seen(page, "Seen", &group.seen());
    known(page, group);
    consequences(page, summary, group);
}

/// What is known about a finding from before this run, and why it is accepted.
fn known(page: &mut Page, group: &Group) {
    for (label, told) in group.known() {
        match told.as_slice() {
            // The same of all of them.
            [one] => page.labelled(label, &one.words),
            several => seen(page, label, several),
        }
    }
}

fn numbered(word: &str, at: usize, all: usize) -> String {
    if all == 1 { word.to_owned() } else { format!("{word} {} of {all}", at + 1) }
}

fn found(page: &mut Page, summary: &Summary, group: &Group, set_off: &str) {
    accepted(page, summary, group, set_off);
    let Some(first) = finding(group.cases[0]) else { return };
    page.heading(Ink::Heading, "Why it matters");
    page.paragraph(2, &first.why);
    remedies(page, group);
}

/// The remedy, or one for each node if they differ by more than the node's name.
fn remedies(page: &mut Page, group: &Group) {
    let told = group.advice();
    for one in told.iter().take(NODES) {
        let on = match one.subjects.as_slice() {
            [first, others @ ..] if one.by_name => {
                format!(" on {}; similarly on {}", text::one_line(first), text::one_line(&names::some_of(others)))
            }
            subjects if told.len() > 1 => format!(" on {}", text::one_line(&names::some_of(subjects))),
            _ => String::new(),
        };
        if let Some(advice) = &one.words {
            advised(page, advice, &format!("To fix{on}"));
        }
    }
    if told.len() > NODES {
        let subjects: Vec<&str> = told[NODES..].iter().flat_map(|one| one.subjects.iter().copied()).collect();
        page.blank();
        let told =
            format!("Similarly, with other names, on {}; --report json has the commands.", names::some_of(&subjects));
        page.paragraph(0, &told);
    }
}

/// The fix under `heading`, then the commands that confirm it.
fn advised(page: &mut Page, advice: &Advice, heading: &str) {
    if !advice.fix.is_empty() {
        page.heading(Ink::Heading, heading);
    }
    for block in &advice.fix {
        match block {
            Block::Text(text) => page.paragraph(2, text),
            Block::Commands { text, shell: true } => page.commands(text),
            Block::Commands { text, shell: false } => page.lines_of_a_file(text),
        }
    }
    if let Some(commands) = &advice.confirm {
        page.heading(Ink::Heading, "Confirm");
        page.commands(commands);
    }
}

/// What there is to say about each case: once if only the node's name differs, else by node.
fn seen(page: &mut Page, label: &str, told: &[Told<String>]) {
    for (at, one) in told.iter().take(NODES).enumerate() {
        let label = if at == 0 { label } else { "" };
        let words = bounded(&one.words);
        match one.subjects.as_slice() {
            [_, others @ ..] if one.by_name => {
                page.labelled(label, &format!("{words}\nsimilarly on {}", names::some_of(others)));
            }
            [only] if one.words.contains(only) => page.labelled(label, &words),
            [] => page.labelled(label, &words),
            subjects => page.labelled(label, &format!("{words}\non {}", names::some_of(subjects))),
        }
    }
    if told.len() > NODES {
        let subjects: Vec<&str> = told[NODES..].iter().flat_map(|one| one.subjects.iter().copied()).collect();
        page.labelled("", &format!("and similarly on {}", names::some_of(&subjects)));
    }
}

fn consequences(page: &mut Page, summary: &Summary, group: &Group) {
    let (explained, blocked) = group.split(summary.report);
    if let Some((first, finding)) = explained.first().and_then(|case| Some((case, finding(case)?))) {
        let many = text::counted(explained.len(), "other failure", "other failures");
        let names = names::list(explained.iter().copied());
        page.labelled("Explains", &format!("{many}: {names}\n{}: {}", first.id, bounded(&finding.seen)));
    }
    if !blocked.is_empty() {
        let many = text::counted(blocked.len(), "other case", "other cases");
        page.labelled("Blocks", &format!("{many}: {}", names::list(blocked)));
    }
}

/// As much of what was seen as is shown.
fn bounded(seen: &str) -> String {
    match text::bounded(seen, LONGEST_SEEN) {
        (whole, 0) => whole.to_owned(),
        (cut, left) => format!("{cut}… ({left} bytes more)"),
    }
}
