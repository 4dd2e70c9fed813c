//! What is a secret although nobody said so: decided by a value's form and by where it stands, never by a list of keys
//! that somebody must keep complete.
//!
//! Two questions are answered here. Of a *text* (an answer, a URL, a line): which parts of it are secrets whatever is
//! around them. Of a *setting* (a key and its value): whether the value is one. Both err towards hiding: what is hidden
//! wrongly costs a reader a look at the file, what is shown wrongly costs a key.

mod forms;
mod names;

use std::ops::Range;

pub use names::names_a_secret;

/// What stands where a secret stood.
pub const SCRUBBED: &str = "•••";

/// The text without the parts that are secrets by their form; none if there is nothing to hide.
pub fn hidden(text: &str) -> Option<String> {
    let spans = merged(forms::spans(text));
    if spans.iter().all(|span| &text[span.clone()] == SCRUBBED) {
        return None;
    }
    let mut clean = String::with_capacity(text.len());
    let mut at = 0;
    for span in spans {
        clean.push_str(&text[at..span.start]);
        clean.push_str(SCRUBBED);
        at = span.end;
    }
    clean.push_str(&text[at..]);
    Some(clean)
}

/// The parts of a text that are secrets by their form. Of a user and a password, the password alone as well: a server
/// that refuses it may repeat it.
pub fn secrets_in(text: &str) -> Vec<&str> {
    let spans = merged(forms::spans(text));
    let whole = spans.into_iter().map(|span| &text[span]).filter(|part| *part != SCRUBBED);
    whole
        .flat_map(|part| {
            let password = part.split_once(':').map(|(_, password)| password).filter(|_| !part.starts_with("e:"));
            [Some(part), password].into_iter().flatten()
        })
        .collect()
}

/// Whether the value of a setting is a secret as a whole, though nothing marks it as one.
pub fn is_secret(key: &str, value: &str) -> bool {
    let value = value.trim();
    if value.is_empty() || is_switch(value) {
        return false;
    }
    names_a_secret(key)
        || is_access_key_secret(value)
        || (names::names_an_id(key) && is_no_access_key_id(value))
        || forms::holds_private_key(value)
}

/// True for a value that DSS has encrypted: `e:AES:…`.
pub fn is_encrypted(value: &str) -> bool {
    forms::cipher_ends(value).is_some()
}

/// True for a text that may stand in a message as an administrator wrote it: nothing in it has a secret's form, or the
/// length and look of one.
pub fn may_be_quoted(text: &str) -> bool {
    hidden(text).is_none() && !text.split(|c: char| !(c.is_ascii_alphanumeric() || "+/_-".contains(c))).any(is_opaque)
}

/// 30 letters and digits, as AccessKey secrets are (RAM guide, "AccessKey pair"); words and numbers alone are not.
pub fn is_access_key_secret(value: &str) -> bool {
    value.len() == 30 && value.bytes().all(|byte| byte.is_ascii_alphanumeric()) && is_mixed(value)
}

/// Longer than the id of any key that lasts: these have at most 26 characters and no sign but letters and digits. Ids of
/// temporary keys are longer and say what they are.
fn is_no_access_key_id(value: &str) -> bool {
    const LONGEST_ID: usize = 27;
    let temporary = ["STS.", "TMP."].iter().any(|start| value.starts_with(start));
    let variable = value.contains("${") || value.contains("%{");
    value.len() > LONGEST_ID && !temporary && !variable
}

/// A long run of letters and digits that is no word: a key, a token, a hash.
fn is_opaque(run: &str) -> bool {
    const SHORTEST: usize = 20;
    let letters_and_digits = run.bytes().filter(u8::is_ascii_alphanumeric).count();
    // A path and a name of several words are broken by their signs again and again.
    run.len() >= SHORTEST && letters_and_digits * 10 >= run.len() * 9 && is_mixed(run)
}

fn is_mixed(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit()) && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// `true` under a key such as `security.token.enabled` tells nothing.
fn is_switch(value: &str) -> bool {
    ["true", "false", "none", "null"].iter().any(|word| value.eq_ignore_ascii_case(word))
}

/// The spans in order, those that touch made one.
fn merged(mut spans: Vec<Range<usize>>) -> Vec<Range<usize>> {
    spans.retain(|span| !span.is_empty());
    spans.sort_by_key(|span| span.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}

#[cfg(test)]
#[path = "recognition_tests.rs"]
mod tests;
