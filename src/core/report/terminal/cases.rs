//! Every case in a compact line, by area. Nodes for which a check ended alike share a line.

use super::page::{Ink, Page};
use super::rest;
use super::{ink, word};
use crate::record::{Case, CaseId, Ending, Report};
use crate::report::text;

/// Columns of the word, of the names at most, and of the time.
const WORD: usize = 7;
const WIDEST_NAME: usize = 36;
const TIME: usize = 9;
/// The width from which name, text and time stand side by side; below it, texts other than claims get a line of their own.
const SIDE_BY_SIDE: usize = 80;

pub(super) fn write(page: &mut Page, report: &Report) {
    let lines = fold(&report.cases);
    // A few long names, of nodes, shall not take the room from all texts.
    let most = WIDEST_NAME.min(page.width / 3);
    let column = lines.iter().map(|line| text::columns(&line.name)).filter(|&name| name <= most).max().unwrap_or(0);
    let mut area = None;
    for line in &lines {
        if area != Some(line.first.area) {
            area = Some(line.first.area);
            page.heading(Ink::Heading, line.first.area.name());
        }
        let word = page.ink(ink(&line.first.ending), word(&line.first.ending));
        let said = text::one_line(&said(line.first));
        if page.width < SIDE_BY_SIDE {
            page.line(&format!("  {word} {}", line.name));
            if !matches!(line.first.ending, Ending::Pass) {
                page.paragraph(2 + WORD + 1, text::bounded(&said, 2 * page.width).0);
            }
            continue;
        }
        // A name too long for its column takes what it needs: an id cut short could not be asked for again.
        let column = column.max(text::columns(&line.name));
        let room = page.width.saturating_sub(2 + WORD + 1 + column + 2 + TIME);
        let said = if room >= 8 { text::shorten(&said, room) } else { String::new() };
        let (gap, fill) = (column - text::columns(&line.name), room.saturating_sub(text::columns(&said)));
        let asked = !matches!(
            line.first.ending,
            Ending::Blocked { .. } | Ending::NotApplicable { .. } | Ending::Skipped { .. }
        );
        let took =
            if asked { page.ink(Ink::Faint, &format!("{:>TIME$}", text::time(line.took))) } else { String::new() };
        page.line(&format!("  {word} {}{:gap$}  {said}{:fill$}{took}", line.name, "", ""));
    }
}

struct Line<'r> {
    name: String,
    first: &'r Case,
    /// The longest of its cases.
    took: std::time::Duration,
}

fn fold(cases: &[Case]) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut at = 0;
    while at < cases.len() {
        let of_check = cases[at..].iter().take_while(|case| case.id.check == cases[at].id.check).count();
        let group = &cases[at..at + of_check];
        at += of_check;
        let mut alike: Vec<Vec<&Case>> = Vec::new();
        for case in group {
            let same = alike.iter_mut().find(|same| case.id.subject.is_some() && ends_alike(same[0], case));
            match same {
                Some(same) => same.push(case),
                None => alike.push(vec![case]),
            }
        }
        for same in alike {
            let name = match same.len() {
                1 => same[0].id.to_string(),
                some if some == group.len() => format!("{}[{}]", same[0].id.check, rest::subjects(&same)),
                some => {
                    let all: Vec<&Case> = group.iter().collect();
                    format!("{}[{some} of {}]", same[0].id.check, rest::subjects(&all))
                }
            };
            let took = same.iter().map(|case| case.took).max().unwrap_or_default();
            lines.push(Line { name: text::one_line(&name), first: same[0], took });
        }
    }
    lines
}

fn ends_alike(one: &Case, other: &Case) -> bool {
    match (&one.ending, &other.ending) {
        (Ending::Warn(a), Ending::Warn(b)) | (Ending::Fail(a), Ending::Fail(b)) => a.code == b.code,
        (Ending::Blocked { by: a }, Ending::Blocked { by: b }) => {
            let checks = |by: &[String]| by.iter().map(|name| CaseId::check_of(name).to_owned()).collect::<Vec<_>>();
            checks(a) == checks(b)
        }
        (a, b) => a == b,
    }
}

/// What the line says: the claim where it holds, else why not.
fn said(case: &Case) -> String {
    match &case.ending {
        Ending::Pass => case.title.clone().into_owned(),
        Ending::Fail(finding) if !finding.explained_by.is_empty() => {
            format!("{}: explained by {}", finding.code, checks(&finding.explained_by))
        }
        Ending::Warn(finding) | Ending::Fail(finding) => format!("{}: {}", finding.code, finding.summary),
        Ending::NotApplicable { reason } | Ending::Skipped { reason } => reason.clone(),
        Ending::Blocked { by } => format!("by {}", checks(by)),
        Ending::Broken { why } => why.clone(),
        Ending::TimedOut { after } => format!("no answer within {}", text::time(*after)),
    }
}

/// The checks of some cases' names, each once.
fn checks(names: &[String]) -> String {
    let mut checks: Vec<&str> = names.iter().map(|name| CaseId::check_of(name)).collect();
    checks.dedup();
    checks.join(", ")
}
