//! The comparison for a person: what got worse first.

use super::{Comparison, Kind, words};
use crate::report::terminal::page::{Ink, Page};
use crate::report::{Options, text};

/// The most bytes shown of one detail; the reports have the whole.
const LONGEST: usize = 600;

/// The comparison, laid out for a width.
pub(super) fn render(comparison: &Comparison, options: Options) -> String {
    let mut page = Page::new(options);
    let title = page.ink(Ink::Heading, "Compared");
    page.line(&title);
    page.labelled("Before", &words::run(&comparison.before));
    page.labelled("After", &words::run(&comparison.after));
    deployment(&mut page, comparison);
    for kind in Kind::ALL {
        changes(&mut page, comparison, kind);
    }
    page.blank();
    let counts: Vec<(String, Ink)> = words::counts(comparison).into_iter().map(|count| (count, Ink::Plain)).collect();
    page.counts("cases", &counts);
    let ink = if comparison.exit_code() == 0 { Ink::Good } else { Ink::Bad };
    for line in text::wrap(&words::closing(comparison), page.width) {
        let line = page.ink(ink, &line);
        page.line(&line);
    }
    page.finish()
}

fn deployment(page: &mut Page, comparison: &Comparison) {
    if comparison.deployment.is_empty() && comparison.nodes.is_none() {
        return;
    }
    page.heading(Ink::Heading, "The deployment, and how it was looked at");
    for difference in &comparison.deployment {
        page.list(2, &format!("{}:", difference.what), &words::difference(difference));
    }
    if let Some(nodes) = &comparison.nodes {
        page.list(2, "nodes:", &words::nodes(nodes));
    }
}

fn changes(page: &mut Page, comparison: &Comparison, kind: Kind) {
    let changes: Vec<_> = comparison.changes.iter().filter(|change| change.kind == kind).collect();
    if changes.is_empty() {
        return;
    }
    let ink = match kind {
        Kind::NewFailure => Ink::Bad,
        Kind::NoLongerJudged | Kind::OtherFailure | Kind::NewWarning => Ink::Doubtful,
        Kind::Mended => Ink::Good,
        _ => Ink::Heading,
    };
    page.heading(ink, kind.heading());
    if !kind.has_findings() {
        for (way, names) in words::by_way(&changes) {
            page.list(2, &format!("{}:", bounded(&way)), &names);
        }
        return;
    }
    for change in changes {
        page.list(2, &format!("{}:", words::name(change)), &words::way(change));
        for (label, said) in words::details(change) {
            page.paragraph(6, &format!("{label}: {}", bounded(&said)));
        }
    }
}

fn bounded(said: &str) -> String {
    let line = text::one_line(said);
    match text::bounded(&line, LONGEST) {
        (whole, 0) => whole.to_owned(),
        (cut, left) => format!("{cut}… ({left} bytes more)"),
    }
}
