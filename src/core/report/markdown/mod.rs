//! The report for a ticket, a pull request or `$GITHUB_STEP_SUMMARY`, in GitHub's Markdown, which GitLab reads as well.
//! What comes from outside is text and stays text: [`escape`].

pub mod escape;

use std::fmt::Write as _;

use super::advice::Advice;
use super::summary::{Group, Summary, Told, finding, in_lines};
use super::{names, text};
use crate::record::{Case, Report};
use crate::remedy::Block;
use escape::{code, fenced, prose};

/// The most causes told in full, and named at all. A comment on GitHub holds 65,536 characters.
const IN_FULL: usize = 8;
const NAMED: usize = 40;
/// The most bytes of what was seen, of a paragraph and of one block of commands; a JSON report has the whole.
const LONGEST: usize = 1500;
/// The most subjects shown one by one, if each is different, and the most blocks of a remedy.
const SUBJECTS: usize = 3;
const BLOCKS: usize = 12;

/// The report in Markdown, ending in a newline.
pub(super) fn render(report: &Report) -> String {
    let summary = Summary::of(report);
    let mut out = String::new();
    head(&mut out, &summary);
    let groups: Vec<&Group> = summary.to_fix().collect();
    for group in groups.iter().take(IN_FULL) {
        cause(&mut out, &summary, group);
    }
    also(&mut out, "More to fix", groups.get(IN_FULL..).unwrap_or_default());
    also(&mut out, "Warnings", &summary.warnings.iter().collect::<Vec<_>>());
    also(&mut out, "Waived", &summary.waived.iter().collect::<Vec<_>>());
    things(&mut out, "Waivers without use: remove them from the site file", &report.unused_waivers);
    not_asked(&mut out, &summary);
    things(
        &mut out,
        "Left behind: created by this run and not removed; `ackcheck cleanup` removes it",
        &report.left_behind,
    );
    let _ = writeln!(
        out,
        "ackcheck {}, started {:.0}, took {}",
        code(&bounded(&report.version)),
        report.started,
        text::time(report.took)
    );
    out
}

fn head(out: &mut String, summary: &Summary) {
    let (verdict, _) = summary.verdict();
    let _ = writeln!(out, "## ackcheck: {verdict}\n");
    let _ = writeln!(out, "Site: {}\n", code(&bounded(&summary.report.site)));
    if let Some(reason) = &summary.report.interrupted {
        let _ = writeln!(out, "**Stopped early**, this report is incomplete: {}\n", prose(&bounded(reason)));
    }
    if let Some(headline) = summary.headline() {
        let _ = writeln!(out, "**{}**\n", prose(&bounded(&headline)));
    }
    let _ = writeln!(out, "{}; {}.\n", summary.counted(), prose(&bounded(&summary.asked())));
    if let Some(missing) = summary.missing() {
        let _ = writeln!(out, "{}\n", prose(&bounded(&missing)));
    }
}

/// `✗ FAIL oss-write/denied (bucket lab-dss-data): what is wrong`.
fn in_a_line(group: &Group) -> String {
    let outcome = group.outcome();
    let about = group.about().map(|about| format!(" ({})", code(&bounded(&about)))).unwrap_or_default();
    let title = code(&bounded(&group.title()));
    format!("{} {} {title}{about}: {}", outcome.mark, outcome.word, prose(&bounded(&group.gist())))
}

fn cause(out: &mut String, summary: &Summary, group: &Group) {
    let outcome = group.outcome();
    let _ = writeln!(out, "### {} {} {}\n", outcome.mark, outcome.word, code(&bounded(&group.title())));
    let _ = writeln!(out, "{}\n", prose(&bounded(&group.gist())));
    for one in group.seen().iter().take(SUBJECTS) {
        if let Some(on) = on(one) {
            let _ = writeln!(out, "{on}\n");
        }
        fence(out, &one.words, "text");
    }
    known(group).for_each(|known| out.push_str(&format!("{known}\n\n")));
    if let Some(found) = finding(group.cases[0]) {
        out.push_str("<details><summary>To fix</summary>\n\n");
        let _ = writeln!(out, "Why it matters: {}\n", prose(&bounded(&found.why)));
        remedies(out, group);
        out.push_str("</details>\n\n");
    }
    let (explained, blocked) = group.split(summary.report);
    consequences(out, "explained", &explained);
    consequences(out, "blocked", &blocked);
}

/// What is known about a finding from before this run, and why it is accepted.
fn known(group: &Group) -> impl Iterator<Item = String> {
    let told = group.known();
    told.into_iter().flat_map(|(label, told)| in_lines(label, &told)).take(SUBJECTS).map(|line| prose(&bounded(&line)))
}

fn remedies(out: &mut String, group: &Group) {
    let told = group.advice();
    for one in told.iter().take(SUBJECTS) {
        let Some(advice) = &one.words else { continue };
        if let Some(on) = on(one).filter(|_| told.len() > 1 || one.by_name) {
            let _ = writeln!(out, "{on}\n");
        }
        advised(out, advice);
    }
    if told.len() > SUBJECTS {
        out.push_str("Similarly, with other names, on the others; the HTML and JSON reports have the commands.\n\n");
    }
}

fn advised(out: &mut String, advice: &Advice) {
    for block in advice.fix.iter().take(BLOCKS) {
        match block {
            Block::Text(text) => {
                let _ = writeln!(out, "{}\n", prose(&bounded(text)));
            }
            Block::Commands { text, shell } => fence(out, text, if *shell { "sh" } else { "text" }),
        }
    }
    if let Some(commands) = &advice.confirm {
        out.push_str("Confirm:\n\n");
        fence(out, commands, "sh");
    }
}

/// Which subjects the words are about, where there are any.
fn on<T>(one: &Told<T>) -> Option<String> {
    match one.subjects.as_slice() {
        [] => None,
        [first, others @ ..] if one.by_name && !others.is_empty() => {
            let others = bounded(&names::some_of(others));
            Some(format!("On {}; similarly on {}:", code(&bounded(first)), code(&others)))
        }
        subjects => Some(format!("On {}:", code(&bounded(&names::some_of(subjects))))),
    }
}

fn consequences(out: &mut String, what: &str, cases: &[&Case]) {
    if cases.is_empty() {
        return;
    }
    let many = text::counted(cases.len(), "consequence", "consequences");
    let _ = writeln!(out, "<details><summary>{many} {what}</summary>\n");
    let names = names::folded(cases.iter().copied());
    for name in names.iter().take(NAMED) {
        let _ = writeln!(out, "- {}", code(&bounded(name)));
    }
    let left = names.len().saturating_sub(NAMED);
    if left > 0 {
        let _ = writeln!(out, "- … and {left} more");
    }
    out.push_str("\n</details>\n\n");
}

fn also(out: &mut String, heading: &str, groups: &[&Group]) {
    if groups.is_empty() {
        return;
    }
    let _ = writeln!(out, "### {heading}\n");
    for group in groups.iter().take(NAMED) {
        let _ = writeln!(out, "- {}", in_a_line(group));
        known(group).for_each(|known| out.push_str(&format!("  - {known}\n")));
    }
    let left = groups.len().saturating_sub(NAMED);
    if left > 0 {
        let _ = writeln!(out, "- … and {left} more");
    }
    out.push('\n');
}

fn things(out: &mut String, heading: &str, things: &[String]) {
    if things.is_empty() {
        return;
    }
    let _ = writeln!(out, "### {heading}\n");
    for thing in things.iter().take(NAMED) {
        let _ = writeln!(out, "- {}", code(&bounded(thing)));
    }
    out.push('\n');
}

fn not_asked(out: &mut String, summary: &Summary) {
    if summary.not_asked.is_empty() {
        return;
    }
    out.push_str("<details><summary>Not asked, and why</summary>\n\n");
    for same in summary.not_asked.iter().take(NAMED) {
        let (word, many) = (same.outcome.word, text::counted(same.cases.len(), "case", "cases"));
        let names = names::list(same.cases.iter().copied());
        let _ = writeln!(out, "- {word}, {many}: {} ({})", prose(&bounded(&same.reason)), code(&bounded(&names)));
    }
    out.push_str("\n</details>\n\n");
}

fn fence(out: &mut String, text: &str, language: &str) {
    let _ = writeln!(out, "{}\n", fenced(&bounded(text), language));
}

fn bounded(told: &str) -> String {
    match text::bounded(told, LONGEST) {
        (whole, 0) => whole.to_owned(),
        (cut, left) => format!("{cut}… ({left} bytes more)"),
    }
}
