//! What can be read in tokens and temporary passwords without asking anyone.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;

use ackcheck_core::secret::{Scrubber, Secret};

/// Base64 of either alphabet comes with and without padding.
const FORGIVING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

fn decode(text: &str) -> Option<Vec<u8>> {
    let url_safe = GeneralPurpose::new(&alphabet::URL_SAFE, FORGIVING);
    let standard = GeneralPurpose::new(&alphabet::STANDARD, FORGIVING);
    url_safe.decode(text).or_else(|_| standard.decode(text)).ok()
}

/// The answer of a token service. Some name the token `token`, some `access_token`, some both: Docker takes `access_token`
/// then.
#[derive(Deserialize)]
pub(crate) struct TokenReply {
    token: Option<String>,
    access_token: Option<String>,
    /// In seconds.
    pub expires_in: Option<i64>,
}

impl TokenReply {
    /// Reads the body of an answer.
    pub(crate) fn parse(body: &str) -> Option<TokenReply> {
        serde_json::from_str(body).ok()
    }

    /// Every token in it, the one to use first. All are known to the scrubber when this returns.
    pub(crate) fn tokens(&self, scrubber: &Scrubber) -> Vec<Secret> {
        let tokens = [&self.access_token, &self.token].into_iter().flatten().filter(|token| !token.is_empty());
        tokens.map(|token| scrubber.secret(token.as_str())).collect()
    }
}

/// What a token says it grants.
#[derive(Deserialize)]
struct Claims {
    access: Vec<Access>,
}

#[derive(Deserialize)]
struct Access {
    #[serde(rename = "type")]
    kind: String,
    name: String,
    #[serde(default)]
    actions: Vec<String>,
}

/// The actions on `repository` that a token grants, where it is a JWT that tells (distribution spec, "token scope").
pub(super) fn granted(token: &Secret, repository: &str) -> Option<Vec<String>> {
    let payload = token.expose().split('.').nth(1)?;
    let claims: Claims = serde_json::from_slice(&decode(payload)?).ok()?;
    let matching = claims.access.into_iter().filter(|access| access.kind == "repository" && access.name == repository);
    Some(matching.flat_map(|access| access.actions).collect())
}

/// When a temporary password of ACR ends. `GetAuthorizationToken` gives `base64(JSON):40 hex digits` for the user
/// `cr_temp_user`; the JSON's `time` is the end in milliseconds, as text or number.
pub(super) fn temporary_password_expires(username: &str, password: &Secret) -> Option<jiff::Timestamp> {
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
    if username != "cr_temp_user" {
        return None;
    }
    let (json, _signature) = password.expose().split_once(':')?;
    let temporary: Temporary = serde_json::from_slice(&decode(json)?).ok()?;
    let milliseconds = match temporary.time {
        Milliseconds::Text(text) => text.parse().ok()?,
        Milliseconds::Number(number) => number,
    };
    jiff::Timestamp::from_millisecond(milliseconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(text: &str) -> String {
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
    }

    #[test]
    fn reads_what_a_token_grants_and_nothing_into_one_that_does_not_tell() {
        let claims = r#"{"access":[{"type":"repository","name":"dss/a","actions":["pull"]},{"type":"registry","name":"catalog","actions":["*"]}]}"#;
        let token = Scrubber::default().secret(format!("e30.{}.c2ln", encode(claims)));
        assert_eq!(granted(&token, "dss/a"), Some(vec!["pull".to_owned()]));
        assert_eq!(granted(&token, "dss/b"), Some(vec![]));
        for opaque in ["opaque", "a.b.c", "..", ""] {
            assert_eq!(granted(&Scrubber::default().secret(opaque), "dss/a"), None, "{opaque}");
        }
    }

    #[test]
    fn reads_when_a_temporary_password_ends() {
        let json = r#"{"instanceId":"cri-lab","time":"1767323045000","type":"user","userId":"1"}"#;
        let password = Scrubber::default().secret(format!("{}:{}", encode(json), "0".repeat(40)));
        let expires = temporary_password_expires("cr_temp_user", &password);
        assert_eq!(expires.map(|at| at.to_string()).as_deref(), Some("2026-01-02T03:04:05Z"));
        assert_eq!(temporary_password_expires("somebody", &password), None);
        let number = Scrubber::default().secret(format!("{}:x", encode(r#"{"time":1767323045000}"#)));
        assert_eq!(temporary_password_expires("cr_temp_user", &number), expires);
        for other in ["plain", ":", "e30:0", "bm90IGpzb24:0"] {
            assert_eq!(temporary_password_expires("cr_temp_user", &Scrubber::default().secret(other)), None, "{other}");
        }
    }
}
