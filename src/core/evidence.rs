//! What was asked and what came back, kept by the seats, with every known secret scrubbed as it is written.

use std::fmt;
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use base64::Engine as _;
use zeroize::Zeroizing;

use crate::place::Vantage;

/// A secret. It cannot be printed: `Debug` shows dots, and there is no `Display`.
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// Wraps a secret value.
    pub fn new(value: impl Into<String>) -> Secret {
        Secret(Arc::new(Zeroizing::new(value.into())))
    }
    /// The value itself, for signing and sending; never for printing.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What stands where a secret stood.
pub const SCRUBBED: &str = "•••";

/// Knows every secret of a run and takes each out of any text, in the forms it travels in:
/// as it is, percent-encoded, JSON-escaped, and in base64 (alone, and as `user:secret`).
#[derive(Clone, Default)]
pub struct Scrubber {
    known: Arc<RwLock<Known>>,
}

/// The forms of every secret, and where one may start: nearly no text holds one, and thousands of nodes leave many texts.
#[derive(Default)]
struct Known {
    needles: Vec<Zeroizing<String>>,
    /// A bit for each hash of the first four bytes of a needle.
    starts: Vec<u64>,
}

impl Known {
    const WORDS: usize = 1024;

    fn bit(start: &[u8]) -> Option<(usize, u64)> {
        let four: [u8; 4] = start.get(..4)?.try_into().ok()?;
        let hash = u32::from_le_bytes(four).wrapping_mul(0x9e37_79b1) >> 16;
        Some((hash as usize / 64, 1 << (hash % 64)))
    }

    fn learn(&mut self, needle: String) {
        if needle.len() < SHORTEST || self.needles.iter().any(|known| **known == needle) {
            return;
        }
        self.starts.resize(Known::WORDS, 0);
        if let Some((word, bit)) = Known::bit(needle.as_bytes()) {
            self.starts[word] |= bit;
        }
        self.needles.push(Zeroizing::new(needle));
    }

    /// The text without any needle; none where it is clean as it is.
    fn cleaned(&self, text: &str) -> Option<String> {
        let starts = |(word, bit): (usize, u64)| self.starts[word] & bit != 0;
        if self.needles.is_empty() || !text.as_bytes().windows(4).filter_map(Known::bit).any(starts) {
            return None;
        }
        let mut clean: Option<String> = None;
        for needle in &self.needles {
            let now = clean.as_deref().unwrap_or(text);
            if now.contains(needle.as_str()) {
                clean = Some(now.replace(needle.as_str(), SCRUBBED));
            }
        }
        clean
    }
}

impl fmt::Debug for Scrubber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scrubber(…)")
    }
}

/// Shorter values would scrub ordinary words; no credential of these services is that short.
const SHORTEST: usize = 6;

impl Scrubber {
    /// Learns a secret; from here on it is taken out of everything written.
    pub fn learn(&self, secret: &Secret) {
        let value = secret.expose();
        if value.len() < SHORTEST {
            return;
        }
        let encoded = percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC).to_string();
        let escaped = serde_json::to_string(value).unwrap_or_default();
        let mut needles = vec![value.to_owned(), encoded, escaped.trim_matches('"').to_owned()];
        needles.extend(base64_forms(value));
        self.add(needles);
    }

    /// Learns a user name and its password, which travel together in base64 as HTTP Basic does.
    pub fn learn_pair(&self, user: &str, secret: &Secret) {
        self.learn(secret);
        let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{}", secret.expose()));
        self.add(vec![pair]);
    }

    fn add(&self, needles: Vec<String>) {
        let mut known = self.known.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        needles.into_iter().for_each(|needle| known.learn(needle));
        // The longest first, so that no form leaves a tail of a longer one behind.
        known.needles.sort_by_key(|needle| std::cmp::Reverse(needle.len()));
    }

    fn cleaned(&self, text: &str) -> Option<String> {
        self.known.read().unwrap_or_else(|poisoned| poisoned.into_inner()).cleaned(text)
    }

    /// The text without any known secret.
    pub fn scrub(&self, text: &str) -> String {
        self.cleaned(text).unwrap_or_else(|| text.to_owned())
    }

    /// Takes every known secret out of a text where it stands.
    pub fn scrub_in_place(&self, text: &mut String) {
        if let Some(clean) = self.cleaned(text) {
            *text = clean;
        }
    }
}

/// The base64 forms that a value leaves inside a longer encoded text: one for each alignment, without the
/// characters that depend on its neighbours.
fn base64_forms(value: &str) -> Vec<String> {
    let mut forms = Vec::new();
    for shift in 0..3usize {
        let padded = [vec![0u8; shift], value.as_bytes().to_vec()].concat();
        let whole = base64::engine::general_purpose::STANDARD_NO_PAD.encode(&padded);
        let start = match shift {
            0 => 0,
            1 => 2,
            _ => 3,
        };
        let whole_bits = (padded.len() * 8) / 6;
        let core = &whole[start.min(whole.len())..whole_bits.min(whole.len())];
        // Eight characters of base64 are six bytes: fewer would meet by chance.
        if core.len() >= 8 {
            forms.push(core.to_owned());
            forms.push(core.replace('+', "-").replace('/', "_"));
        }
    }
    forms
}

/// One thing that was asked and what came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Where it was asked from.
    pub vantage: Vantage,
    /// The question, as a person would type it: `GET https://…`, `read /data/dataiku/bin/env-site.sh`.
    pub asked: String,
    /// The answer, shortened.
    pub answered: String,
    /// How long it took.
    pub took: Duration,
}

/// The longest answer kept, in bytes: enough for any error body, too little for a data set.
pub const LONGEST_ANSWER: usize = 4096;
/// The most entries kept for one case; the first and the latest say most.
pub const MOST_ENTRIES: usize = 64;

/// Where the seats of one case write what they asked and heard.
#[derive(Debug, Clone)]
pub struct Journal {
    scrubber: Scrubber,
    entries: Arc<Mutex<Vec<Evidence>>>,
}

impl Journal {
    /// An empty journal that scrubs with `scrubber`.
    pub fn new(scrubber: Scrubber) -> Journal {
        Journal { scrubber, entries: Arc::default() }
    }

    /// The scrubber, for seats that learn a secret while they look.
    pub fn scrubber(&self) -> &Scrubber {
        &self.scrubber
    }

    /// Writes one question and its answer.
    pub fn note(&self, vantage: Vantage, asked: impl AsRef<str>, answered: impl AsRef<str>, took: Duration) {
        let mut answer = self.scrubber.scrub(answered.as_ref());
        if answer.len() > LONGEST_ANSWER {
            let cut = (0..=LONGEST_ANSWER).rev().find(|&at| answer.is_char_boundary(at)).unwrap_or(0);
            let left = answer.len() - cut;
            answer.truncate(cut);
            answer.push_str(&format!("… ({left} bytes more)"));
        }
        let asked = self.scrubber.scrub(asked.as_ref());
        let mut entries = self.entries.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if entries.len() == MOST_ENTRIES {
            entries.remove(MOST_ENTRIES / 2);
        }
        entries.push(Evidence { vantage, asked, answered: answer, took });
    }

    /// What was written, in order. A report keeps it: it takes no more room than it needs.
    pub fn take(&self) -> Vec<Evidence> {
        let mut entries = std::mem::take(&mut *self.entries.lock().unwrap_or_else(|poisoned| poisoned.into_inner()));
        entries.shrink_to_fit();
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scrubs_every_form_a_secret_travels_in() {
        let scrubber = Scrubber::default();
        let secret = Secret::new("s3/cr+et canary\"1");
        scrubber.learn_pair("robot", &secret);
        let basic = base64::engine::general_purpose::STANDARD.encode("robot:s3/cr+et canary\"1");
        let inside = base64::engine::general_purpose::STANDARD.encode("xs3/cr+et canary\"1y");
        for text in
            ["s3/cr+et canary\"1", "s3%2Fcr%2Bet%20canary%221", "s3/cr+et canary\\\"1", basic.as_str(), inside.as_str()]
        {
            let clean = scrubber.scrub(&format!("before {text} after"));
            assert!(clean.contains(SCRUBBED), "left as it was: {clean}");
            assert!(!clean.contains("canary"), "{clean}");
        }
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }
}
