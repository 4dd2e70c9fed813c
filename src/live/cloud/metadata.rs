//! The ECS metadata service: which instance this host is, and the temporary key of its RAM role.
//!
//! A token is asked for first, as the hardened mode needs; where none is given, the plain mode is tried.

use serde::Deserialize;
use tokio::sync::OnceCell;

use crate::json::not_json;
use crate::wire::Wire;
use ackcheck_core::config::AccessKey;
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::secret::Secret;
use ackcheck_core::verdict::Unseen;

/// Where every ECS instance finds it (ECS guide, "Instance metadata").
const ADDRESS: &str = "http://100.100.100.200";
/// The life asked for a token, in seconds; longer than any run looks at the metadata.
const TOKEN_LIFE: &str = "300";

/// Which instance the host is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub instance: String,
    pub region: String,
}

/// The metadata service of the host that ackcheck runs on.
#[derive(Default)]
pub(crate) struct Metadata {
    token: OnceCell<Option<Secret>>,
    identity: OnceCell<Result<Identity, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RoleKey {
    code: String,
    access_key_id: String,
    access_key_secret: String,
    security_token: String,
}

impl Metadata {
    /// Which instance the host is, or why that is not known. Asked once.
    pub(crate) async fn identity(&self, wire: &Wire, journal: &Journal) -> Result<Identity, String> {
        let ask = || async {
            let host = &wire.config().host;
            if !host.local && host.metadata.is_none() {
                return Err("ackcheck does not run on the DSS host, so its metadata cannot be asked".to_owned());
            }
            let instance = self.text(wire, journal, "meta-data/instance-id").await?;
            let region = self.text(wire, journal, "meta-data/region-id").await?;
            match instance.starts_with("i-") && is_word(&instance) && is_word(&region) {
                true => Ok(Identity { instance, region }),
                false => Err("what answers for the metadata service names no ECS instance".to_owned()),
            }
        };
        self.identity.get_or_init(ask).await.clone()
    }

    /// The temporary key of the instance's RAM role.
    pub(crate) async fn role_key(&self, wire: &Wire, journal: &Journal) -> Result<AccessKey, Unseen> {
        let without = |why: String| {
            let lines = "[cloud]\naccess_key_id = \"LTAI…\"\naccess_key_secret = { env = \"CLOUD_SECRET\" }";
            Unseen::not_given(format!("there is no key for the OpenAPI: {why}"), lines)
        };
        self.identity(wire, journal).await.map_err(without)?;
        let directory = "meta-data/ram/security-credentials/";
        let role = self.text(wire, journal, directory).await;
        let role = role.map_err(|why| without(format!("the instance has no RAM role ({why})")))?;
        let role = role.lines().next().unwrap_or_default().trim().to_owned();
        let what = format!("the key of the RAM role {role}");
        let text = self.secret_text(wire, journal, &format!("{directory}{role}")).await;
        let text = text.map_err(|why| Unseen::unreadable(what.clone(), why))?;
        let key: RoleKey = serde_json::from_str(&text).map_err(|error| {
            Unseen::unreadable(what.clone(), format!("not the JSON of a key: {}", not_json(&error)))
        })?;
        if key.code != "Success" {
            return Err(Unseen::unreadable(what, format!("its code is {}", key.code)));
        }
        let scrubber = journal.scrubber();
        let (secret, token) = (scrubber.secret(key.access_key_secret), scrubber.secret(key.security_token));
        Ok(AccessKey { id: key.access_key_id, secret, token: Some(token) })
    }

    /// One value, trimmed.
    async fn text(&self, wire: &Wire, journal: &Journal, path: &str) -> Result<String, String> {
        let began = std::time::Instant::now();
        let heard = self.secret_text(wire, journal, path).await;
        let said = heard.as_ref().unwrap_or_else(|why| why);
        journal.note(Vantage::Cloud, format!("GET {}", url(wire, path)), said, began.elapsed());
        heard
    }

    /// One value that must not be written down.
    async fn secret_text(&self, wire: &Wire, journal: &Journal, path: &str) -> Result<String, String> {
        let token = self.token.get_or_init(|| self.ask_token(wire, journal)).await;
        let mut request = wire.client().get(url(wire, path));
        if let Some(token) = token {
            request = request.header("X-aliyun-ecs-metadata-token", token.expose());
        }
        let request = request.build().map_err(|error| error.to_string())?;
        let unwritten = journal.aside();
        let reply = wire.send(&unwritten, Vantage::Cloud, request).await;
        let reply = reply.map_err(|no_reply| format!("no metadata service answers: {no_reply}"))?;
        match reply.status {
            200 => Ok(reply.body.trim().to_owned()),
            status => Err(format!("the metadata service answers {status} for {path}")),
        }
    }

    async fn ask_token(&self, wire: &Wire, journal: &Journal) -> Option<Secret> {
        let began = std::time::Instant::now();
        let url = url(wire, "api/token");
        let request = wire.client().put(&url).header("X-aliyun-ecs-metadata-token-ttl-seconds", TOKEN_LIFE);
        let unwritten = journal.aside();
        let heard = wire.send(&unwritten, Vantage::Cloud, request.build().ok()?).await;
        let (token, said) = match heard {
            Ok(reply) if reply.status == 200 && is_token(reply.body.trim()) => {
                let token = journal.scrubber().secret(reply.body.trim());
                (Some(token), "200, a token".to_owned())
            }
            Ok(reply) => (None, format!("{}, no token", reply.status)),
            Err(no_reply) => (None, no_reply.to_string()),
        };
        journal.note(Vantage::Cloud, format!("PUT {url}"), said, began.elapsed());
        token
    }
}

fn url(wire: &Wire, path: &str) -> String {
    let base = wire.config().host.metadata.as_ref().map_or(ADDRESS, |url| url.as_str());
    format!("{}/latest/{path}", base.trim_end_matches('/'))
}

/// An id or a region: it becomes part of host names and parameters.
pub(crate) fn is_word(text: &str) -> bool {
    !text.is_empty() && text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// What can stand in a header; an error page cannot.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.len() <= 1024 && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'<')
}
