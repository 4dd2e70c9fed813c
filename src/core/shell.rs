//! Values as words of a shell's commands, and commands with placeholders.

use crate::template::{Part, fact, fill, parts};

/// A value as one word of a command.
pub fn shell_word(value: &str) -> String {
    quoted(value, None)
}

/// Commands for a shell with every `{name}` replaced by its fact, quoted as its place requires, so that no value can
/// become more than one word or another command. A name alone on its line stands for whole lines and is put in as it is,
/// and so is what stands in a here-document whose end mark is quoted.
pub fn fill_shell(commands: &str, facts: &[(&str, String)]) -> String {
    let mut literal_until: Option<&str> = None;
    let mut lines = Vec::new();
    for line in commands.lines() {
        if let Some(end) = literal_until {
            lines.push(fill(line, facts));
            if line.trim() == end {
                literal_until = None;
            }
            continue;
        }
        literal_until = here_document(line).filter(|document| document.literal).map(|document| document.end);
        let alone = matches!(parts(line.trim()).as_slice(), [Part::Name(_)]);
        lines.push(if alone { fill(line, facts) } else { fill_quoted(line, facts) });
    }
    lines.join("\n")
}

/// True where commands hold a here-document, whose end mark must start its line.
pub(crate) fn has_here_document(commands: &str) -> bool {
    commands.lines().any(|line| here_document(line).is_some())
}

/// A here-document that a line opens.
struct HereDocument<'a> {
    /// The mark that ends it, alone on its line.
    end: &'a str,
    /// The mark is quoted: the shell takes the text as it is.
    literal: bool,
}

fn here_document(line: &str) -> Option<HereDocument<'_>> {
    let (_, after) = line.split_once("<<")?;
    let literal = after.starts_with('\'');
    let mark = after.strip_prefix('\'').unwrap_or(after);
    let ends = mark.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(mark.len());
    mark.starts_with(|c: char| c.is_ascii_alphabetic()).then(|| HereDocument { end: &mark[..ends], literal })
}

fn fill_quoted(line: &str, facts: &[(&str, String)]) -> String {
    let mut out = String::new();
    let mut open: Option<char> = None;
    for part in parts(line) {
        match part {
            Part::Text(text) => {
                out.push_str(text);
                open = text.chars().fold(open, open_after);
            }
            Part::Name(name) => match fact(facts, name) {
                Some(value) => out.push_str(&quoted(value, open)),
                None => out.extend(["{", name, "}"]),
            },
        }
    }
    out
}

/// The quote that is open behind a character, from the one that was open before it.
fn open_after(open: Option<char>, character: char) -> Option<char> {
    match (open, character) {
        (None, '\'' | '"') => Some(character),
        (Some(quote), _) if quote == character => None,
        (open, _) => open,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

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
    fn knows_a_here_document() {
        assert!(has_here_document("cat > a <<'END'\nx\nEND"));
        assert!(has_here_document("cat <<END\nx\nEND"));
        assert!(!has_here_document("echo $((1 << 2))\ncat < a"));
    }
}
