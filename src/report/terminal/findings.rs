//! What to do: the failures with their remedies, those that block most first; then what could not be judged; then the
//! warnings.

use std::collections::BTreeSet;

use super::page::{Ink, Page, counted, time};
use super::rest;
use crate::record::{Case, Ending, FindingRecord, Report};
use crate::remedy::Block;
use crate::report::causes::Causes;
use crate::report::text;

/// The latest entries of evidence shown, and the most lines of an answer.
const ENTRIES: usize = 3;
const ANSWER_LINES: usize = 6;
/// The most bytes shown of a text that was seen; the whole is in a JSON report.
const LONGEST_SEEN: usize = 4000;

/// Cases that share a remedy: one check's, of several nodes.
struct Group<'r> {
    cases: Vec<&'r Case>,
    blocked: BTreeSet<usize>,
}

pub(super) fn write(page: &mut Page, report: &Report, causes: &Causes) {
    let mut failures = group(report, causes, |ending| matches!(ending, Ending::Fail(_)));
    // The cause of most comes first; where they tie, the catalogue's order stands.
    failures.sort_by_key(|group| std::cmp::Reverse(group.blocked.len()));
    let mut unjudged =
        group(report, causes, |ending| matches!(ending, Ending::Broken { .. } | Ending::TimedOut { .. }));
    unjudged.sort_by_key(|group| std::cmp::Reverse(group.blocked.len()));
    let warnings = group(report, causes, |ending| matches!(ending, Ending::Warn(_)));

    headline(page, report, failures.len(), unjudged.len());
    let of = |at: usize, all: usize| if all == 1 { String::new() } else { format!(" {} of {all}", at + 1) };
    for (at, group) in failures.iter().enumerate() {
        let Some(finding) = finding(group.cases[0]) else { continue };
        page.rule(Ink::Bad, &format!("FAIL{}", of(at, failures.len())), &title(group.cases[0], &finding.code));
        found(page, report, group, finding);
        evidence(page, group.cases[0]);
    }
    for (at, group) in unjudged.iter().enumerate() {
        let set_off = format!("COULD NOT BE JUDGED{}", of(at, unjudged.len()));
        page.rule(Ink::Doubtful, &set_off, &text::one_line(&group.cases[0].id.check));
        page.labelled("Asked", &format!("whether it holds that: {}", group.cases[0].title));
        told_of_each(page, "Because", group, |case| match &case.ending {
            Ending::TimedOut { after } => format!("no answer within {}", time(*after)),
            Ending::Broken { why } => why.clone(),
            _ => String::new(),
        });
        blocks(page, report, group);
        evidence(page, group.cases[0]);
    }
    for (at, group) in warnings.iter().enumerate() {
        let Some(finding) = finding(group.cases[0]) else { continue };
        page.rule(Ink::Doubtful, &format!("WARN{}", of(at, warnings.len())), &title(group.cases[0], &finding.code));
        found(page, report, group, finding);
    }
}

/// `1 cause, 13 consequences`: said first where something is blocked, because then the list above looks worse than it is.
fn headline(page: &mut Page, report: &Report, failures: usize, unjudged: usize) {
    let blocked = report.tally().blocked;
    if failures + unjudged > 0 && blocked > 0 {
        let causes = counted(failures + unjudged, "cause", "causes");
        let line = format!("{causes}, {}", counted(blocked, "consequence", "consequences"));
        let line = page.ink(Ink::Heading, &line);
        page.blank();
        page.line(&line);
    }
}

fn group<'r>(report: &'r Report, causes: &Causes, wanted: impl Fn(&Ending) -> bool) -> Vec<Group<'r>> {
    let mut groups: Vec<Group> = Vec::new();
    for (index, case) in report.cases.iter().enumerate().filter(|(_, case)| wanted(&case.ending)) {
        let blocked = causes.blocked_by(index);
        match groups.iter_mut().find(|group| share_a_remedy(group.cases[0], case)) {
            Some(group) => {
                group.cases.push(case);
                group.blocked.extend(blocked);
            }
            None => groups.push(Group { cases: vec![case], blocked }),
        }
    }
    groups
}

fn share_a_remedy(one: &Case, other: &Case) -> bool {
    one.id.check == other.id.check
        && match (finding(one), finding(other)) {
            (Some(a), Some(b)) => a.code == b.code && a.remedy == b.remedy,
            (None, None) => one.ending == other.ending,
            _ => false,
        }
}

fn finding(case: &Case) -> Option<&FindingRecord> {
    match &case.ending {
        Ending::Fail(finding) | Ending::Warn(finding) => Some(finding),
        _ => None,
    }
}

fn title(case: &Case, code: &str) -> String {
    text::one_line(&format!("{}/{code}", case.id.check))
}

fn found(page: &mut Page, report: &Report, group: &Group, finding: &FindingRecord) {
    page.labelled("What", &finding.summary);
    told_of_each(page, "Seen", group, |case| match self::finding(case) {
        Some(finding) => {
            let (shown, left) = text::bounded(&finding.seen, LONGEST_SEEN);
            if left == 0 { shown.to_owned() } else { format!("{shown}… ({left} bytes more)") }
        }
        None => String::new(),
    });
    page.labelled("Matters", &finding.why);
    blocks(page, report, group);
    remedy(page, &finding.remedy);
}

/// What is to be told of each case: once where it is the same for all, else by node.
fn told_of_each(page: &mut Page, label: &str, group: &Group, tell: impl Fn(&Case) -> String) {
    let mut told: Vec<(String, Vec<&str>)> = Vec::new();
    for case in &group.cases {
        let words = tell(case);
        let node = case.id.node.as_deref();
        match told.iter_mut().find(|(same, _)| *same == words) {
            Some((_, nodes)) => nodes.extend(node),
            None => told.push((words, node.into_iter().collect())),
        }
    }
    for (at, (words, nodes)) in told.iter().enumerate() {
        let label = if at == 0 { label } else { "" };
        match nodes.as_slice() {
            [] => page.labelled(label, words),
            nodes => page.labelled(label, &format!("{words}\non {}", rest::some_of(nodes))),
        }
    }
}

fn blocks(page: &mut Page, report: &Report, group: &Group) {
    if !group.blocked.is_empty() {
        let names = rest::folded(group.blocked.iter().map(|&at| &report.cases[at]));
        page.labelled("Blocks", &format!("{}: {names}", counted(group.blocked.len(), "other case", "other cases")));
    }
}

/// The blocks in order; the last commands are those that confirm.
fn remedy(page: &mut Page, blocks: &[Block]) {
    let (mend, confirm) = match blocks {
        [mend @ .., Block::Text(lead), Block::Commands(commands)] => {
            let (mut before, lead) = lead_in(lead);
            let mut mend: Vec<Block> = mend.to_vec();
            if !before.is_empty() {
                mend.push(Block::Text(std::mem::take(&mut before)));
            }
            (mend, Some((lead, commands.clone())))
        }
        [mend @ .., Block::Commands(commands)] => (mend.to_vec(), Some((String::new(), commands.clone()))),
        blocks => (blocks.to_vec(), None),
    };
    if !mend.is_empty() {
        heading(page, "To mend it");
        for block in &mend {
            match block {
                Block::Text(text) => page.paragraph(2, text),
                Block::Commands(commands) => page.commands(commands),
            }
        }
    }
    if let Some((lead, commands)) = confirm {
        heading(page, "To confirm");
        page.paragraph(2, &lead);
        page.commands(&commands);
    }
}

/// Splits the text before the confirming commands: what still belongs to the remedy, and what introduces the commands.
/// A bare "Then confirm:" is dropped, because the heading says it.
fn lead_in(text: &str) -> (String, String) {
    let last = text.rfind(". ").map_or(0, |at| at + 2);
    let (before, sentence) = text.split_at(last);
    let bare = sentence.trim_end_matches(':').trim().to_lowercase();
    if matches!(bare.as_str(), "then confirm" | "confirm" | "to confirm" | "confirm it" | "then confirm it") {
        (before.trim().to_owned(), String::new())
    } else if sentence.to_lowercase().contains("confirm") {
        (before.trim().to_owned(), sentence.to_owned())
    } else {
        (text.to_owned(), String::new())
    }
}

fn heading(page: &mut Page, heading: &str) {
    let heading = page.ink(Ink::Heading, heading);
    page.blank();
    page.line(&heading);
}

/// The latest entries, which led to the verdict; the whole is in a JSON report.
fn evidence(page: &mut Page, case: &Case) {
    if case.evidence.is_empty() {
        return;
    }
    let left = case.evidence.len().saturating_sub(ENTRIES);
    let of = case.id.node.as_deref().map(|node| format!(" of {}", text::one_line(node))).unwrap_or_default();
    let earlier = if left == 0 { String::new() } else { format!(" (the latest; {left} more in --report json)") };
    heading(page, &format!("Evidence{of}{earlier}"));
    for entry in &case.evidence[left..] {
        let room = page.width - 4;
        let asked = format!("{} asked: {} ({})", entry.vantage, text::one_line(&entry.asked), time(entry.took));
        page.line(&format!("  {}", text::shorten(&asked, page.width - 2)));
        let (answer, cut) = text::bounded(&entry.answered, LONGEST_SEEN);
        let answer = text::visible(answer);
        let lines: Vec<&str> = answer.lines().filter(|line| !line.trim().is_empty()).collect();
        for line in lines.iter().take(ANSWER_LINES) {
            let line = page.ink(Ink::Faint, &text::shorten(line, room));
            page.line(&format!("    {line}"));
        }
        if lines.len() > ANSWER_LINES || cut > 0 {
            let more = page
                .ink(Ink::Faint, &format!("… ({} lines or more left out)", lines.len().saturating_sub(ANSWER_LINES)));
            page.line(&format!("    {more}"));
        }
    }
}
