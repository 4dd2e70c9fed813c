//! Texts with placeholders. `{name}`, of lower-case letters and underscores, stands for a fact; `${name}` is left alone,
//! being the shell's and DSS's own, and so is every other brace.

/// A piece of a text with placeholders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// Text to take as it is.
    Text(&'a str),
    /// The name of a placeholder, without its braces.
    Name(&'a str),
}

/// The pieces of a text, in order.
pub(crate) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut text_starts = 0;
    for (at, _) in text.match_indices('{') {
        let after = &text[at + 1..];
        let name_ends = after.find(|c: char| !(c.is_ascii_lowercase() || c == '_')).unwrap_or(after.len());
        if name_ends == 0 || !after[name_ends..].starts_with('}') || text[..at].ends_with('$') {
            continue;
        }
        if text_starts < at {
            parts.push(Part::Text(&text[text_starts..at]));
        }
        parts.push(Part::Name(&after[..name_ends]));
        text_starts = at + name_ends + 2;
    }
    if text_starts < text.len() {
        parts.push(Part::Text(&text[text_starts..]));
    }
    parts
}

/// The value of a fact: the last of that name.
pub(crate) fn fact<'a>(facts: &'a [(&str, String)], name: &str) -> Option<&'a str> {
    facts.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
}

/// The text with every `{name}` replaced by its fact; a name without a fact stays as it is.
pub fn fill(text: &str, facts: &[(&str, String)]) -> String {
    let mut out = String::with_capacity(text.len());
    for part in parts(text) {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Name(name) => match fact(facts, name) {
                Some(value) => out.push_str(value),
                None => out.extend(["{", name, "}"]),
            },
        }
    }
    out
}

/// The names of the placeholders in a text.
pub fn placeholders(text: &str) -> Vec<&str> {
    let name = |part| match part {
        Part::Name(name) => Some(name),
        Part::Text(_) => None,
    };
    parts(text).into_iter().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_names_and_leaves_the_shells_own_braces() {
        let facts = [("action", "oss:PutObject".to_owned())];
        assert_eq!(
            fill("a {action} ${action} {other} {\"k\":1}", &facts),
            "a oss:PutObject ${action} {other} {\"k\":1}"
        );
        assert_eq!(fill("{{action}}{action}{", &facts), "{oss:PutObject}oss:PutObject{");
        assert_eq!(placeholders("a {action} ${x} {\"k\":{}} {b_c}"), ["action", "b_c"]);
    }

    #[test]
    fn the_last_fact_of_a_name_counts_and_a_value_is_not_filled_again() {
        let facts = [("a", "first".to_owned()), ("b", "{a}$".to_owned()), ("a", "last".to_owned())];
        assert_eq!(fill("{a} {b}{a}", &facts), "last {a}$last");
    }
}
