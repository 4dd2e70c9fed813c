//! The report for a person, perhaps at two in the morning: every case in a line, then what to do, worst first.

mod cases;
mod evidence;
mod findings;
pub(crate) mod page;
mod remedy;
mod rest;

use super::causes::Causes;
use super::{Options, text};
use crate::record::{Case, Ending, Report};
use page::{Ink, Page, counted};

/// The report, laid out for a width.
pub(super) fn render(report: &Report, options: Options) -> String {
    let mut page = Page::new(options);
    let causes = Causes::of(report);
    header(&mut page, report);
    cases::write(&mut page, report);
    findings::write(&mut page, report, &causes);
    rest::write(&mut page, report, &causes);
    closing(&mut page, report);
    page.finish()
}

/// The word a case's line starts with, as wide as the widest.
pub(super) fn word(ending: &Ending) -> &'static str {
    match ending {
        Ending::Pass => "pass   ",
        Ending::Warn(_) => "WARN   ",
        Ending::Fail(_) => "FAIL   ",
        Ending::NotApplicable { .. } => "n/a    ",
        Ending::Blocked { .. } => "blocked",
        Ending::Broken { .. } => "BROKEN ",
        Ending::TimedOut { .. } => "TIMEOUT",
        Ending::Skipped { .. } => "skipped",
    }
}

fn ink(ending: &Ending) -> Ink {
    match ending {
        Ending::Pass => Ink::Good,
        Ending::Fail(_) => Ink::Bad,
        Ending::Warn(_) | Ending::Broken { .. } | Ending::TimedOut { .. } => Ink::Doubtful,
        Ending::NotApplicable { .. } | Ending::Blocked { .. } | Ending::Skipped { .. } => Ink::Faint,
    }
}

fn header(page: &mut Page, report: &Report) {
    let name = page.ink(Ink::Heading, &format!("ackcheck {}", text::one_line(&report.version)));
    page.line(&name);
    page.labelled("Site", &report.site);
    if !report.options.is_empty() {
        let options: Vec<String> = report.options.iter().map(|(name, value)| option(name, value)).collect();
        page.labelled("Options", &options.join(", "));
    }
    page.labelled("Started", &format!("{:.0}, took {}", report.started, text::time(report.took)));
    if let Some(reason) = &report.interrupted {
        page.labelled("STOPPED", &format!("early ({reason}): this report is incomplete"));
    }
}

fn option(name: &str, value: &str) -> String {
    match value {
        "" => name.to_owned(),
        value if value.contains([' ', ',']) => format!("{name}=\"{value}\""),
        value => format!("{name}={value}"),
    }
}

/// How much of the catalogue was asked, and which required checks were not, so that nobody takes a part for the whole.
fn asked(page: &mut Page, report: &Report) {
    let missing: Vec<&str> = report.undescribed.iter().map(String::as_str).collect();
    let without = if missing.is_empty() { String::new() } else { format!("; no {}", missing.join(", no ")) };
    page.paragraph(0, &format!("asked {} of {} checks{without}", report.asked(), report.catalogue));
    let required: Vec<&Case> = report.cases.iter().filter(|case| case.is_missing()).collect();
    if !required.is_empty() {
        let names = rest::folded(required.into_iter());
        page.paragraph(0, &format!("required but not judged: {names}"));
    }
}

/// One line with the counts, and one with what the exit code means.
fn closing(page: &mut Page, report: &Report) {
    let tally = report.tally();
    let counts = [
        (tally.fail, "failed", Ink::Bad),
        (tally.broken + tally.timed_out, "could not be judged", Ink::Doubtful),
        (tally.blocked, "blocked", Ink::Plain),
        (tally.warn, if tally.warn == 1 { "warning" } else { "warnings" }, Ink::Doubtful),
        (tally.pass, "passed", Ink::Good),
        (tally.not_applicable, "not applicable", Ink::Plain),
        (tally.skipped, "skipped", Ink::Plain),
    ];
    let told: Vec<(String, Ink)> = counts
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, what, ink)| (format!("{count} {what}"), ink))
        .collect();
    page.blank();
    page.counts(&counted(report.cases.len(), "case", "cases"), &told);
    asked(page, report);
    let code = report.exit_code();
    let meaning = match code {
        0 => "everything that was checked holds",
        1 => "at least one check failed",
        2 if report.cases.iter().any(Case::is_missing) => "a required check was not judged",
        2 => "at least one check could not be judged",
        4 => "nothing was judged: no check was selected, or none applies",
        _ => "stopped early",
    };
    let ink = match code {
        0 => Ink::Good,
        1 => Ink::Bad,
        _ => Ink::Doubtful,
    };
    for line in text::wrap(&format!("exit {code}: {meaning}"), page.width) {
        let line = page.ink(ink, &line);
        page.line(&line);
    }
}
