//! What can be read in tokens without asking anyone.

use serde::Deserialize;

use ackcheck_core::seat::temporary::decode;
use ackcheck_core::secret::{Scrubber, Secret};

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

#[cfg(test)]
mod tests {
    use base64::Engine as _;

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
}
