//! The evidence of a case: of what was asked and heard, the few lines that show what was seen.

use super::page::{Ink, Page};
use crate::evidence::Evidence;
use crate::record::Case;
use crate::report::text;
use crate::subject::{Kind, Subject};

/// The most entries shown, and the most lines of a question and of an answer.
const ENTRIES: usize = 3;
const ASKED_LINES: usize = 3;
const ANSWER_LINES: usize = 8;
/// The most bytes taken of a text; the whole is in a JSON report.
const LONGEST: usize = 64 * 1024;
/// Words of what was seen that are shorter than this are everywhere.
const SHORTEST_WORD: usize = 5;

/// Writes the entries that speak of what was `seen`; where none does, the latest, which led to the verdict.
pub(super) fn write(page: &mut Page, case: &Case, seen: &str) {
    if case.evidence.is_empty() {
        return;
    }
    let words = telling_words(seen);
    let chosen = choose(&case.evidence, &words);
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

/// The words of what was seen that tell things apart: ids, names, addresses, numbers of more than a few digits.
fn telling_words(seen: &str) -> Vec<&str> {
    let edge = |c: char| !c.is_alphanumeric();
    let mut words: Vec<&str> = seen
        .split_whitespace()
        .map(|word| word.trim_matches(edge))
        .filter(|word| word.len() >= SHORTEST_WORD && word.contains(|c: char| c.is_ascii_digit() || edge(c)))
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// The entries that hold most of the words, in the order they were asked.
fn choose<'e>(evidence: &'e [Evidence], words: &[&str]) -> Vec<&'e Evidence> {
    let spoken = |entry: &Evidence| {
        words.iter().filter(|word| entry.answered.contains(**word) || entry.asked.contains(**word)).count()
    };
    let mut ranked: Vec<(usize, usize)> = evidence.iter().enumerate().map(|(at, entry)| (spoken(entry), at)).collect();
    // Of two that say as much, the later.
    ranked.sort_unstable_by_key(|&ranked| std::cmp::Reverse(ranked));
    ranked.truncate(ENTRIES);
    let most = ranked.first().map_or(0, |&(words, _)| words);
    // Those that say far less than the best are noise, unless nothing speaks of it at all.
    ranked.retain(|&(words, _)| most == 0 || words * 2 >= most);
    ranked.sort_unstable_by_key(|&(_, at)| at);
    ranked.into_iter().map(|(_, at)| &evidence[at]).collect()
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::place::Vantage;

    #[test]
    fn chooses_what_speaks_of_what_was_seen() {
        let entry = |answered: &str| Evidence {
            vantage: Vantage::Cloud,
            asked: "ecs:Describe".to_owned(),
            answered: answered.to_owned(),
            took: Duration::ZERO,
        };
        let evidence = [entry("vpc-1"), entry("rule sgr-bp1drop of sg-bp1host"), entry("x"), entry("y"), entry("z")];
        let words = telling_words("TCP 11300-11399: dropped by rule sgr-bp1drop (priority 1) of sg-bp1host");
        assert_eq!(words, ["11300-11399", "sg-bp1host", "sgr-bp1drop"]);
        assert_eq!(choose(&evidence, &words), [&evidence[1]]);
        assert_eq!(choose(&evidence, &[]), [&evidence[2], &evidence[3], &evidence[4]]);
    }
}
