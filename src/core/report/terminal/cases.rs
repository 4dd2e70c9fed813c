//! Every case that was to be asked in a compact line, by area. Nodes for which a check ended alike share a line. What does
//! not apply or is skipped is told once, by reason.

use super::page::{Ink, Page};
use crate::record::{Case, Ending, Report};
use crate::report::alike::fold;
use crate::report::outcome::{Outcome, WIDEST};
use crate::report::summary::said;
use crate::report::text;

/// Columns of the names at most, and of the time.
const WIDEST_NAME: usize = 36;
const TIME: usize = 9;
/// The width from which name, text and time stand side by side; below it, texts other than claims get a line of their own.
const SIDE_BY_SIDE: usize = 80;

pub(super) fn write(page: &mut Page, report: &Report) {
    let all: Vec<&Case> = report.cases.iter().collect();
    let mut lines = fold(&all);
    lines.retain(|line| !matches!(line.first().ending, Ending::NotApplicable { .. } | Ending::Skipped { .. }));
    // A few long names, of nodes, shall not take the room from all texts.
    let most = WIDEST_NAME.min(page.width / 3);
    let column = lines.iter().map(|line| text::columns(&line.name)).filter(|&name| name <= most).max().unwrap_or(0);
    let mut area = None;
    for line in &lines {
        if area != Some(line.first().area) {
            area = Some(line.first().area);
            page.heading(Ink::Heading, line.first().area.name());
        }
        let outcome = Outcome::of(&line.first().ending);
        let word = page.ink(outcome.tone.into(), &format!("{:WIDEST$}", outcome.word));
        let said = text::one_line(&said(line.first()));
        if page.width < SIDE_BY_SIDE {
            page.line(&format!("  {word} {}", line.name));
            if !matches!(line.first().ending, Ending::Pass) {
                page.paragraph(2 + WIDEST + 1, text::bounded(&said, 2 * page.width).0);
            }
            continue;
        }
        // A name too long for its column takes what it needs: an id cut short could not be asked for again.
        let column = column.max(text::columns(&line.name));
        let room = page.width.saturating_sub(2 + WIDEST + 1 + column + 2 + TIME);
        let said = if room >= 8 { text::shorten(&said, room) } else { String::new() };
        let (gap, fill) = (column - text::columns(&line.name), room.saturating_sub(text::columns(&said)));
        let asked = !matches!(line.first().ending, Ending::Blocked { .. });
        let took =
            if asked { page.ink(Ink::Faint, &format!("{:>TIME$}", text::time(line.took))) } else { String::new() };
        page.line(&format!("  {word} {}{:gap$}  {said}{:fill$}{took}", line.name, "", ""));
    }
}
