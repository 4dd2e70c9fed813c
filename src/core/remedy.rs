//! `remedy.md` as sections, one a finding; its commands as values.
//!
//! The file starts with a paragraph that says why the check matters. Then, for each finding, a heading `## code` and
//! text with fenced commands: the fix. The section ends in a heading `### Confirm` with one block fenced as `sh`: what
//! shows that the fix worked. Placeholders are those of [`crate::template`].

/// One piece of a remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// A fenced block.
    Commands {
        text: String,
        /// Fenced as `sh`: commands to paste, not lines of a file or of a screen.
        shell: bool,
    },
}

impl Block {
    /// The text of it, whichever it is.
    pub fn text(&self) -> &str {
        match self {
            Block::Text(text) | Block::Commands { text, .. } => text,
        }
    }

    /// The same kind of block with its text changed.
    pub fn map(&self, change: impl FnOnce(&str) -> String) -> Block {
        match self {
            Block::Text(text) => Block::Text(change(text)),
            Block::Commands { text, shell } => Block::Commands { text: change(text), shell: *shell },
        }
    }
}

/// The remedy of one finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The finding's name.
    pub code: String,
    /// What to do.
    pub fix: Vec<Block>,
    /// Commands for a shell that show whether the fix worked.
    pub confirm: Option<String>,
}

/// A whole `remedy.md`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// Why the check matters.
    pub why: String,
    pub sections: Vec<Section>,
}

impl Remedy {
    /// Reads the text of a `remedy.md`.
    pub fn parse(text: &str) -> Remedy {
        let mut reader = Reader::default();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if let Some(language) = line.trim_start().strip_prefix("```") {
                let fenced: Vec<&str> =
                    lines.by_ref().take_while(|line| !line.trim_start().starts_with("```")).collect();
                reader.fenced(fenced.join("\n"), language.trim() == "sh");
            } else if line.trim() == "### Confirm" {
                reader.end_paragraph();
                reader.confirming = true;
            } else if let Some(code) = line.strip_prefix("## ") {
                reader.heading(code);
            } else if line.trim().is_empty() {
                reader.end_paragraph();
            } else {
                reader.paragraph.push(line.trim());
            }
        }
        reader.end_paragraph();
        Remedy { why: reader.why.join("\n\n"), sections: reader.sections }
    }

    /// The section of a finding.
    pub fn section(&self, code: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.code == code)
    }
}

/// What was read of a `remedy.md` so far.
#[derive(Default)]
struct Reader<'a> {
    why: Vec<String>,
    sections: Vec<Section>,
    /// The lines of a paragraph that has not ended.
    paragraph: Vec<&'a str>,
    /// The next block fenced as `sh` is the one that confirms.
    confirming: bool,
}

impl Reader<'_> {
    fn heading(&mut self, code: &str) {
        self.end_paragraph();
        self.confirming = false;
        self.sections.push(Section { code: code.trim().to_owned(), fix: Vec::new(), confirm: None });
    }

    fn end_paragraph(&mut self) {
        if self.paragraph.is_empty() {
            return;
        }
        let text = self.paragraph.join(" ");
        self.paragraph.clear();
        match self.sections.last_mut() {
            Some(section) => section.fix.push(Block::Text(text)),
            None => self.why.push(text),
        }
    }

    fn fenced(&mut self, text: String, shell: bool) {
        self.end_paragraph();
        let Some(section) = self.sections.last_mut() else { return };
        if self.confirming && shell {
            section.confirm = Some(text);
            self.confirming = false;
        } else {
            section.fix.push(Block::Commands { text, shell });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Why it\nmatters.\n\n## denied\nGrant {action}:\n\n```sh\nramctl {action} ${HOME}\n```\n\nAnd write:\n```text\n## key = 1\n```\n\n### Confirm\n\n```sh\nackcheck run --only x\n```\n\n## gone\nText only.\n";

    #[test]
    fn reads_why_and_the_fix_apart_from_what_confirms() {
        let remedy = Remedy::parse(TEXT);
        assert_eq!(remedy.why, "Why it matters.");
        let denied = remedy.section("denied").unwrap();
        let text = |text: &str| Block::Text(text.to_owned());
        let commands = |text: &str, shell| Block::Commands { text: text.to_owned(), shell };
        assert_eq!(
            denied.fix,
            [
                text("Grant {action}:"),
                commands("ramctl {action} ${HOME}", true),
                text("And write:"),
                commands("## key = 1", false)
            ]
        );
        assert_eq!(denied.confirm.as_deref(), Some("ackcheck run --only x"));
        let gone = remedy.section("gone").unwrap();
        assert_eq!((gone.fix.as_slice(), &gone.confirm), ([text("Text only.")].as_slice(), &None));
    }
}
