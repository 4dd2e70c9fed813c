//! The report as a page: one file, which asks no network and needs no script to be read. On top the verdict and what to
//! begin with, then a picture of the deployment, what to fix, and every case below the part or way that it is about.

mod anchors;
mod cases;
mod causes;
mod facts;
mod picture;
mod places;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::outcome::{Outcome, Tone};
use super::summary::{Group, Summary};
use super::text;
use crate::record::Report;
use anchors::Anchors;
use places::Found;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
/// The only script that a browser runs in this page, whatever else should get into it: the SHA-256 of `script.js`.
const SCRIPT_DIGEST: &str = include_str!("script.sha256");
/// The most bytes of a text in a line, and of one that stands for itself; a JSON report has the whole.
const LONGEST_LINE: usize = 1500;
const LONGEST_TEXT: usize = 8 * 1024;

/// The places of the picture and the checks that belong to each.
pub(super) fn places() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    places::ALL.into_iter().map(|place| (place.id, place.checks))
}

/// The report as HTML, ending in a newline.
pub(super) fn render(report: &Report) -> String {
    let summary = Summary::of(report);
    let found = Found::of(report);
    let anchors = Anchors::of(&summary);
    let (verdict, tone) = summary.verdict();
    let allowed = format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        SCRIPT_DIGEST.trim()
    );
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(allowed);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "ackcheck: " (verdict) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "To the report" }
                header { (head(&summary, &anchors, &verdict, tone)) }
                nav aria-label="Sections" { (contents(&summary)) }
                main id="main" {
                    section aria-labelledby="picture" {
                        h2 id="picture" { "The deployment" }
                        (legend())
                        (picture::picture(report, &found))
                        (picture::in_words(&found))
                    }
                    (causes::sections(&summary, &anchors))
                    (cases::section(&found, &anchors))
                    (not_asked(&summary))
                    (run(report))
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string() + "\n"
}

fn head(summary: &Summary, anchors: &Anchors, verdict: &str, tone: Tone) -> Markup {
    let report = summary.report;
    let (all, counts) = summary.counts();
    html! {
        h1 class=(class(tone)) { "ackcheck: " (verdict) }
        p.site { (line(&report.site)) }
        @if let Some(reason) = &report.interrupted {
            p.doubtful { strong { "Stopped early" } ", this report is incomplete: " (line(reason)) }
        }
        p.counts {
            (all) ": "
            @for (at, (count, tone)) in counts.iter().enumerate() {
                @if at > 0 { ", " }
                span class=(class(*tone)) { (count) }
            }
            "; " (line(&summary.asked()))
        }
        @if let Some(missing) = summary.missing() { p.doubtful { (line(&missing)) } }
        @if let Some(first) = summary.first() { (begin(summary, anchors, first)) }
    }
}

/// The one thing to begin with.
fn begin(summary: &Summary, anchors: &Anchors, first: &Group) -> Markup {
    html! {
        p class=(format!("begin {}", tone(Some(first.outcome())))) {
            @if let Some(headline) = summary.headline() { (line(&headline)) br; }
            a href=[anchors.get(first.cases[0]).map(|anchor| format!("#{anchor}"))] { (line(&first.title())) }
            @if let Some(about) = first.about() { " (" (line(&about)) ")" }
            ": " (line(&first.gist()))
        }
    }
}

fn contents(summary: &Summary) -> Markup {
    let sections = [
        ("picture", "The deployment", true),
        ("failures", "To fix", !summary.failures.is_empty()),
        ("unjudged", "Could not be judged", !summary.unjudged.is_empty()),
        ("warnings", "Warnings", !summary.warnings.is_empty()),
        ("waived", "Waived", !summary.waived.is_empty()),
        ("cases", "Every case", true),
        ("not-asked", "Not asked", !summary.not_asked.is_empty()),
        ("run", "The run", true),
    ];
    html! {
        ul {
            @for (id, title, is_there) in sections {
                @if is_there { li { a href=(format!("#{id}")) { (title) } } }
            }
        }
    }
}

/// What the marks mean.
fn legend() -> Markup {
    html! {
        p.legend {
            @for (at, outcome) in Outcome::BY_GRAVITY.iter().enumerate() {
                @if at > 0 { " · " }
                span class=(class(outcome.tone)) { (outcome.mark) " " (outcome.word) }
            }
            ". An arrow with a head leads where it points; one with a bar stops short of it; one with neither was not asked."
        }
    }
}

fn not_asked(summary: &Summary) -> Markup {
    html! {
        @if !summary.not_asked.is_empty() {
            section aria-labelledby="not-asked" {
                h2 id="not-asked" { "Not asked, and why" }
                ul {
                    @for same in &summary.not_asked {
                        li {
                            span class=(class(same.outcome.tone)) { (same.outcome.mark) " " (same.outcome.word) } ", "
                            (text::counted(same.cases.len(), "case", "cases")) ": " (line(&same.reason))
                            " " span.faint { "(" (line(&super::names::folded(same.cases.iter().copied()).join(", "))) ")" }
                        }
                    }
                }
            }
        }
    }
}

/// The run itself: when, how, for how long, and what it left behind.
fn run(report: &Report) -> Markup {
    html! {
        section aria-labelledby="run" {
            h2 id="run" { "The run" }
            dl {
                dt { "ackcheck" } dd { (line(&report.version)) }
                dt { "Started" } dd { (format!("{:.0}", report.started)) }
                dt { "Took" } dd { (text::time(report.took)) }
                dt { "Exit code" } dd { (report.exit_code()) }
                @for (name, value) in report.options.iter().take(40) { dt { (line(name)) } dd { (line(value)) } }
            }
            @if !report.unused_waivers.is_empty() {
                h3 { "Waivers without use: remove them from the site file" }
                ul { @for waiver in report.unused_waivers.iter().take(100) { li { (line(waiver)) } } }
            }
            @if !report.left_behind.is_empty() {
                h3 { "Left behind: created by this run and not removed" }
                ul { @for thing in report.left_behind.iter().take(100) { li { (line(thing)) } } }
                p { code { "ackcheck cleanup" } " with the same site file removes it." }
            }
            h3 { "What took longest" }
            (cases::slowest(report))
        }
    }
}

/// The class of a tone, which style and picture go by.
fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "good",
        Tone::Bad => "bad",
        Tone::Doubtful => "doubtful",
        Tone::Faint => "faint",
    }
}

/// The class of an outcome; of none that of what was not asked.
fn tone(outcome: Option<&Outcome>) -> &'static str {
    class(outcome.map_or(Tone::Faint, |outcome| outcome.tone))
}

/// A text from outside, fit for a line.
fn line(told: &str) -> String {
    bounded(&text::one_line(told), LONGEST_LINE)
}

/// A text from outside with its lines, for what keeps them.
fn lines(told: &str) -> String {
    bounded(&text::visible(told), LONGEST_TEXT)
}

fn bounded(told: &str, most: usize) -> String {
    match text::bounded(told, most) {
        (whole, 0) => whole.to_owned(),
        (cut, left) => format!("{cut}… ({left} bytes more, in the JSON report)"),
    }
}
