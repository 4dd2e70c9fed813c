//! The report to paste into a chat: a few lines, each of which can be read alone.

use super::advice::essence;
use super::outcome::Outcome;
use super::summary::{Group, Summary, finding};
use super::text;
use crate::record::Report;

/// The most lines.
pub(super) const MOST_LINES: usize = 10;
/// The most columns of a line; chats break it where they like.
const COLUMNS: usize = 240;
/// The most causes named.
const CAUSES: usize = 4;

/// The report in plain text, ending in a newline.
pub(super) fn render(report: &Report) -> String {
    let summary = Summary::of(report);
    let (verdict, _) = summary.verdict();
    let mut lines = vec![format!("{verdict}: {} (ackcheck {})", report.site, report.version), summary.counted()];
    if let Some(reason) = &report.interrupted {
        lines.push(format!("stopped early: {reason}"));
    }
    lines.push(summary.missing().unwrap_or_else(|| summary.asked()));
    lines.extend(summary.headline());
    // What is left out, and the fix, have a line each below them.
    let causes = CAUSES.min(MOST_LINES - 2 - lines.len());
    lines.extend(summary.to_fix().take(causes).map(cause));
    let left = summary.to_fix().count().saturating_sub(causes);
    if left > 0 {
        lines.push(format!("… and {left} more"));
    }
    lines.extend(summary.first().and_then(fix));
    debug_assert!(lines.len() <= MOST_LINES, "{lines:?}");
    lines.iter().map(|line| format!("{}\n", quiet(&text::shorten(&text::one_line(line), COLUMNS)))).collect()
}

fn cause(group: &Group) -> String {
    let case = group.cases[0];
    let about = group.about().map(|about| format!(" [{about}]")).unwrap_or_default();
    let seen = finding(case).map_or_else(|| group.gist(), |finding| finding.seen.clone());
    format!("{} {}{about}: {seen}", Outcome::of(&case.ending).mark, group.title())
}

fn fix(group: &Group) -> Option<String> {
    let essence = essence(&finding(group.cases[0])?.remedy)?;
    Some(format!("to fix {}: {essence}", group.cases[0].id.check))
}

/// The text with no `@name` left in it that a chat would call somebody by.
fn quiet(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut before = None;
    for c in line.chars() {
        out.push(c);
        let calls = c == '@' && before.is_none_or(|c: char| !c.is_alphanumeric());
        if calls {
            out.push(' ');
        }
        before = Some(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_called_and_addresses_stay() {
        assert_eq!(quiet("@here dss@acme (@all)"), "@ here dss@acme (@ all)");
    }
}
