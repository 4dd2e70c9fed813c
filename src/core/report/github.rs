//! The report as annotations of a job of GitHub Actions: workflow commands, which its runner reads from the log.
//!
//! GitHub shows ten errors and ten warnings of a step, so that each cause is one command, the one to begin with first.

use super::advice::essence;
use super::summary::{Group, Summary, finding, in_lines};
use super::text;
use crate::record::Report;

/// The most bytes of a title and of a message; GitHub cuts longer ones itself, at 4 KiB.
const LONGEST_TITLE: usize = 200;
const LONGEST: usize = 2000;

/// The report as lines of `::error`, `::warning` and `::notice`.
pub(super) fn render(report: &Report) -> String {
    let summary = Summary::of(report);
    let mut out = String::new();
    if let Some(reason) = &report.interrupted {
        command(&mut out, "error", "stopped early", reason);
    }
    if let Some(missing) = summary.missing() {
        command(&mut out, "error", "a required check was not judged", &missing);
    }
    for group in summary.to_fix() {
        command(&mut out, "error", &title(group), &message(group));
    }
    for group in &summary.warnings {
        command(&mut out, "warning", &title(group), &message(group));
    }
    for group in &summary.waived {
        let waived: Vec<String> = group.known().iter().flat_map(|(label, told)| in_lines(label, told)).collect();
        command(&mut out, "notice", &title(group), &format!("{}\n{}", group.gist(), waived.join("\n")));
    }
    let (verdict, _) = summary.verdict();
    command(
        &mut out,
        "notice",
        &format!("ackcheck: {verdict}"),
        &format!("{}; {}", summary.counted(), summary.asked()),
    );
    out
}

fn title(group: &Group) -> String {
    match group.about() {
        Some(about) => format!("{} [{about}]", group.title()),
        None => group.title(),
    }
}

/// What is wrong, what was seen, and the first thing to do.
fn message(group: &Group) -> String {
    let Some(finding) = finding(group.cases[0]) else { return group.gist() };
    let fix = essence(&finding.remedy).map(|essence| format!("\nTo fix: {essence}")).unwrap_or_default();
    format!("{}\nSeen: {}{fix}", finding.summary, finding.seen)
}

fn command(out: &mut String, name: &str, title: &str, message: &str) {
    let lines: Vec<String> = message.lines().map(text::one_line).collect();
    let (title, message) = (text::one_line(title), lines.join("\n"));
    let title = property(text::bounded(&title, LONGEST_TITLE).0);
    out.push_str(&format!("::{name} title={title}::{}\n", data(text::bounded(&message, LONGEST).0)));
}

/// As the runner takes the text of a command: it ends at the end of a line.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// As it takes a property: that ends at a comma or a colon too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
