//! Literals of which every match of a regular expression holds one: what a line is first looked at for.

use regex_syntax::hir::{Hir, HirKind};

/// Escapes of JSON and quotes come between: `image \"a\"` and `image "a"` are one text.
const BREAKS: &[char] = &['"', '\\', '<', '>', '&', '\n', '\t'];

/// What stands in every other line of healthy logs here, and decides nothing however long it is.
const COMMON: &[&str] = &[".aliyuncs.com", "org.apache.hadoop.fs.aliyun.oss."];

/// The literals, any one of which is in every match; none if a match can do without.
///
/// # Errors
/// Where it is not a regular expression.
pub(crate) fn required(expression: &str) -> Result<Option<Vec<String>>, String> {
    let hir = regex_syntax::parse(expression).map_err(|error| error.to_string())?;
    Ok(of(&hir))
}

fn of(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            let longest = text.split(BREAKS).max_by_key(|piece| piece.len()).filter(|piece| !piece.is_empty())?;
            Some(vec![longest.to_owned()])
        }
        HirKind::Capture(capture) => of(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => of(&repetition.sub),
        // The one whose shortest is longest: it is met by chance the least.
        HirKind::Concat(parts) => parts.iter().filter_map(of).max_by_key(|literals| telling(literals)),
        HirKind::Alternation(parts) => {
            let all: Option<Vec<Vec<String>>> = parts.iter().map(of).collect();
            Some(all?.concat())
        }
        _ => None,
    }
}

/// How much the least of them tells: its length in bytes, without what is common.
pub(crate) fn telling(literals: &[String]) -> usize {
    let common = |literal: &&str| {
        COMMON.iter().filter(|common| literal.contains(**common)).map(|common| common.len()).sum::<usize>()
    };
    literals.iter().map(String::as_str).map(|literal| literal.len() - common(&literal)).min().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn holds(expression: &str, literals: &[&str]) {
        assert_eq!(required(expression).unwrap().unwrap_or_default(), literals, "{expression}");
    }

    #[test]
    fn finds_what_no_match_can_do_without() {
        holds(r"(?P<host>\S+): Name or service not known", &[": Name or service not known"]);
        holds(r#"Failed to pull image "(?P<image>[^"]+)": "#, &["Failed to pull image "]);
        holds(r"a(?:Connection refused|timed out): x", &["Connection refused", "timed out"]);
        holds(r"(?:optional text)?[0-9]+ short", &[" short"]);
        holds(r"(?:one|[a-z]+)", &[]);
        holds(r"(?i)unresolved", &[]);
        holds(r"Connect to \S+\.aliyuncs\.com:", &["Connect to "]);
        assert!(required("(").is_err());
    }
}
