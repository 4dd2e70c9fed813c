//! Lines of logs as they may be shown: without secrets, on one line, and short.

use std::ops::Range;

use ackcheck_core::report::one_line;
use ackcheck_core::secret::{SCRUBBED, Scrubber};

/// The most of a line that is shown, in characters.
const MOST: usize = 240;
/// What is shown before the part that was matched, in characters.
const BEFORE: usize = 60;

/// The part of a line that matters, as a report may show it.
pub(crate) fn quote(line: &str, matched: &str, scrubber: &Scrubber) -> String {
    let clean = one_line(&without_secrets(line, scrubber));
    let matched = one_line(&without_secrets(matched, scrubber));
    let at = clean.find(&matched).unwrap_or(0);
    let begin = match clean[..at].char_indices().rev().nth(BEFORE) {
        // A line that fits is not cut at its beginning.
        Some((begin, _)) if clean.chars().count() > MOST => begin,
        _ => 0,
    };
    let rest = &clean[begin..];
    let end = rest.char_indices().nth(MOST).map_or(rest.len(), |(end, _)| end);
    let (before, after) = (if begin > 0 { "…" } else { "" }, if end < rest.len() { "…" } else { "" });
    format!("{before}{}{after}", rest[..end].trim())
}

/// The part of a long line around what was matched, whole words of it: half of a secret would not be known for one.
pub(crate) fn around<'a>(line: &'a str, matched: &Range<usize>) -> &'a str {
    const KEPT: usize = 2 << 10;
    let begin = match line.floor_char_boundary(matched.start.saturating_sub(KEPT)) {
        0 => 0,
        cut => line[cut..matched.start].find(char::is_whitespace).map_or(matched.start, |blank| cut + blank),
    };
    let end = line.ceil_char_boundary((matched.end + KEPT).min(line.len()));
    let end = match end == line.len() {
        true => end,
        false => line[matched.end..end].rfind(char::is_whitespace).map_or(matched.end, |blank| matched.end + blank),
    };
    &line[begin..end]
}

/// A text of a log without what is a secret there. Nobody said what in a log is one: besides what is known and what has a
/// secret's form, every word is hidden that looks drawn by lot, as keys are.
pub(crate) fn without_secrets(text: &str, scrubber: &Scrubber) -> String {
    let clean = scrubber.without_secrets(text);
    let mut out = String::with_capacity(clean.len());
    for word in clean.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let letters = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        match is_drawn_by_lot(letters) {
            true => out.extend([SCRUBBED, &word[letters.len()..]]),
            false => out.push_str(word),
        }
    }
    out
}

/// Long, of letters of both cases and several digits: an AccessKey secret has 30 of them. Ids of requests and images are
/// hexadecimal, and names of pods in lower case.
fn is_drawn_by_lot(word: &str) -> bool {
    const SHORTEST: usize = 20;
    let count = |of: fn(&u8) -> bool| word.bytes().filter(of).count();
    word.len() >= SHORTEST
        && count(u8::is_ascii_lowercase) > 0
        && count(u8::is_ascii_uppercase) > 0
        && count(u8::is_ascii_digit) > 1
        && !is_access_key_id(word)
}

/// The id of an AccessKey, which is no secret and says whose key it is.
fn is_access_key_id(word: &str) -> bool {
    const LONGEST: usize = 26;
    word.starts_with("LTAI") && word.len() <= LONGEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_shown_around_what_was_matched() {
        let scrubber = Scrubber::default();
        let line = format!("{} Connection refused: dss01 {}", "x ".repeat(300), "y ".repeat(300));
        let shown = quote(&line, "Connection refused: dss01", &scrubber);
        assert!(
            shown.starts_with("…") && shown.ends_with("…") && shown.contains("Connection refused: dss01"),
            "{shown}"
        );
        assert!(shown.chars().count() <= MOST + 2, "{shown}");
        assert_eq!(quote("\ta\u{7}b  c\n", "c", &scrubber), "a\\u{7}b c");
    }

    #[test]
    fn what_is_kept_of_a_long_line_has_no_half_of_a_word() {
        let secret = format!("x://me:{}@host", "CANARY".repeat(100));
        let line =
            format!("{} {secret} {} matched {} {secret} end", "a ".repeat(500), "b".repeat(1900), "c".repeat(1900));
        let at = line.find("matched").unwrap();
        let kept = around(&line, &(at..at + 7));
        assert!(kept.contains("matched") && !kept.contains("CANARY"), "{kept}");
        assert_eq!(around("one matched two", &(4..11)), "one matched two");
    }

    #[test]
    fn keys_go_and_ids_stay() {
        let scrubber = Scrubber::default();
        for (line, clean) in [
            ("fs.oss.accessKeySecret=CANARYsecretA1b2C3d4E5f6G7h8I9", "fs.oss.accessKeySecret=•••"),
            ("secret CANARYsecretA1b2C3d4E5f6G7h8I9, refused", "secret •••, refused"),
            ("Authorization: Bearer CANARY.x.y", "Authorization: Bearer •••"),
            ("http://me:CANARY@proxy:3128", "http://•••@proxy:3128"),
            ("key LTAI5tLabOssKeyId000001", "key LTAI5tLabOssKeyId000001"),
            ("[RequestId]: 62A1B2C3D4E5F60718293A4B", "[RequestId]: 62A1B2C3D4E5F60718293A4B"),
            (
                "org.apache.hadoop.fs.aliyun.oss.AliyunOSSFileSystem",
                "org.apache.hadoop.fs.aliyun.oss.AliyunOSSFileSystem",
            ),
            (
                "a/dku-exec-base-3bxcxfn7xeopddcvvnsqvolf:dss-14.2.1",
                "a/dku-exec-base-3bxcxfn7xeopddcvvnsqvolf:dss-14.2.1",
            ),
        ] {
            assert_eq!(without_secrets(line, &scrubber), clean);
        }
    }
}
