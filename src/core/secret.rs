//! Secrets, and the scrubber that keeps them out of everything that is written.
//!
//! Only a [`Scrubber`] makes a [`Secret`], and it learns the value as it does: no field, reply or file can bring a secret
//! that the reports would print. What is a secret although nobody said so is decided by [`recognition`].

pub mod recognition;

pub use recognition::SCRUBBED;

use std::fmt;
use std::sync::{Arc, RwLock};

use base64::Engine as _;
use zeroize::Zeroizing;

/// A secret. It cannot be printed: `Debug` shows dots, and there is no `Display`.
///
/// There is no way to one but [`Scrubber::secret`] and [`Scrubber::basic`], which learn it:
///
/// ```compile_fail
/// let secret = ackcheck_core::secret::Secret::new("value");
/// ```
///
/// ```compile_fail
/// let secret: ackcheck_core::secret::Secret = String::from("value").into();
/// ```
///
/// ```
/// let scrubber = ackcheck_core::secret::Scrubber::default();
/// let secret = scrubber.secret("of the registry");
/// assert_eq!(scrubber.scrub("it is of the registry"), "it is •••");
/// assert_eq!(secret.expose(), "of the registry");
/// ```
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    fn new(value: String) -> Secret {
        Secret(Arc::new(Zeroizing::new(value)))
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

/// Makes every secret of a run, and takes each out of any text, in the forms it travels in: as it is, percent-encoded,
/// JSON-escaped, and in base64 (alone, and as `user:secret`). Clones share what they know.
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

    /// The text without any needle; none if it is clean as it is.
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
    /// A secret, known from here on: it is taken out of everything that is written.
    pub fn secret(&self, value: impl Into<String>) -> Secret {
        let secret = Secret::new(value.into());
        let value = secret.expose();
        if value.len() >= SHORTEST {
            let encoded = percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC).to_string();
            let escaped = serde_json::to_string(value).unwrap_or_default();
            let mut needles = vec![value.to_owned(), encoded, escaped.trim_matches('"').to_owned()];
            needles.extend(base64_forms(value));
            self.add(needles);
        }
        secret
    }

    /// A user and a password as HTTP Basic sends them, `base64(user:password)`: a secret of its own.
    pub fn basic(&self, user: &str, password: &str) -> Secret {
        self.secret(base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}")))
    }

    /// Learns every secret that can be recognised in a foreign text, and gives the text without them.
    pub fn without_secrets(&self, text: &str) -> String {
        for part in recognition::secrets_in(text) {
            self.secret(part);
        }
        self.scrub(text)
    }

    fn add(&self, needles: Vec<String>) {
        let mut known = self.known.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        needles.into_iter().for_each(|needle| known.learn(needle));
        // The longest first, so that no form leaves a tail of a longer one behind.
        known.needles.sort_by_key(|needle| std::cmp::Reverse(needle.len()));
    }

    fn cleaned(&self, text: &str) -> Option<String> {
        let known = self.known.read().unwrap_or_else(|poisoned| poisoned.into_inner()).cleaned(text);
        recognition::hidden(known.as_deref().unwrap_or(text)).or(known)
    }

    /// The text without any known secret, and without what is a secret by its form alone.
    pub fn scrub(&self, text: &str) -> String {
        self.cleaned(text).unwrap_or_else(|| text.to_owned())
    }

    /// Takes every secret out of a text where it stands, as [`Scrubber::scrub`] does.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scrubs_every_form_a_secret_travels_in() {
        let scrubber = Scrubber::default();
        let secret = scrubber.secret("s3/cr+et canary\"1");
        let basic = scrubber.basic("robot", secret.expose());
        let inside = base64::engine::general_purpose::STANDARD.encode("xs3/cr+et canary\"1y");
        for text in
            ["s3/cr+et canary\"1", "s3%2Fcr%2Bet%20canary%221", "s3/cr+et canary\\\"1", basic.expose(), inside.as_str()]
        {
            let clean = scrubber.scrub(&format!("before {text} after"));
            assert!(clean.contains(SCRUBBED), "left as it was: {clean}");
            assert!(!clean.contains("canary"), "{clean}");
        }
        assert_eq!(format!("{secret:?} {basic:?}"), "Secret(…) Secret(…)");
    }

    #[test]
    fn what_nobody_named_a_secret_is_recognised_and_known_elsewhere_too() {
        let scrubber = Scrubber::default();
        assert_eq!(scrubber.scrub("proxy http://me:pw@proxy:3128"), "proxy http://•••@proxy:3128");
        let clean = scrubber.without_secrets("oss://LTAI1:CANARYinTheRoot@bucket/path");
        assert_eq!(clean, "oss://•••@bucket/path");
        assert_eq!(scrubber.scrub("the server repeats CANARYinTheRoot"), "the server repeats •••");
    }
}
