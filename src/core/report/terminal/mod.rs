//! The report for a person, perhaps at two in the morning: the verdict and its causes on the first screen, every case in a
//! line, then what to do, worst first.

mod cases;
mod evidence;
mod findings;
pub(crate) mod page;
mod rest;

use super::outcome::{Tone, WIDEST};
use super::summary::Summary;
use super::{Options, text};
use crate::record::Report;
use page::{Ink, Page};

/// The most causes that the first screen lists.
const CAUSES: usize = 10;

/// The report, laid out for a width.
pub(super) fn render(report: &Report, options: Options) -> String {
    let mut page = Page::new(options);
    let summary = Summary::of(report);
    header(&mut page, report);
    verdict(&mut page, &summary);
    cases::write(&mut page, report);
    findings::write(&mut page, &summary);
    rest::write(&mut page, &summary);
    closing(&mut page, &summary);
    page.finish()
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

/// What became of the run, and what is behind it.
fn verdict(page: &mut Page, summary: &Summary) {
    page.blank();
    toned(page, summary.verdict());
    if let Some(headline) = summary.headline() {
        page.paragraph(0, &headline);
    }
    for group in summary.to_fix().take(CAUSES) {
        let word = page.ink(group.outcome().tone.into(), &format!("{:WIDEST$}", group.outcome().word));
        let about = group.about().map(|about| format!(" [{about}]")).unwrap_or_default();
        let line = text::one_line(&format!("{}{about}: {}", group.title(), group.gist()));
        let indent = 2 + WIDEST + 1;
        let room = page.width - indent;
        // On a narrow page a cause may take a second line, and no more: the screen is for all of them.
        let mut lines = text::wrap(&line, room).into_iter();
        let first = lines.next().unwrap_or_default();
        page.line(&format!("  {word} {first}"));
        let rest: Vec<String> = lines.collect();
        if !rest.is_empty() {
            page.line(&format!("{:indent$}{}", "", text::shorten(&rest.join(" "), room)));
        }
    }
    let left = summary.to_fix().count().saturating_sub(CAUSES);
    if left > 0 {
        page.line(&format!("  … and {left} more below"));
    }
}

/// The counts again where a long report leaves the reader, how much was asked, and what the exit code means.
fn closing(page: &mut Page, summary: &Summary) {
    let (all, counts) = summary.counts();
    page.blank();
    page.counts(&all, &counts);
    page.paragraph(0, &summary.asked());
    if let Some(missing) = summary.missing() {
        page.paragraph(0, &missing);
    }
    toned(page, summary.exit());
}

fn toned(page: &mut Page, (line, tone): (String, Tone)) {
    for line in text::wrap(&line, page.width) {
        let line = page.ink(tone.into(), &line);
        page.line(&line);
    }
}
