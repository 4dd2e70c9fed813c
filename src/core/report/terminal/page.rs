//! The page a report is written on: its width, its colours, its indents.

use crate::report::outcome::Tone;
use crate::report::{NARROWEST, Options, text};
use crate::shell::has_here_document;

/// How a piece of text is set off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    Plain,
    Heading,
    Good,
    Bad,
    Doubtful,
    Faint,
    Command,
}

impl Ink {
    /// The parameters of the SGR sequence.
    fn sgr(self) -> Option<&'static str> {
        match self {
            Ink::Plain => None,
            Ink::Heading => Some("1"),
            Ink::Good => Some("32"),
            Ink::Bad => Some("1;31"),
            Ink::Doubtful => Some("33"),
            Ink::Faint => Some("2"),
            Ink::Command => Some("36"),
        }
    }
}

impl From<Tone> for Ink {
    fn from(tone: Tone) -> Ink {
        match tone {
            Tone::Good => Ink::Good,
            Tone::Bad => Ink::Bad,
            Tone::Doubtful => Ink::Doubtful,
            Tone::Faint => Ink::Faint,
        }
    }
}

/// The columns of labels such as `Seen`, with the blanks after them.
const LABEL: usize = 9;

pub(crate) struct Page {
    out: String,
    pub(crate) width: usize,
    color: bool,
}

impl Page {
    pub(crate) fn new(options: Options) -> Page {
        Page { out: String::new(), width: options.width.max(NARROWEST), color: options.color }
    }

    pub(crate) fn finish(self) -> String {
        self.out
    }

    /// A text set off by its ink; the text must be fit to show.
    pub(crate) fn ink(&self, ink: Ink, text: &str) -> String {
        match ink.sgr() {
            Some(sgr) if self.color && !text.is_empty() => format!("\u{1b}[{sgr}m{text}\u{1b}[0m"),
            _ => text.to_owned(),
        }
    }

    /// A line as it is, without blanks at its end.
    pub(crate) fn line(&mut self, line: &str) {
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    pub(crate) fn blank(&mut self) {
        self.out.push('\n');
    }

    /// `── FAIL 1 of 2 oss-write/denied ──────`, with the first part set off; the rest on a line of its own where the page
    /// is too narrow.
    pub(crate) fn rule(&mut self, ink: Ink, set_off: &str, rest: &str) {
        let filled = 4 + text::columns(set_off);
        let with_rest = filled + 1 + text::columns(rest);
        let beside = with_rest + 2 <= self.width;
        let tail = self.width.saturating_sub(if beside { with_rest } else { filled }).max(2);
        let beside_it = if beside { format!(" {}", self.ink(Ink::Heading, rest)) } else { String::new() };
        let line = format!(
            "{} {}{beside_it} {}",
            self.ink(Ink::Faint, "──"),
            self.ink(ink, set_off),
            self.ink(Ink::Faint, &"─".repeat(tail))
        );
        self.blank();
        self.line(&line);
        if !beside {
            let rest = self.ink(Ink::Heading, rest);
            self.line(&rest);
        }
    }

    /// `27 cases: 3 failed, 24 passed`, broken between the counts.
    pub(crate) fn counts(&mut self, all: &str, counts: &[(String, impl Into<Ink> + Copy)]) {
        let mut line = format!("{all}:");
        let mut filled = text::columns(&line);
        for (at, (count, ink)) in counts.iter().enumerate() {
            let comma = if at + 1 == counts.len() { "" } else { "," };
            let wide = 1 + text::columns(count) + comma.len();
            if filled + wide > self.width {
                self.line(&line);
                (line, filled) = (" ".to_owned(), 1);
            }
            line.push_str(&format!(" {}{comma}", self.ink((*ink).into(), count)));
            filled += wide;
        }
        self.line(&line);
    }

    /// A heading after a blank line.
    pub(crate) fn heading(&mut self, ink: Ink, heading: &str) {
        self.blank();
        for line in text::wrap(heading, self.width) {
            let line = self.ink(ink, &line);
            self.line(&line);
        }
    }

    /// A label and a text beside it, broken to the width.
    pub(crate) fn labelled(&mut self, label: &str, said: &str) {
        let lines = text::wrap(&text::visible(said), self.width - LABEL);
        for (at, line) in lines.iter().enumerate() {
            let label = format!("{:LABEL$}", if at == 0 { label } else { "" });
            let line = format!("{}{line}", self.ink(Ink::Faint, &label));
            self.line(&line);
        }
    }

    /// A paragraph, broken to the width, behind an indent.
    pub(crate) fn paragraph(&mut self, indent: usize, said: &str) {
        for line in text::wrap(&text::visible(said), self.width - indent) {
            self.line(&format!("{:indent$}{line}", ""));
        }
    }

    /// A list of names after a lead: `by oss-write: a, b, c`, its further lines hung under the first name by two.
    pub(crate) fn list(&mut self, indent: usize, lead: &str, names: &str) {
        let whole = format!("{} {}", text::one_line(lead), text::one_line(names));
        for (at, line) in text::wrap(&whole, self.width - indent - 2).iter().enumerate() {
            let indent = if at == 0 { indent } else { indent + 2 };
            self.line(&format!("{:indent$}{line}", ""));
        }
    }

    /// Commands, never broken, so that they can be copied. They are indented, except a here-document, whose end mark must
    /// start its line.
    pub(crate) fn commands(&mut self, commands: &str) {
        let indent = if has_here_document(commands) { 0 } else { 4 };
        self.fenced(commands, indent);
    }

    /// Lines of a file or of a screen, never broken, indented.
    pub(crate) fn lines_of_a_file(&mut self, lines: &str) {
        self.fenced(lines, 4);
    }

    fn fenced(&mut self, commands: &str, indent: usize) {
        for line in text::visible(commands).lines() {
            let line = self.ink(Ink::Command, line);
            self.line(&format!("{:indent$}{line}", ""));
        }
    }
}
