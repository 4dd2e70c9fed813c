//! The word that every secret of a lab holds, and that is in nothing which comes out of one.

use std::sync::OnceLock;

use base64::Engine as _;

const CANARY: &str = "CANARY";

/// # Errors
/// Where a secret came out, with the place and the text around it.
pub(crate) fn secret_free(place: &str, text: &str) -> Result<(), String> {
    for form in forms() {
        if let Some(at) = text.find(form.as_str()) {
            let begin = text.floor_char_boundary(at.saturating_sub(60));
            let end = text.ceil_char_boundary((at + 80).min(text.len()));
            return Err(format!("a secret came out in {place}: …{}…", &text[begin..end]));
        }
    }
    Ok(())
}

/// The word as it is, in hexadecimal, and in the middle of base64 at each alignment.
fn forms() -> &'static [String] {
    static FORMS: OnceLock<Vec<String>> = OnceLock::new();
    FORMS.get_or_init(|| {
        let base64 = |skip: usize, from: usize, to: usize| {
            let text = format!("{}{CANARY}", "\0".repeat(skip));
            base64::engine::general_purpose::STANDARD_NO_PAD.encode(text)[from..to].to_owned()
        };
        vec![CANARY.to_owned(), hex::encode(CANARY), base64(0, 0, 8), base64(1, 2, 9), base64(2, 3, 10)]
    })
}
