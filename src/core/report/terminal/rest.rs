//! What does not need a remedy: blocked cases by cause, what was not asked by reason, and what was left behind.

use std::collections::BTreeSet;

use super::page::{Ink, Page};
use crate::record::Ending;
use crate::report::outcome::{Outcome, WIDEST};
use crate::report::summary::Summary;
use crate::report::{names, text};

/// Names get a line of their own rather than fewer columns than this.
const FEWEST_COLUMNS: usize = 20;

pub(super) fn write(page: &mut Page, summary: &Summary) {
    blocked(page, summary);
    not_asked(page, summary);
    if !summary.report.unused_waivers.is_empty() {
        page.heading(Ink::Doubtful, "Waivers without use: remove them from the site file");
        for waiver in &summary.report.unused_waivers {
            page.list(2, "-", waiver);
        }
    }
    let left_behind = &summary.report.left_behind;
    if !left_behind.is_empty() {
        page.heading(Ink::Doubtful, "Left behind: created by this run and not removed");
        for thing in left_behind {
            page.list(2, "-", thing);
        }
        page.list(2, "→", "`ackcheck cleanup` with the same site file removes it");
    }
}

fn blocked(page: &mut Page, summary: &Summary) {
    let cases = &summary.report.cases;
    let is_blocked = |at: &usize| matches!(cases[*at].ending, Ending::Blocked { .. });
    let all = (0..cases.len()).filter(is_blocked).count();
    if all == 0 {
        return;
    }
    let why = if all == 1 { "a check it depends on failed" } else { "a check they depend on failed" };
    page.heading(Ink::Heading, &format!("{all} blocked: {why}"));
    // To the reader, all blocking subjects of one check are one cause.
    let mut lines: Vec<(String, BTreeSet<usize>)> = Vec::new();
    for (index, case) in cases.iter().enumerate() {
        let blocked: BTreeSet<usize> = summary.causes.consequences(index).into_iter().filter(is_blocked).collect();
        if blocked.is_empty() {
            continue;
        }
        let lead = format!("{} ({})", case.id.check, Outcome::of(&case.ending).word);
        match lines.iter_mut().find(|(same, _)| *same == lead) {
            Some((_, all)) => all.extend(blocked),
            None => lines.push((lead, blocked)),
        }
    }
    for (name, blocked) in summary.causes.absent() {
        lines.push((format!("{name} (not in this report)"), blocked.clone()));
    }
    for (lead, blocked) in lines {
        let names = names::list(blocked.iter().map(|&at| &cases[at]));
        page.list(2, &format!("{} blocked by {lead}:", blocked.len()), &names);
    }
}

/// One line a reason, or two where the page is too narrow: the reason whole, and as many names as there is room for.
fn not_asked(page: &mut Page, summary: &Summary) {
    if !summary.not_asked.is_empty() {
        page.heading(Ink::Heading, "Not asked");
    }
    for same in &summary.not_asked {
        let word = page.ink(same.outcome.tone.into(), &format!("{:WIDEST$}", same.outcome.word));
        let lead = format!("{}: {}", text::counted(same.cases.len(), "case", "cases"), text::one_line(&same.reason));
        let names = text::one_line(&names::folded(same.cases.iter().copied()).join(", "));
        let filled = 2 + WIDEST + 1;
        let room = page.width.saturating_sub(filled + text::columns(&lead) + 3);
        if room >= text::columns(&names).min(FEWEST_COLUMNS) {
            page.line(&format!("  {word} {lead} ({})", text::shorten(&names, room)));
            continue;
        }
        for (at, line) in text::wrap(&lead, page.width - filled).iter().enumerate() {
            let word = if at == 0 { word.as_str() } else { "" };
            let fill = if at == 0 { 0 } else { WIDEST };
            page.line(&format!("  {word}{:fill$} {line}", ""));
        }
        page.line(&format!("{:filled$}({})", "", text::shorten(&names, page.width - filled - 2)));
    }
}
