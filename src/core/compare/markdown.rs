//! The comparison for a ticket, a pull request or `$GITHUB_STEP_SUMMARY`. What comes from outside is text there, never
//! markup: no link, no picture, no mention of a person.

use std::fmt::Write as _;

use super::{Comparison, Kind, words};
use crate::report::text;

/// The most bytes shown of one detail; the reports have the whole.
const LONGEST: usize = 600;

/// The comparison as Markdown.
pub(super) fn render(comparison: &Comparison) -> String {
    let mut out = format!("## ackcheck: {}\n\n", words::closing(comparison));
    let _ = writeln!(out, "{}.\n", words::counts(comparison).join(", "));
    let _ = writeln!(out, "| | |\n|---|---|");
    let _ = writeln!(out, "| before | {} |", shown(&words::run(&comparison.before)));
    let _ = writeln!(out, "| after | {} |", shown(&words::run(&comparison.after)));
    for difference in &comparison.deployment {
        let _ = writeln!(out, "| {} | {} |", shown(&difference.what), shown(&words::difference(difference)));
    }
    if let Some(nodes) = &comparison.nodes {
        let _ = writeln!(out, "| nodes | {} |", shown(&words::nodes(nodes)));
    }
    for kind in Kind::ALL {
        let mut changes = comparison.changes.iter().filter(|change| change.kind == kind).peekable();
        if changes.peek().is_some() {
            let _ = writeln!(out, "\n### {}\n", kind.heading());
        }
        for change in changes {
            let _ = writeln!(out, "- **{}**: {}", shown(&words::name(change)), shown(&words::way(change)));
            for (label, said) in words::details(change) {
                let _ = writeln!(out, "  - {label}: {}", shown(&said));
            }
        }
    }
    out
}

/// A text on one line, of bounded length, with everything escaped that Markdown, GitHub's and GitLab's included, or HTML
/// could obey.
fn shown(said: &str) -> String {
    let line = text::one_line(said);
    let (line, left) = text::bounded(&line, LONGEST);
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            // Entities, because a backslash does not keep these from being a tag, a mention, an issue or a bare link.
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' => out.push_str("&#64;"),
            '#' => out.push_str("&#35;"),
            '!' => out.push_str("&#33;"),
            ':' => out.push_str("&#58;"),
            '$' => out.push_str("&#36;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '{' | '}' | '~' | '|' | '^' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    if left > 0 {
        let _ = write!(out, "… ({left} bytes more)");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn what_comes_from_outside_is_text() {
        assert_eq!(shown("a\n# b | c"), "a &#35; b \\| c");
        assert_eq!(shown("<img src=x> @team #1"), "&lt;img src=x&gt; &#64;team &#35;1");
        assert_eq!(shown("[a](http://b) ![c](d)"), "\\[a\\]\\(http&#58;//b\\) &#33;\\[c\\]\\(d\\)");
        assert_eq!(shown("`rm` *x* _y_ \\ \u{1b}[31m"), "\\`rm\\` \\*x\\* \\_y\\_ \\\\ \\\\u\\{1b\\}\\[31m");
        assert!(shown(&"x".repeat(10_000)).len() < 700);
    }
}
