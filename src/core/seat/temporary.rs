//! Passwords that say themselves when they end, without asking anyone.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
pub use jiff::Timestamp;
use serde::Deserialize;

use crate::secret::Secret;

/// The user of ACR's temporary passwords, which last for an hour.
pub const ACR_USER: &str = "cr_temp_user";

/// Base64 of either alphabet comes with and without padding.
const FORGIVING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// Base64 of either alphabet.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let url_safe = GeneralPurpose::new(&alphabet::URL_SAFE, FORGIVING);
    let standard = GeneralPurpose::new(&alphabet::STANDARD, FORGIVING);
    url_safe.decode(text).or_else(|_| standard.decode(text)).ok()
}

/// When a password ends, where it tells: a temporary one of ACR, or a JWT.
pub fn password_ends(username: &str, password: &Secret) -> Option<Timestamp> {
    acr_password_ends(username, password).or_else(|| jwt_ends(password))
}

/// The `exp` of a JWT.
fn jwt_ends(password: &Secret) -> Option<Timestamp> {
    #[derive(Deserialize)]
    struct Claims {
        exp: i64,
    }
    let mut parts = password.expose().split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    let claims: Claims = serde_json::from_slice(&decode(payload)?).ok().filter(|_| parts.next().is_none())?;
    Timestamp::from_second(claims.exp).ok()
}

/// When a temporary password of ACR ends. `GetAuthorizationToken` gives `base64(JSON):40 hex digits` for the user
/// `cr_temp_user`; the JSON's `time` is the end in milliseconds, as text or number.
pub fn acr_password_ends(username: &str, password: &Secret) -> Option<Timestamp> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Milliseconds {
        Text(String),
        Number(i64),
    }
    #[derive(Deserialize)]
    struct Temporary {
        time: Milliseconds,
    }
    if username != ACR_USER {
        return None;
    }
    let (json, _signature) = password.expose().split_once(':')?;
    let temporary: Temporary = serde_json::from_slice(&decode(json)?).ok()?;
    let milliseconds = match temporary.time {
        Milliseconds::Text(text) => text.parse().ok()?,
        Milliseconds::Number(number) => number,
    };
    Timestamp::from_millisecond(milliseconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Scrubber;

    fn encode(text: &str) -> String {
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
    }

    #[test]
    fn reads_when_a_temporary_password_ends() {
        let json = r#"{"instanceId":"cri-lab","time":"1767323045000","type":"user","userId":"1"}"#;
        let password = Scrubber::default().secret(format!("{}:{}", encode(json), "0".repeat(40)));
        let expires = acr_password_ends("cr_temp_user", &password);
        assert_eq!(expires.map(|at| at.to_string()).as_deref(), Some("2026-01-02T03:04:05Z"));
        assert_eq!(acr_password_ends("somebody", &password), None);
        let number = Scrubber::default().secret(format!("{}:x", encode(r#"{"time":1767323045000}"#)));
        assert_eq!(acr_password_ends("cr_temp_user", &number), expires);
        for other in ["plain", ":", "e30:0", "bm90IGpzb24:0"] {
            assert_eq!(acr_password_ends("cr_temp_user", &Scrubber::default().secret(other)), None, "{other}");
        }
    }

    #[test]
    fn reads_when_a_token_ends_and_nothing_into_other_passwords() {
        let ends = |text: &str| password_ends("user", &Scrubber::default().secret(text)).map(|at| at.to_string());
        let token = format!("e30.{}.c2ln", encode(r#"{"exp":1767323045,"sub":"x"}"#));
        assert_eq!(ends(&token).as_deref(), Some("2026-01-02T03:04:05Z"));
        let endless = format!("e30.{}.c2ln", encode(r#"{"sub":"x"}"#));
        let five = format!("{token}.a.b");
        for other in [endless.as_str(), &five, "plain", "a.b.c", "..", ""] {
            assert_eq!(ends(other), None, "{other}");
        }
    }
}
