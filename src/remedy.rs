//! `remedy.md` as sections, one a finding; its commands as values.
//!
//! The file starts with a paragraph that says why the check matters. Then, for each finding, a heading `## code` and
//! text with fenced commands; the last fenced block confirms that the remedy worked. `{name}` stands for a fact of the
//! finding (`${name}` is left alone, being the shell's and DSS's own).

/// One piece of a remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// A fenced block: commands, or lines of a file.
    Commands(String),
}

/// The remedy of one finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    pub code: String,
    pub blocks: Vec<Block>,
}

impl Section {
    /// The command that confirms: the last fenced block, where the section ends in one.
    pub fn confirm(&self) -> Option<&str> {
        match self.blocks.last() {
            Some(Block::Commands(commands)) => Some(commands),
            _ => None,
        }
    }
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
        let mut why = Vec::new();
        let mut sections: Vec<Section> = Vec::new();
        let mut paragraph: Vec<&str> = Vec::new();
        let mut fenced: Option<Vec<&str>> = None;
        for line in text.lines().chain([""]) {
            if let Some(lines) = &mut fenced {
                if line.trim_start().starts_with("```") {
                    let block = Block::Commands(lines.join("\n"));
                    fenced = None;
                    if let Some(section) = sections.last_mut() {
                        section.blocks.push(block);
                    }
                } else {
                    lines.push(line);
                }
                continue;
            }
            let starts_block =
                line.starts_with("## ") || line.trim_start().starts_with("```") || line.trim().is_empty();
            if starts_block && !paragraph.is_empty() {
                let text = paragraph.join(" ");
                paragraph.clear();
                match sections.last_mut() {
                    Some(section) => section.blocks.push(Block::Text(text)),
                    None => why.push(text),
                }
            }
            if let Some(code) = line.strip_prefix("## ") {
                sections.push(Section { code: code.trim().to_owned(), blocks: Vec::new() });
            } else if line.trim_start().starts_with("```") {
                fenced = Some(Vec::new());
            } else if !line.trim().is_empty() && !line.starts_with("# ") {
                paragraph.push(line.trim());
            }
        }
        Remedy { why: why.join("\n\n"), sections }
    }

    /// The section of a finding.
    pub fn section(&self, code: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.code == code)
    }
}

/// The text with every `{name}` replaced by its fact; a name without a fact stays as it is.
pub fn fill(text: &str, facts: &[(&str, String)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let after = &rest[at + 1..];
        let name_ends = after.find(|c: char| !(c.is_ascii_lowercase() || c == '_')).unwrap_or(after.len());
        let is_name = name_ends > 0 && after[name_ends..].starts_with('}') && !rest[..at].ends_with('$');
        let value = facts.iter().rev().find(|(name, _)| is_name && *name == &after[..name_ends]);
        match value {
            Some((_, value)) => {
                out.push_str(&rest[..at]);
                out.push_str(value);
                rest = &after[name_ends + 1..];
            }
            None => {
                out.push_str(&rest[..=at]);
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// The names of the placeholders in a text.
pub fn placeholders(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let after = &rest[at + 1..];
        let name_ends = after.find(|c: char| !(c.is_ascii_lowercase() || c == '_')).unwrap_or(after.len());
        if name_ends > 0 && after[name_ends..].starts_with('}') && !rest[..at].ends_with('$') {
            names.push(after[..name_ends].to_owned());
        }
        rest = after;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Why it\nmatters.\n\n## denied\nGrant {action}.\n\n```sh\nramctl {action} ${HOME}\n```\n\nThen:\n\n```sh\nackcheck run --only x\n```\n\n## gone\nText only.\n";

    #[test]
    fn reads_sections_blocks_and_the_confirming_command() {
        let remedy = Remedy::parse(TEXT);
        assert_eq!(remedy.why, "Why it matters.");
        let denied = remedy.section("denied").unwrap();
        assert_eq!(denied.blocks.len(), 4);
        assert_eq!(denied.confirm(), Some("ackcheck run --only x"));
        assert_eq!(remedy.section("gone").unwrap().confirm(), None);
    }

    #[test]
    fn fills_names_and_leaves_the_shells_own_braces() {
        let facts = [("action", "oss:PutObject".to_owned())];
        assert_eq!(
            fill("a {action} ${action} {other} {\"k\":1}", &facts),
            "a oss:PutObject ${action} {other} {\"k\":1}"
        );
        assert_eq!(placeholders("a {action} ${x} {\"k\":{}} {b_c}"), ["action", "b_c"]);
    }
}
