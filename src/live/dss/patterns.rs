//! Patterns of bash (`*`, `?`), as far as they can be decided here.

/// The longest text matched; the work is its square.
const LONGEST: usize = 4096;

/// True where the pattern has something that is not decided here: brackets, an extended pattern, a backslash.
fn is_beyond(pattern: &str) -> bool {
    pattern.contains(['[', '\\', '(', '|'])
}

/// Whether the whole text matches; none where it is not decided here.
pub(super) fn matches(pattern: &str, text: &str) -> Option<bool> {
    if is_beyond(pattern) || text.len() > LONGEST || pattern.len() > LONGEST {
        return None;
    }
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut seen) = (0, 0);
    // Where to go on from, should what follows the last `*` not match.
    let mut retry = None;
    while seen < text.len() {
        match pattern.get(at) {
            Some('*') => {
                retry = Some((at + 1, seen));
                at += 1;
            }
            Some(c) if *c == '?' || *c == text[seen] => {
                at += 1;
                seen += 1;
            }
            _ => {
                let (after, from) = match retry {
                    None => return Some(false),
                    Some((after, from)) => (after, from + 1),
                };
                retry = Some((after, from));
                at = after;
                seen = from;
            }
        }
    }
    Some(pattern[at..].iter().all(|c| *c == '*'))
}

/// `${X%pattern}` and its like: the text without what matches at one end.
pub(super) fn without(text: &str, pattern: &str, end: End, longest: bool) -> Option<String> {
    if !text.is_ascii() || is_beyond(pattern) || text.len() > 512 {
        return None;
    }
    let cuts: Vec<usize> = (0..=text.len()).collect();
    let in_order: Box<dyn Iterator<Item = &usize>> = match (end, longest) {
        (End::Front, false) | (End::Back, true) => Box::new(cuts.iter()),
        (End::Front, true) | (End::Back, false) => Box::new(cuts.iter().rev()),
    };
    for cut in in_order {
        let (removed, kept) = match end {
            End::Front => (&text[..*cut], &text[*cut..]),
            End::Back => (&text[*cut..], &text[..*cut]),
        };
        if matches(pattern, removed)? {
            return Some(kept.to_owned());
        }
    }
    Some(text.to_owned())
}

/// Which end is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Front,
    Back,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_bash_matches() {
        for (pattern, text, expected) in [
            ("a*c", "abbc", true),
            ("a*c", "abb", false),
            ("*", "", true),
            ("?", "", false),
            ("a?c*", "abc", true),
            ("*.example", "dss.corp.example", true),
            ("a*b*c", "a-b-b-c", true),
        ] {
            assert_eq!(matches(pattern, text), Some(expected), "{pattern} {text}");
        }
        assert_eq!(matches("[ab]", "a"), None);
        let host = "dss.corp.example";
        for (pattern, end, longest, left) in [
            (".*", End::Back, false, "dss.corp"),
            (".*", End::Back, true, "dss"),
            ("*.", End::Front, false, "corp.example"),
            ("*.", End::Front, true, "example"),
            ("x", End::Front, true, host),
        ] {
            assert_eq!(without(host, pattern, end, longest).as_deref(), Some(left), "{pattern}");
        }
    }
}
