//! `${name}` in a value, as `Configuration.substituteVars` replaces it: the leftmost first, again and again, until
//! nothing is left, a name is unset, or a value holds the very variable that it is put for.

/// `Configuration.MAX_SUBST`: what needs more replacements than this is an `IllegalStateException`.
const MOST: usize = 20;

/// What a variable stands for.
pub(super) enum Variable {
    Text(String),
    /// Only the running DSS knows: one of DSS's own variables, of its environment or of its system properties, or a
    /// setting whose value is not told.
    Unknown,
}

/// What a value becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expanded {
    Text(String),
    /// By the variable of this name.
    Unknown(String),
    TooDeep,
}

pub(super) fn expand(value: &str, look_up: impl Fn(&str) -> Variable) -> Expanded {
    let mut text = value.to_owned();
    for _ in 0..MOST {
        let Some((start, end)) = variable(&text) else { return Expanded::Text(text) };
        let name = text[start..end].to_owned();
        let Variable::Text(put) = look_up(&name) else { return Expanded::Unknown(name) };
        if put.contains(&format!("${{{name}}}")) {
            return Expanded::Text(value.to_owned());
        }
        text.replace_range(start - "${".len()..end + "}".len(), &put);
    }
    Expanded::TooDeep
}

/// Where the name of the first variable stands. A name holds no space, no `$` and no `}`.
fn variable(text: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(at) = text[from..].find("${") {
        let start = from + at + 2;
        match text[start..].find(['}', ' ', '$']) {
            Some(0) if text[start..].starts_with('}') => from = start + 1,
            Some(length) if text[start + length..].starts_with('}') => return Some((start, start + length)),
            Some(length) => from = start + length,
            None => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(value: &str) -> Expanded {
        expand(value, |name| match name {
            "a" => Variable::Text("1".to_owned()),
            "b" => Variable::Text("<${a}>".to_owned()),
            "loop" => Variable::Text("x${loop}".to_owned()),
            "ping" => Variable::Text("${pong}".to_owned()),
            "pong" => Variable::Text("${ping}".to_owned()),
            _ => Variable::Unknown,
        })
    }

    #[test]
    fn replaces_as_hadoop_does() {
        for (value, text) in [
            ("plain", "plain"),
            ("${a}-${a}", "1-1"),
            ("${b}", "<1>"),
            ("${}${a}", "${}1"),
            ("${a b}${a}", "${a b}1"),
            ("$${a}", "$1"),
            ("{a}", "{a}"),
            ("${a", "${a"),
            ("é${a}é", "é1é"),
            ("${loop}", "${loop}"),
        ] {
            assert_eq!(expanded(value), Expanded::Text(text.to_owned()), "{value}");
        }
        assert_eq!(expanded("${ping}"), Expanded::TooDeep);
        assert_eq!(expanded("${a}${other}"), Expanded::Unknown("other".to_owned()));
    }
}
