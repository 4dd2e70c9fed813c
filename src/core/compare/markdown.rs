//! The comparison for a ticket, a pull request or `$GITHUB_STEP_SUMMARY`. What comes from outside is text there, never
//! markup: no link, no picture, no mention of a person.

use std::fmt::Write as _;

use super::{Change, Comparison, Kind, words};
use crate::report::markdown::escape::prose;
use crate::report::text;

/// The most bytes shown of one detail; the reports have the whole.
const LONGEST: usize = 600;

/// The comparison as Markdown.
pub(super) fn render(comparison: &Comparison) -> String {
    let mut out = format!("## ackcheck: {}\n\n", words::closing(comparison));
    let _ = writeln!(out, "{}.\n", words::counts(comparison).join(", "));
    let mut told = |what: &str, said: &str| {
        let _ = writeln!(out, "- **{}**: {}", shown(what), shown(said));
    };
    told("before", &words::run(&comparison.before));
    told("after", &words::run(&comparison.after));
    for difference in &comparison.deployment {
        told(&difference.what, &words::difference(difference));
    }
    if let Some(nodes) = &comparison.nodes {
        told("nodes", &words::nodes(nodes));
    }
    for kind in Kind::ALL {
        let changes: Vec<&Change> = comparison.changes.iter().filter(|change| change.kind == kind).collect();
        if !changes.is_empty() {
            let _ = writeln!(out, "\n### {}\n", kind.heading());
        }
        if !kind.has_findings() {
            for (way, names) in words::by_way(&changes) {
                let _ = writeln!(out, "- {}: {}", shown(&way), shown(&names));
            }
            continue;
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

/// A text on one line, of bounded length.
fn shown(said: &str) -> String {
    match text::bounded(&text::one_line(said), LONGEST) {
        (line, 0) => prose(line),
        (line, left) => format!("{}… ({left} bytes more)", prose(line)),
    }
}
