//! What to fix, what could not be judged and what is flawed: each with what was seen, its remedy, what follows from it, and
//! the evidence.

use maud::{Markup, html};

use super::anchors::Anchors;
use super::cases::evidence;
use super::{class, line, lines};
use crate::record::Case;
use crate::remedy::Block;
use crate::report::advice::Advice;
use crate::report::summary::{Group, Summary, Told, finding, in_lines};
use crate::report::text::{self, Span};
use crate::report::{names, outcome};

/// The most causes of a section that are told in full; more than the catalogue has checks.
const IN_FULL: usize = 120;
/// The most subjects shown one by one, if each is different; of names in a list; of blocks in a remedy.
const SUBJECTS: usize = 5;
const NAMES: usize = 200;
const BLOCKS: usize = 30;

pub(super) fn sections(summary: &Summary, anchors: &Anchors) -> Markup {
    html! {
        (section(summary, anchors, "failures", "To fix", &summary.failures))
        (section(summary, anchors, "unjudged", "Could not be judged", &summary.unjudged))
        (section(summary, anchors, "warnings", "Warnings", &summary.warnings))
        (section(summary, anchors, "waived", "Waived", &summary.waived))
    }
}

fn section(summary: &Summary, anchors: &Anchors, id: &str, heading: &str, groups: &[Group]) -> Markup {
    html! {
        @if !groups.is_empty() {
            section aria-labelledby=(id) {
                h2 id=(id) { (heading) }
                @for group in groups.iter().take(IN_FULL) { (cause(summary, anchors, group)) }
                @if groups.len() > IN_FULL {
                    ul {
                        @for group in &groups[IN_FULL..] {
                            li id=[anchors.get(group.cases[0])] { (line(&group.title())) ": " (line(&group.gist())) }
                        }
                    }
                }
            }
        }
    }
}

fn cause(summary: &Summary, anchors: &Anchors, group: &Group) -> Markup {
    let outcome = group.outcome();
    let case = group.cases[0];
    html! {
        article class=(class(outcome.tone)) {
            h3 id=[anchors.get(case)] {
                span class=(class(outcome.tone)) { (outcome.mark) " " (outcome.word) } " " (line(&group.title()))
                @if let Some(about) = group.about() { span.about { " " (line(&about)) } }
            }
            p { (line(&group.gist())) }
            p.faint { "Claim: " (line(&case.title)) }
            @for one in group.seen().iter().take(SUBJECTS) {
                @if let Some(on) = on(one) { p.on { (on) } }
                pre tabindex="0" { (lines(&one.words)) }
            }
            @for (label, told) in group.known() {
                @for known in in_lines(label, &told).iter().take(SUBJECTS) { p { (line(known)) } }
            }
            @if let Some(found) = finding(case) {
                p { strong { "Why it matters. " } (prose(&found.why)) }
                (remedies(group))
            }
            (consequences(summary, group))
            (evidence(case, "Evidence"))
        }
    }
}

fn remedies(group: &Group) -> Markup {
    let told = group.advice();
    html! {
        @for one in told.iter().take(SUBJECTS) {
            @if let Some(advice) = &one.words {
                h4 { "To fix" }
                @if told.len() > 1 || one.by_name { @if let Some(on) = on(one) { p.on { (on) } } }
                (advised(advice))
            }
        }
        @if told.len() > SUBJECTS {
            p { "Similarly, with other names, on the " (told.len() - SUBJECTS) " others; the JSON report has the commands." }
        }
    }
}

fn advised(advice: &Advice) -> Markup {
    html! {
        @for block in advice.fix.iter().take(BLOCKS) {
            @match block {
                Block::Text(text) => p { (prose(text)) },
                Block::Commands { text, shell } => pre.commands[*shell] tabindex="0" { code { (lines(text)) } },
            }
        }
        @if let Some(commands) = &advice.confirm {
            h4 { "Confirm" }
            pre.commands tabindex="0" { code { (lines(commands)) } }
        }
    }
}

/// A paragraph of a remedy: what stands between backquotes is code.
fn prose(told: &str) -> Markup {
    let line = line(told);
    html! {
        @for span in text::spans(&line) {
            @match span {
                Span::Plain(plain) => (plain),
                Span::Code(inner) => code { (inner) },
            }
        }
    }
}

/// Which subjects the words are about.
fn on<T>(one: &Told<T>) -> Option<String> {
    match one.subjects.as_slice() {
        [] => None,
        [first, others @ ..] if one.by_name && !others.is_empty() => {
            Some(line(&format!("On {first}; similarly on {}:", names::some_of(others))))
        }
        subjects => Some(line(&format!("On {}:", names::some_of(subjects)))),
    }
}

fn consequences(summary: &Summary, group: &Group) -> Markup {
    let (explained, blocked) = group.split(summary.report);
    html! {
        (folded("other failure that it explains", "other failures that it explains", &explained))
        (folded("case that it blocks", "cases that it blocks", &blocked))
    }
}

fn folded(one: &str, many: &str, cases: &[&Case]) -> Markup {
    let names = names::folded(cases.iter().copied());
    html! {
        @if !cases.is_empty() {
            details {
                summary { (text::counted(cases.len(), one, many)) }
                ul {
                    @for name in names.iter().take(NAMES) { li { (line(name)) } }
                    @if names.len() > NAMES { li { "… and " (names.len() - NAMES) " more" } }
                }
                @if let Some(found) = cases.first().and_then(|case| finding(case)) {
                    p { (line(&cases[0].id.to_string())) ": " (line(&found.seen)) }
                } @else if let Some(reason) = cases.first().and_then(|case| outcome::reason(&case.ending)) {
                    p.faint { (line(&cases[0].id.to_string())) ": " (line(&reason)) }
                }
            }
        }
    }
}
