//! Every case below the part or way of the deployment that it is about, those of one check that ended alike in one line.

use maud::{Markup, html};

use super::anchors::Anchors;
use super::places::Found;
use super::{class, line, lines, picture, tone};
use crate::record::{Case, Report};
use crate::report::alike::{Line, fold};
use crate::report::outcome::{Outcome, Tone};
use crate::report::summary::{finding, said};
use crate::report::telling::{choose, telling_words};
use crate::report::{names, outcome, text};

/// The most entries of evidence, and the most bytes of a question or an answer of a case that holds.
const ENTRIES: usize = 6;
const LONGEST_ANSWER: usize = 700;
/// The most lines of one check, and how many of them have their evidence.
const LINES: usize = 30;
const LINES_WITH_EVIDENCE: usize = 5;
/// The most of the cases that took longest.
const SLOWEST: usize = 10;

pub(super) fn section(found: &[Found], anchors: &Anchors) -> Markup {
    html! {
        section aria-labelledby="cases" {
            h2 id="cases" { "Every case" }
            @for found in found.iter().filter(|found| !found.cases.is_empty()) {
                h3 id=(found.place.id) {
                    span class=(tone(found.outcome())) { (picture::mark(found.outcome())) } " " (found.place.title)
                    span.about { " " (found.place.proves) ": " (line(&found.words())) }
                }
                ul.cases {
                    @for of_check in fold(&found.cases).chunk_by(|one, other| one.first().id.check == other.first().id.check) {
                        (rows(of_check, anchors))
                    }
                }
            }
            @for found in found.iter().filter(|found| found.cases.is_empty()) {
                h3 id=(found.place.id) { (found.place.title) span.about { " not in this run" } }
            }
        }
    }
}

/// The lines of one check: where each of thousands of nodes ended in its own way, some of them.
fn rows(of_check: &[Line], anchors: &Anchors) -> Markup {
    let left: usize = of_check.iter().skip(LINES).map(|line| line.cases.len()).sum();
    html! {
        @for (at, same) in of_check.iter().take(LINES).enumerate() { (row(same, anchors, at < LINES_WITH_EVIDENCE)) }
        @if left > 0 {
            li { "… and " (text::counted(left, "more case", "more cases")) " of " code { (line(&of_check[0].first().id.check)) } }
        }
    }
}

fn row(same: &Line, anchors: &Anchors, with_evidence: bool) -> Markup {
    let case = same.first();
    let outcome = Outcome::of(&case.ending);
    html! {
        li data-outcome=(outcome.word) {
            span class=(format!("word {}", class(outcome.tone))) { (outcome.mark) " " (outcome.word) } " "
            code { (line(&same.name)) } " "
            span.said { (line(&said(case))) } " "
            @if outcome.tone != Tone::Faint { span.time { (text::time(same.took)) } }
            @if let Some(anchor) = anchors.get(case) { " " a href=(format!("#{anchor}")) { "more" } }
            @if same.cases.len() > 1 { (about(&same.cases)) }
            @if with_evidence { (evidence(case, "Evidence")) }
        }
    }
}

/// Which subjects share a line.
fn about(cases: &[&Case]) -> Markup {
    let names: Vec<String> = cases.iter().filter_map(|case| Some(case.id.subject.as_ref()?.to_string())).collect();
    html! { span.faint.names { " " (line(&names::some_of(&names))) } }
}

/// The evidence of a case, folded: what speaks of what was seen. Long answers are cut.
pub(super) fn evidence(case: &Case, heading: &str) -> Markup {
    let seen =
        finding(case).map_or_else(|| outcome::reason(&case.ending).unwrap_or_default(), |found| found.seen.clone());
    let chosen = choose(&case.evidence, &telling_words(&seen), ENTRIES);
    let left = case.evidence.len() - chosen.len();
    let cut = |told: &str| match text::bounded(told, LONGEST_ANSWER) {
        (whole, 0) => lines(whole),
        (cut, left) => lines(&format!("{cut}… ({left} bytes more)")),
    };
    html! {
        @if !case.evidence.is_empty() {
            details.evidence {
                summary { (heading) ", " (text::counted(case.evidence.len(), "answer", "answers")) }
                @if left > 0 { p.faint { (left) " more in the JSON report" } }
                dl {
                    @for entry in chosen {
                        dt { (entry.vantage.name()) ", " (text::time(entry.took)) ": " (line(&cut(&entry.asked))) }
                        dd { pre tabindex="0" { (cut(&entry.answered)) } }
                    }
                }
            }
        }
    }
}

pub(super) fn slowest(report: &Report) -> Markup {
    let mut cases: Vec<&Case> = report.cases.iter().filter(|case| !case.took.is_zero()).collect();
    cases.sort_by_key(|case| std::cmp::Reverse(case.took));
    html! {
        ol { @for case in cases.iter().take(SLOWEST) { li { (line(&case.id.to_string())) ", " (text::time(case.took)) } } }
    }
}
