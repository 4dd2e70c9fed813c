//! Text from outside, made Markdown that shows it and does nothing else: no element, no link, and nobody who is mentioned.

use crate::report::text::{self, Span};

/// What means something anywhere in a line.
const MEANS_SOMETHING: &str = "\\`*_{}[]<>&~|$^";
/// What means something where a paragraph begins: lists, headings, rules, quotes, definitions.
const BEGINS_SOMETHING: &str = "-+=#:";

/// A text within a paragraph, on one line. What stands between backquotes in it is code; so is a word that GitHub or GitLab
/// would make a link, a mention, a reference or a picture of, since they leave code alone.
pub fn prose(told: &str) -> String {
    let line = text::one_line(told);
    let mut out = String::with_capacity(line.len());
    for span in text::spans(&line) {
        let shown = match span {
            Span::Code(inner) => code(inner),
            Span::Plain(plain) => {
                let words = plain.split(' ').map(|word| if is_acted_on(word) { code(word) } else { escaped(word) });
                words.collect::<Vec<_>>().join(" ")
            }
        };
        // Two marks that touch would be one of another length.
        if out.ends_with('`') && shown.starts_with('`') {
            out.push(' ');
        }
        out.push_str(&shown);
    }
    let digits = out.len() - out.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let list = digits > 0 && out[digits..].starts_with(['.', ')']);
    if list {
        out.insert(digits, '\\');
    } else if out.starts_with(|c| BEGINS_SOMETHING.contains(c)) {
        out.insert(0, '\\');
    }
    out
}

fn escaped(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for c in word.chars() {
        if MEANS_SOMETHING.contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Addresses, `@somebody`, `#1`, `!1`, `GH-1`, `:picture:`.
fn is_acted_on(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let refers = |mark: char| word.split(mark).skip(1).any(|after| after.starts_with(|c: char| c.is_alphanumeric()));
    word.contains('@')
        || word.contains("://")
        || lower.contains("www.")
        || lower.contains("gh-")
        || refers('#')
        || refers('!')
        || has_emoji(word)
}

/// Whether a name of a picture stands between two colons, as in `:smile:`; between those of a time there are digits.
fn has_emoji(word: &str) -> bool {
    let pieces: Vec<&str> = word.split(':').collect();
    let named = |piece: &&str| piece.contains(|c: char| c.is_alphabetic()) || ["100", "1234"].contains(piece);
    pieces.len() > 2 && pieces[1..pieces.len() - 1].iter().any(named)
}

/// A text as code within a paragraph, on one line.
pub fn code(told: &str) -> String {
    let line = text::one_line(told);
    if line.is_empty() {
        return String::from("(nothing)");
    }
    let mark = "`".repeat(longest_run(&line) + 1);
    // Blanks at both ends are taken off again.
    let blank = if line.starts_with('`') || line.ends_with('`') { " " } else { "" };
    format!("{mark}{blank}{line}{blank}{mark}")
}

/// Lines as a block of code.
pub fn fenced(told: &str, language: &str) -> String {
    let lines = text::visible(told);
    let mark = "`".repeat(longest_run(&lines).max(2) + 1);
    format!("{mark}{language}\n{}\n{mark}", lines.trim_end_matches('\n'))
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_that_markdown_obeys() {
        assert_eq!(prose("a *b* <c> [d](e)"), "a \\*b\\* \\<c\\> \\[d\\](e)");
        assert_eq!(prose("1. # of\n- x"), "1\\. # of - x");
        assert_eq!(prose("# x"), "\\# x");
        assert_eq!(prose("ask @team about #12"), "ask `@team` about `#12`");
        assert_eq!(prose("run `a*b` or `c"), "run `a*b` or \\`c");
        assert_eq!(prose("run `a*b` and `` c"), "run `a*b` and \\`\\` c");
        assert_eq!(prose("`, ```http://a"), "`,` ``` ``http://a ```");
        assert_eq!(prose("at 03:04:06 :+one: :100:"), "at 03:04:06 `:+one:` `:100:`");
        assert_eq!(prose("dss-version is 8.0.3"), "dss-version is 8.0.3");
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`a`"), "`` `a` ``");
        assert_eq!(fenced("a\n```\nb\n", "sh"), "````sh\na\n```\nb\n````");
    }
}
