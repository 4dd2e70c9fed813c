//! Text from outside, made fit to show: what acts on a terminal or breaks XML is shown instead of obeyed, and lines are
//! measured and broken by the columns they fill.

use std::time::Duration;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// True for characters that a terminal or a viewer obeys rather than shows, and for those that XML forbids: the C0 and C1
/// controls, line separators, the bidirectional and invisible marks, the byte order mark, U+FFFE and U+FFFF.
pub(crate) fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

/// The text with line ends made `\n`, tabs expanded to stops of eight columns, and everything that [`acts`] shown as
/// `\u{1b}`.
pub(crate) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut column = 0;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' => {
                out.push('\n');
                column = 0;
            }
            '\r' if rest.peek() == Some(&'\n') => {}
            '\t' => {
                let stop = 8 - column % 8;
                out.extend(std::iter::repeat_n(' ', stop));
                column += stop;
            }
            c if acts(c) => {
                let shown = c.escape_unicode().to_string();
                column += shown.len();
                out.push_str(&shown);
            }
            c => {
                column += c.width().unwrap_or(0);
                out.push(c);
            }
        }
    }
    out
}

/// The text on one line: [`visible`], with every run of white space made one blank.
pub fn one_line(text: &str) -> String {
    visible(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A piece of a line of a remedy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Span<'t> {
    Plain(&'t str),
    /// What stood between two backquotes.
    Code(&'t str),
}

/// A line in pieces: those between backquotes are code, as the catalogue writes it. A backquote without its like is text.
pub(super) fn spans(line: &str) -> Vec<Span<'_>> {
    let mut spans = Vec::new();
    let mut rest = line;
    while let Some((before, inner, after)) = rest.split_once('`').and_then(|(before, after)| {
        let (inner, after) = after.split_once('`')?;
        Some((before, inner, after))
    }) {
        if inner.trim().is_empty() {
            break;
        }
        spans.push(Span::Plain(before));
        spans.push(Span::Code(inner));
        rest = after;
    }
    spans.push(Span::Plain(rest));
    spans.retain(|span| *span != Span::Plain(""));
    spans
}

/// `12 ms`, `1.4 s`, `2 min 5 s`.
pub(crate) fn time(took: Duration) -> String {
    let milliseconds = took.as_millis();
    match milliseconds {
        0..=999 => format!("{milliseconds} ms"),
        1000..=59_949 => format!("{:.1} s", took.as_secs_f64()),
        _ => format!("{} min {} s", took.as_secs() / 60, took.as_secs() % 60),
    }
}

/// `1 node`, `3 nodes`.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The columns a text fills, of one line.
pub(crate) fn columns(text: &str) -> usize {
    text.width()
}

/// The text, of one line, in at most `width` columns; if it is longer, `…` stands for the rest.
pub(crate) fn shorten(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut filled = 0;
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if filled + wide + 1 > width {
            break;
        }
        filled += wide;
        out.push(c);
    }
    out.push('…');
    out
}

/// The first bytes of a text, cut between characters, and how many bytes were left out.
pub(crate) fn bounded(text: &str, most: usize) -> (&str, usize) {
    let cut = text.floor_char_boundary(most);
    (&text[..cut], text.len() - cut)
}

/// The text broken into lines of at most `width` columns, at blanks and between wide characters. A word that is longer,
/// such as a URL, stays whole so that it can be copied.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        let mut filled = 0;
        for (word, blank_before) in pieces(paragraph) {
            let wide = columns(word);
            let blank = usize::from(blank_before && !line.is_empty());
            if filled > 0 && filled + blank + wide > width {
                lines.push(std::mem::take(&mut line));
                filled = 0;
            } else if blank == 1 {
                line.push(' ');
                filled += 1;
            }
            line.push_str(word);
            filled += wide;
        }
        lines.push(line);
    }
    lines
}

/// A line cut into pieces of at most `width` columns, after a comma or the like where one is near: for texts that nobody
/// copies, such as JSON on one line.
pub(crate) fn cut(line: &str, width: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut piece = String::new();
    let mut filled = 0;
    for c in line.chars() {
        let wide = c.width().unwrap_or(0);
        if filled + wide > width.max(2) {
            let stop = piece.rfind([',', '>', ';', ' ']).map(|at| at + 1).filter(|&at| at > piece.len() / 2);
            let rest = piece.split_off(stop.unwrap_or(piece.len()));
            pieces.push(std::mem::replace(&mut piece, rest));
            filled = columns(&piece);
        }
        piece.push(c);
        filled += wide;
    }
    pieces.push(piece);
    pieces
}

/// The pieces of a line that may not be broken, and whether a blank stood before each.
fn pieces(line: &str) -> Vec<(&str, bool)> {
    let mut pieces = Vec::new();
    for word in line.split_whitespace() {
        let mut start = 0;
        let mut wide_before = false;
        for (at, c) in word.char_indices() {
            let wide = c.width() == Some(2);
            // Before a wide character, and after one unless what follows closes the sentence.
            if at > start && (wide || wide_before) && !"、。，．：；？！）」』】》〉’”,.:;?!)…".contains(c)
            {
                pieces.push((&word[start..at], start == 0));
                start = at;
            }
            wide_before = wide;
        }
        pieces.push((&word[start..], start == 0));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_a_terminal_would_obey() {
        assert_eq!(visible("a\u{1b}[31mb\u{9b}c\u{7f}\u{202e}"), "a\\u{1b}[31mb\\u{9b}c\\u{7f}\\u{202e}");
        assert_eq!(visible("a\tb\r\nc\rd"), "a       b\nc\\u{d}d");
        assert_eq!(visible("\u{fffe}\u{ffff}\u{feff}"), "\\u{fffe}\\u{ffff}\\u{feff}");
        assert_eq!(visible("数据 – ünï"), "数据 – ünï");
        assert_eq!(one_line(" a\n b\t c "), "a b c");
    }

    #[test]
    fn breaks_lines_by_columns_and_leaves_long_words_whole() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("see https://example.com/a/b now", 10), ["see", "https://example.com/a/b", "now"]);
        // Six wide characters fill twelve columns; the full stop stays with its sentence.
        assert_eq!(wrap("数据数据数据。", 8), ["数据数据", "数据。"]);
        assert_eq!(shorten("数据数据", 5), "数据…");
        assert_eq!(shorten("数据", 4), "数据");
        assert_eq!(wrap("", 10), Vec::<String>::new());
        assert_eq!(cut("abcde", 2), ["ab", "cd", "e"]);
        assert_eq!(cut("a数据", 3), ["a数", "据"]);
        assert_eq!(cut("{\"a\":1,\"id\":2}", 10), ["{\"a\":1,", "\"id\":2}"]);
    }

    #[test]
    fn what_stands_between_backquotes_is_code() {
        assert_eq!(spans("run `a b`, then c"), [Span::Plain("run "), Span::Code("a b"), Span::Plain(", then c")]);
        assert_eq!(spans("a ` b"), [Span::Plain("a ` b")]);
        assert_eq!(spans("`a``b`"), [Span::Code("a"), Span::Code("b")]);
        assert_eq!(spans("a `` b"), [Span::Plain("a `` b")]);
        assert_eq!(spans(""), []);
    }

    #[test]
    fn cuts_between_characters() {
        assert_eq!(bounded("数据", 4), ("数", 3));
        assert_eq!(bounded("ab", 4), ("ab", 0));
    }
}
