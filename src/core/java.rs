//! Texts and numbers as Java reads them; Rust's own ways differ where it matters.

/// `String.trim`: what is at most U+0020 goes at both ends. A non-breaking space stays, which Rust's `trim` takes away.
pub fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c <= ' ')
}

/// The first sign of a text that nobody sees and that Java's `trim` leaves.
pub fn unseen(text: &str) -> Option<char> {
    text.chars().find(|c| is_unseen(*c))
}

/// True for a non-breaking space, a zero-width space, a byte order mark.
pub fn is_unseen(c: char) -> bool {
    c > ' ' && (c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'))
}

/// `Character.isWhitespace`: a non-breaking space is none.
pub(super) fn is_blank(c: char) -> bool {
    matches!(c, '\u{9}'..='\u{d}' | '\u{1c}'..='\u{1f}')
        || (c.is_whitespace() && !matches!(c, '\u{85}' | '\u{a0}' | '\u{2007}' | '\u{202f}'))
}

/// A text in quotes, in which nothing is unseen: `"value[U+00A0]"`.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            c if is_unseen(c) => quoted.push_str(&format!("[U+{:04X}]", u32::from(c))),
            c => quoted.extend(c.escape_debug()),
        }
    }
    quoted.push('"');
    quoted
}

/// `Configuration.getLong`: decimal, or hexadecimal after `0x`; the sign stands before either.
pub(super) fn long(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(digits) => i64::from_str_radix(&format!("{sign}{digits}"), 16).ok(),
        None => text.parse().ok(),
    }
}

/// `Configuration.getInt`: as [`long`], in 32 bits.
pub(super) fn int(text: &str) -> Option<i32> {
    long(text).and_then(|number| i32::try_from(number).ok())
}

/// `Configuration.getBoolean`: whatever is neither word is the default.
pub(super) fn boolean(text: &str, default: bool) -> bool {
    if text.eq_ignore_ascii_case("true") {
        true
    } else if text.eq_ignore_ascii_case("false") {
        false
    } else {
        default
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_non_breaking_space_is_not_trimmed() {
        assert_eq!(trim(" \t\n\u{1}value\u{0}\r "), "value");
        assert_eq!(trim("value\u{a0}"), "value\u{a0}");
        assert_eq!(unseen("value\u{a0}"), Some('\u{a0}'));
        assert_eq!(unseen("\u{feff}value"), Some('\u{feff}'));
        assert_eq!(unseen("a value\n"), None);
        assert_eq!(quoted("\u{feff}a\n\u{a0}"), "\"[U+FEFF]a\\n[U+00A0]\"");
    }

    #[test]
    fn numbers_are_java_s() {
        for (text, number) in
            [("10", Some(10)), ("+10", Some(10)), ("-1", Some(-1)), ("0x1F", Some(31)), ("-0X1f", Some(-31))]
        {
            assert_eq!(int(text), number, "{text}");
        }
        for text in ["", "10M", "1e3", "10.0", "2147483648", "--1", "0x", " 1"] {
            assert_eq!(int(text), None, "{text}");
        }
        assert_eq!(long("2147483648"), Some(2_147_483_648));
        assert!(boolean("TRUE", false) && !boolean("False", true) && boolean("yes", true) && !boolean("", false));
    }
}
