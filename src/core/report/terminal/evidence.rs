//! The evidence of a case: of what was asked and heard, the few lines that show what was seen.

use super::page::{Ink, Page};
use crate::record::Case;
use crate::report::telling::{choose, telling_words};
use crate::report::text;
use crate::subject::{Kind, Subject};

/// The most entries shown, and the most lines of a question and of an answer.
const ENTRIES: usize = 3;
const ASKED_LINES: usize = 3;
const ANSWER_LINES: usize = 8;
/// The most bytes taken of a text; the whole is in a JSON report.
const LONGEST: usize = 64 * 1024;

/// Writes the entries that speak of what was `seen`; where none does, the latest, which led to the verdict.
pub(super) fn write(page: &mut Page, case: &Case, seen: &str) {
    if case.evidence.is_empty() {
        return;
    }
    let words = telling_words(seen);
    let chosen = choose(&case.evidence, &words, ENTRIES);
    let left = case.evidence.len() - chosen.len();
    let from = match &case.id.subject {
        Some(Subject { kind: Kind::Node, name }) => format!(" from {}", text::one_line(name)),
        Some(subject) => format!(" of the {}", text::one_line(&subject.to_string())),
        None => String::new(),
    };
    let more = if left == 0 { String::new() } else { format!(" ({left} more in --report json)") };
    page.heading(Ink::Heading, &format!("Evidence{from}{more}"));
    for entry in chosen {
        let asked = text::one_line(text::bounded(&entry.asked, LONGEST).0);
        let asked = format!("{}, {}: {asked}", entry.vantage, text::time(entry.took));
        let lines = text::wrap(&asked, page.width - 2);
        some(page, Ink::Plain, 2, &lines, 0, ASKED_LINES);
        let answered = text::visible(text::bounded(&entry.answered, LONGEST).0);
        let room = page.width - 4;
        let lines: Vec<String> = text::wrap(&answered, room).iter().flat_map(|line| text::cut(line, room)).collect();
        let lines: Vec<String> = lines.into_iter().filter(|line| !line.trim().is_empty()).collect();
        let speaks = lines.iter().position(|line| words.iter().any(|word| line.contains(word)));
        // From a little before the line that speaks of it, yet with as much as there is room for.
        let first = speaks.unwrap_or(0).saturating_sub(2).min(lines.len().saturating_sub(ANSWER_LINES));
        some(page, Ink::Faint, 4, &lines, first, ANSWER_LINES);
    }
}

/// Some lines from `first`, and how many there are besides.
fn some(page: &mut Page, ink: Ink, indent: usize, lines: &[String], first: usize, most: usize) {
    let mut told = |words: &str| {
        let words = page.ink(ink, words);
        page.line(&format!("{:indent$}{words}", ""));
    };
    if first > 0 {
        told(&format!("… {}", text::counted(first, "line before", "lines before")));
    }
    lines.iter().skip(first).take(most).for_each(|line| told(line));
    let left = lines.len().saturating_sub(first + most);
    if left > 0 {
        told(&format!("… {}", text::counted(left, "line more", "lines more")));
    }
}
