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
    /// For each block, whether it is fenced as `sh`: commands to paste, not lines of a file or of a screen.
    pub shell: Vec<bool>,
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
        let mut shell = false;
        for line in text.lines().chain([""]) {
            if let Some(lines) = &mut fenced {
                if line.trim_start().starts_with("```") {
                    let block = Block::Commands(lines.join("\n"));
                    fenced = None;
                    if let Some(section) = sections.last_mut() {
                        section.blocks.push(block);
                        section.shell.push(shell);
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
                    Some(section) => {
                        section.blocks.push(Block::Text(text));
                        section.shell.push(false);
                    }
                    None => why.push(text),
                }
            }
            if let Some(code) = line.strip_prefix("## ") {
                sections.push(Section { code: code.trim().to_owned(), blocks: Vec::new(), shell: Vec::new() });
            } else if line.trim_start().starts_with("```") {
                fenced = Some(Vec::new());
                shell = line.trim() == "```sh";
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

/// Commands for a shell with every `{name}` replaced by its fact, quoted as its place asks for, so that no value can
/// become more than one word or another command. A name alone on its line stands for whole lines and is put in as it is,
/// and so is what stands in a here-document.
pub fn fill_shell(commands: &str, facts: &[(&str, String)]) -> String {
    let mut here_document: Option<String> = None;
    let mut lines = Vec::new();
    for line in commands.lines() {
        let alone = line.trim().strip_prefix('{').is_some_and(|rest| rest.find('}') == Some(rest.len() - 1));
        if let Some(end) = &here_document {
            lines.push(fill(line, facts));
            if line.trim() == end {
                here_document = None;
            }
            continue;
        }
        if let Some((_, end)) = line.split_once("<<'") {
            here_document = end.split_once('\'').map(|(end, _)| end.to_owned());
        }
        lines.push(if alone { fill(line, facts) } else { fill_quoted(line, facts) });
    }
    lines.join("\n")
}

fn fill_quoted(line: &str, facts: &[(&str, String)]) -> String {
    let mut out = String::new();
    let mut open: Option<char> = None;
    let mut rest = line;
    while let Some(at) = rest.find('{') {
        let (before, after) = rest.split_at(at);
        for character in before.chars() {
            open = match (open, character) {
                (None, '\'' | '"') => Some(character),
                (Some(quote), _) if quote == character => None,
                (open, _) => open,
            };
        }
        out.push_str(before);
        let end = after.find('}').map_or(after.len(), |end| end + 1);
        let placeholder = &after[..end];
        let filled = match before.ends_with('$') {
            true => placeholder.to_owned(),
            false => fill(placeholder, facts),
        };
        if filled == placeholder {
            // The shell's own brace, or JSON's: only the brace itself is passed over.
            out.push('{');
            rest = &after[1..];
        } else {
            out.push_str(&quoted(&filled, open));
            rest = &after[end..];
        }
    }
    out.push_str(rest);
    out
}

/// A value as one word of a command.
pub fn shell_word(value: &str) -> String {
    quoted(value, None)
}

/// A value for a place in a command: inside single or double quotes, or outside of any.
fn quoted(value: &str, open: Option<char>) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+=,~•…".contains(c) || !c.is_ascii();
    match open {
        Some('"') => value.chars().fold(String::new(), |mut out, c| {
            if matches!(c, '"' | '\\' | '$' | '`') {
                out.push('\\');
            }
            out.push(c);
            out
        }),
        Some(_) => value.replace('\'', r"'\''"),
        None if !value.is_empty() && value.chars().all(harmless) => value.to_owned(),
        None => format!("'{}'", value.replace('\'', r"'\''")),
    }
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
    fn a_value_in_a_command_stays_one_word() {
        let facts = [("a", "x; rm -rf '~' $HOME".to_owned()), ("b", "plain-1.2/x".to_owned())];
        let filled =
            fill_shell("do {a} {b}\ndo '{\"k\":\"{a}\"}' \"{a}\" ${b}\n{a}\ncat <<'END'\n{a}\nEND\ndo {a}", &facts);
        assert_eq!(
            filled,
            "do 'x; rm -rf '\\''~'\\'' $HOME' plain-1.2/x\n\
             do '{\"k\":\"x; rm -rf '\\''~'\\'' $HOME\"}' \"x; rm -rf '~' \\$HOME\" ${b}\n\
             x; rm -rf '~' $HOME\ncat <<'END'\nx; rm -rf '~' $HOME\nEND\ndo 'x; rm -rf '\\''~'\\'' $HOME'"
        );
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
