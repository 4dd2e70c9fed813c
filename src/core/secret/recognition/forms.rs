//! The forms that secrets have within texts: what signs in before a host, private keys, signed parameters, fields whose
//! name says it, tokens that describe themselves, values that DSS encrypted.

use std::ops::Range;

use super::SCRUBBED;
use super::names::names_a_secret;

/// Reads the secret that begins, or is announced, at a place; none if it only looked so.
type Form = fn(&str, usize) -> Option<Range<usize>>;

/// What announces a secret, and how the secret is read there.
const FORMS: [(&str, Form); 9] = [
    ("://", user_info),
    ("@", user_and_password),
    PRIVATE_KEY,
    ENCODED_PRIVATE_KEY,
    ("=", parameter),
    (":", field),
    ("uthorization", authorization),
    ("eyJ", web_token),
    ("e:", encrypted),
];
const PRIVATE_KEY: (&str, Form) = ("-----BEGIN ", private_key);
const ENCODED_PRIVATE_KEY: (&str, Form) = ("LS0tLS1CRUdJTi", encoded_private_key);

/// Every part of the text that is a secret by its form; they may overlap.
pub(super) fn spans(text: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    for (announced_by, read) in FORMS {
        // What lies in a secret already found is not read again: a long text of announcements stays cheap.
        let mut done = 0;
        for (at, _) in text.match_indices(announced_by) {
            if at >= done
                && let Some(span) = read(text, at)
            {
                done = span.end;
                spans.push(span);
            }
        }
    }
    spans
}

/// True if a private key is in the text, whatever it is wrapped in.
pub(super) fn holds_private_key(text: &str) -> bool {
    let holds =
        |(announced_by, read): (&str, Form)| text.match_indices(announced_by).any(|(at, _)| read(text, at).is_some());
    holds(PRIVATE_KEY) || holds(ENCODED_PRIVATE_KEY)
}

/// Where a run of characters that `goes_on` ends.
fn end_of_run(text: &str, from: usize, goes_on: impl Fn(char) -> bool) -> usize {
    text[from..].find(|c: char| !goes_on(c)).map_or(text.len(), |length| from + length)
}

/// Where the run of characters that ends before `to` begins.
fn start_of_run(text: &str, to: usize, goes_on: impl Fn(char) -> bool) -> usize {
    text[..to].char_indices().rev().take_while(|(_, c)| goes_on(*c)).last().map_or(to, |(at, _)| at)
}

/// True if no letter or digit stands before the place.
fn begins_a_word(text: &str, at: usize) -> bool {
    text[..at].chars().next_back().is_none_or(|c| !c.is_ascii_alphanumeric())
}

fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+/=_-".contains(c)
}

fn is_in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._-".contains(c)
}

/// Schemes whose URLs have the name of a container before the `@`.
const CONTAINER_SCHEMES: [&str; 5] = ["abfs", "abfss", "wasb", "wasbs", "adl"];
/// How far a `/` within user info is looked past, in bytes.
const LONGEST_USER_INFO: usize = 512;

/// `scheme://ID:SECRET@host`, `scheme://TOKEN@host`.
fn user_info(text: &str, at: usize) -> Option<Range<usize>> {
    let begin = at + "://".len();
    let scheme = &text[start_of_run(text, at, |c| c.is_ascii_alphanumeric() || "+.-".contains(c))..at];
    let in_url = |c: char| !c.is_whitespace() && !"\"'<>`\\".contains(c);
    let authority = &text[begin..end_of_run(text, begin, |c| in_url(c) && !"/?#".contains(c))];
    let ends = match authority.rfind('@') {
        Some(ends) => begin + ends,
        None => {
            // A `/` that should have been encoded: it begins no path where no host with a port is before it.
            let (host, port) = authority.split_once(':')?;
            if port.is_empty() || port.bytes().all(|byte| byte.is_ascii_digit()) || host.starts_with('[') {
                return None;
            }
            let far = text.floor_char_boundary(begin + LONGEST_USER_INFO);
            let url = &text[begin..end_of_run(&text[..far], begin, in_url)];
            begin + url.find('@')?
        }
    };
    let container = CONTAINER_SCHEMES.contains(&scheme.to_ascii_lowercase().as_str());
    (!scheme.is_empty() && (!container || text[begin..ends].contains(':'))).then_some(begin..ends)
}

/// `ID:SECRET@host` without a scheme, as an endpoint is written. `image:tag@sha256:…` is no such thing.
fn user_and_password(text: &str, at: usize) -> Option<Range<usize>> {
    let begin = start_of_run(text, at, |c| c.is_ascii_graphic() && !"\"'<>`/@,;()[]{}\\".contains(c));
    let (user, password) = text[begin..at].split_once(':')?;
    let after = &text[at + 1..];
    let digest = ["sha256:", "sha512:"].iter().any(|start| after.starts_with(start));
    let host = after.starts_with(|c: char| c.is_ascii_alphanumeric());
    (host && !digest && !user.is_empty() && !password.is_empty()).then_some(begin..at)
}

/// `-----BEGIN … PRIVATE KEY-----` to its end, or to the end of the text where it has none.
fn private_key(text: &str, at: usize) -> Option<Range<usize>> {
    const LINE: &str = "PRIVATE KEY-----";
    let algorithm = at + PRIVATE_KEY.0.len();
    let header_ends = algorithm + text[algorithm..].find("-----")? + "-----".len();
    if !text[at..header_ends].ends_with(LINE) {
        return None;
    }
    let ends = text[header_ends..].find(LINE).map_or(text.len(), |length| header_ends + length + LINE.len());
    Some(at..ends)
}

/// Base64 of `-----BEGIN … PRIVATE KEY-----`, as a kubeconfig holds keys. Certificates start alike and are no secret.
fn encoded_private_key(text: &str, at: usize) -> Option<Range<usize>> {
    const CERTIFICATE: &str = "BDRVJUSUZJQ0FUR";
    let announced = begins_a_word(text, at) && !text[at + ENCODED_PRIVATE_KEY.0.len()..].starts_with(CERTIFICATE);
    announced.then(|| at..end_of_run(text, at, is_base64))
}

/// `name=value` in a query, a connection string or among words, where the name is a secret's.
fn parameter(text: &str, at: usize) -> Option<Range<usize>> {
    let name_at = start_of_run(text, at, is_in_name);
    let before = text[..name_at].chars().next_back();
    let apart = before.is_none_or(|c| c.is_whitespace() || "?&;,'\"`({[".contains(c));
    let value_at = at + 1;
    if !apart || !names_a_secret(&text[name_at..at]) || stands_for_a_value(&text[value_at..]) {
        return None;
    }
    let value = match text[value_at..].chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let begin = value_at + 1;
            begin..text[begin..].find(quote).map_or(text.len(), |length| begin + length)
        }
        _ => value_at..end_of_run(text, value_at, |c| !c.is_whitespace() && !"&;,\"'<>`".contains(c)),
    };
    // `--docker-password=PASSWORD` in a command to fill in; what is in a URL is filled in.
    let to_fill_in = text[value.clone()].bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    (before.is_some_and(|c| "?&;".contains(c)) || !to_fill_in).then_some(value)
}

/// True if a variable or a gap to fill in begins, or what was scrubbed before.
fn stands_for_a_value(text: &str) -> bool {
    let variable = text.strip_prefix('$').and_then(|rest| rest.chars().next());
    text.starts_with(['{', '<', '…'])
        || text.starts_with(SCRUBBED)
        || variable.is_some_and(|first| first == '{' || first == '(' || first.is_ascii_uppercase())
}

/// `"name": "value"` of JSON, within a text that holds JSON as well, where the name is a secret's.
fn field(text: &str, colon: usize) -> Option<Range<usize>> {
    let before = text[..colon].trim_end();
    let name_ends = before.strip_suffix('"')?.trim_end_matches('\\').len();
    let name_at = start_of_run(text, name_ends, is_in_name);
    if !text[..name_at].ends_with('"') || !names_a_secret(&text[name_at..name_ends]) {
        return None;
    }
    // `"`, or `\"` within a string: the value's quotes are as deep as the name's.
    let quote = &before[name_ends..];
    let value_at = text.len() - text[colon + 1..].trim_start().len();
    let begin = value_at + text[value_at..].strip_prefix(quote).map(|_| quote.len())?;
    Some(begin..end_of_string(text, begin, quote.len() - 1))
}

/// Where a JSON string ends whose quotes have so many backslashes before them.
fn end_of_string(text: &str, from: usize, escapes: usize) -> usize {
    let mut backslashes = 0;
    for (at, c) in text[from..].char_indices() {
        match c {
            '\\' => backslashes += 1,
            '"' if backslashes <= escapes => return from + at - backslashes,
            _ => backslashes = 0,
        }
    }
    text.len()
}

/// `Authorization: Bearer …`, `Authorization: Basic …`, in a header or in JSON.
fn authorization(text: &str, at: usize) -> Option<Range<usize>> {
    let begin = end_of_run(text, at + "uthorization".len(), |c| "\":= \\".contains(c));
    let is_there =
        |scheme: &&str| text.get(begin..begin + scheme.len()).is_some_and(|there| there.eq_ignore_ascii_case(scheme));
    let value = begin + ["bearer ", "basic "].iter().find(|scheme| is_there(scheme))?.len();
    Some(value..end_of_run(text, value, |c| is_base64(c) || ".~".contains(c)))
}

/// A JSON Web Token: parts in base64, of which the first starts as JSON does.
fn web_token(text: &str, at: usize) -> Option<Range<usize>> {
    if !begins_a_word(text, at) {
        return None;
    }
    let ends = end_of_run(text, at, |c| c.is_ascii_alphanumeric() || "._-".contains(c));
    let token = text[at..ends].trim_end_matches('.');
    let (head, rest) = token.split_once('.')?;
    (head.len() > 10 && rest.len() > 4).then_some(at..at + token.len())
}

/// `e:AES:…`, a value as DSS keeps it.
fn encrypted(text: &str, at: usize) -> Option<Range<usize>> {
    let ends = cipher_ends(&text[at..])?;
    begins_a_word(text, at).then(|| at..end_of_run(text, at + ends, is_base64))
}

/// Where the name of the cipher ends, with its colon, in a value that DSS has encrypted.
pub(super) fn cipher_ends(value: &str) -> Option<usize> {
    let (cipher, _) = value.strip_prefix("e:")?.split_once(':')?;
    let named = !cipher.is_empty() && cipher.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    named.then(|| "e:".len() + cipher.len() + 1)
}
