//! Who is allowed what: the token service, and the gate of the registry that verifies its tokens.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use http::Method;
use http::header::AUTHORIZATION;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;

use super::store::Store;
use super::target::{parameter, query};
use super::words::{refusal, with_headers};
use super::world::{Action, DeniedAction, PasswordState, RegistryWorld, Visibility};
use crate::http::{Request, Response, response};
use crate::world::{Deployment, RegistryUser};

/// How long a token lasts, in seconds.
const LASTS: u64 = 300;

/// Gives tokens and verifies them.
pub(super) struct Gate {
    /// What the registry calls itself: the audience of its tokens.
    service: String,
    user: RegistryUser,
    other: RegistryUser,
    password: PasswordState,
    denied: Vec<DeniedAction>,
    /// Made at start: no token of another run is good here.
    key: [u8; 32],
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: String,
    iat: u64,
    exp: u64,
    access: Vec<Grant>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Grant {
    #[serde(rename = "type")]
    kind: String,
    name: String,
    actions: Vec<String>,
}

/// Seconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

impl Gate {
    /// A gate with a key of its own.
    pub(super) fn new(world: &RegistryWorld, deployment: &Deployment) -> Gate {
        let mut key = [0; 32];
        key.fill_with(|| fastrand::u8(..));
        Gate {
            service: format!("registry.aliyuncs.com:{}:{}", deployment.region, world.instance_id),
            user: deployment.registry_user.clone(),
            other: deployment.other_registry_user.clone(),
            password: world.password,
            denied: world.denied.clone(),
            key,
        }
    }

    /// Signs a text with the key of this run.
    pub(super) fn sign(&self, text: &str) -> Vec<u8> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes a key of any length");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }

    /// Lets a request to the registry in, or answers how to get in. `needs` are scopes: type, name, action.
    pub(super) fn refusal(&self, request: &Request, realm: &str, needs: &[[String; 3]]) -> Option<Response> {
        let challenge = |error: Option<&str>| {
            let mut challenge = format!("Bearer realm=\"{realm}\",service=\"{}\"", self.service);
            if let Some([kind, name, _]) = needs.first() {
                let actions: Vec<&str> = needs.iter().map(|[_, _, action]| action.as_str()).collect();
                challenge.push_str(&format!(",scope=\"{kind}:{name}:{}\"", actions.join(",")));
            }
            if let Some(error) = error {
                challenge.push_str(&format!(",error=\"{error}\""));
            }
            let detail = |[kind, name, action]: &[String; 3]| json!({ "Type": kind, "Name": name, "Action": action });
            let detail: Vec<Value> = needs.iter().map(detail).collect();
            let refused = refusal(401, "UNAUTHORIZED", "authentication required", Value::Array(detail));
            with_headers(refused, &[("www-authenticate", challenge)])
        };
        let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let Some(token) = header.and_then(|header| header.strip_prefix("Bearer ")) else {
            return Some(challenge(None));
        };
        let Some(claims) = self.verify(token) else { return Some(challenge(Some("invalid_token"))) };
        let holds = |[kind, name, action]: &[String; 3]| {
            let of = |access: &&Grant| access.kind == *kind && access.name == *name;
            claims.access.iter().filter(of).any(|access| access.actions.contains(action))
        };
        if needs.iter().all(holds) { None } else { Some(challenge(Some("insufficient_scope"))) }
    }

    fn verify(&self, token: &str) -> Option<Claims> {
        let (signed, signature) = token.rsplit_once('.')?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).ok()?;
        mac.update(signed.as_bytes());
        mac.verify_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
        let payload = signed.split('.').nth(1)?;
        let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
        (claims.aud == self.service && claims.exp > now()).then_some(claims)
    }

    /// Answers a request to the token service: GET with Basic, or the OAuth form by POST.
    pub(super) fn give_token(&self, store: &Store, request: &Request) -> Response {
        if request.uri().path() != "/auth" {
            return refusal(404, "UNSUPPORTED", "there is nothing here", Value::Null);
        }
        let denied = || refusal(401, "UNAUTHORIZED", "authentication required", Value::Null);
        let (fields, user) = match *request.method() {
            Method::GET => {
                let user = match request.headers().get(AUTHORIZATION) {
                    None => None,
                    Some(header) => match header.to_str().ok().and_then(basic) {
                        Some((user, password)) if self.knows(&user, &password) => Some(user),
                        _ => return denied(),
                    },
                };
                (query(request), user)
            }
            Method::POST => {
                let fields: Vec<_> = url::form_urlencoded::parse(request.body()).into_owned().collect();
                let (user, password) = (parameter(&fields, "username"), parameter(&fields, "password"));
                match (parameter(&fields, "grant_type"), user, password) {
                    (Some("password"), Some(user), Some(password)) if self.knows(user, password) => {
                        let user = user.to_owned();
                        (fields, Some(user))
                    }
                    _ => return denied(),
                }
            }
            _ => return refusal(405, "UNSUPPORTED", "The operation is unsupported.", Value::Null),
        };
        if parameter(&fields, "service") != Some(self.service.as_str()) {
            return refusal(400, "UNSUPPORTED", "unknown service", Value::Null);
        }
        // A scope parameter can be repeated, and can hold several scopes.
        let scopes = fields.iter().filter(|(name, _)| name == "scope").flat_map(|(_, value)| value.split(' '));
        let access = scopes.filter_map(|scope| self.grant(store, scope, user.is_some())).collect();
        self.issue(user.unwrap_or_default(), access)
    }

    fn issue(&self, subject: String, access: Vec<Grant>) -> Response {
        let issued = now();
        let claims = Claims {
            iss: "acr".to_owned(),
            sub: subject,
            aud: self.service.clone(),
            iat: issued,
            exp: issued + LASTS,
            access,
        };
        let claims = serde_json::to_string(&claims).unwrap_or_default();
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let signed = format!("{}.{}", encode(r#"{"alg":"HS256","typ":"JWT"}"#), encode(&claims));
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(self.sign(&signed)));
        let issued_at = jiff::Timestamp::from_second(i64::try_from(issued).unwrap_or_default()).unwrap_or_default();
        let body = json!({
            "token": token, "access_token": token, "expires_in": LASTS, "issued_at": issued_at.to_string()
        });
        response(200, "application/json", body.to_string())
    }

    /// What of a scope is granted. Rights go by name, as RAM policies do; whether the repository is there is the
    /// registry's own question. A scope that is not granted is left out, which is not an error.
    fn grant(&self, store: &Store, scope: &str, known: bool) -> Option<Grant> {
        let (kind, rest) = scope.split_once(':')?;
        let (name, actions) = rest.rsplit_once(':')?;
        if kind != "repository" {
            return None;
        }
        let public = store.visibility(name) == Some(Visibility::Public);
        let allowed = |action: &&str| match *action {
            "pull" => public || known && !self.is_denied(name, Action::Pull),
            "push" | "delete" => known && !self.is_denied(name, Action::Push),
            _ => false,
        };
        let actions: Vec<String> = actions.split(',').filter(allowed).map(str::to_owned).collect();
        (!actions.is_empty()).then(|| Grant { kind: kind.to_owned(), name: name.to_owned(), actions })
    }

    fn is_denied(&self, name: &str, action: Action) -> bool {
        self.denied.iter().any(|denial| {
            let covers = match denial.repository.strip_suffix('*') {
                Some(prefix) => name.starts_with(prefix),
                None => name == denial.repository,
            };
            covers && denial.action == action
        })
    }

    fn knows(&self, user: &str, password: &str) -> bool {
        let current = self.password == PasswordState::Valid && password == self.user.password;
        let other = user == self.other.name && password == self.other.password;
        other || user == self.user.name && current && !(user == "cr_temp_user" && has_ended(password))
    }
}

/// True for a temporary password (`base64(JSON):signature`) whose `time`, in milliseconds, is over or cannot be read.
fn has_ended(password: &str) -> bool {
    #[derive(Deserialize)]
    struct Temporary {
        time: String,
    }
    let json = password.split_once(':').and_then(|(json, _)| URL_SAFE.decode(json).ok());
    let temporary = json.and_then(|json| serde_json::from_slice::<Temporary>(&json).ok());
    let ends = temporary.and_then(|temporary| temporary.time.parse::<u64>().ok());
    ends.is_none_or(|ends| ends <= now() * 1000)
}

fn basic(header: &str) -> Option<(String, String)> {
    let pair = STANDARD.decode(header.strip_prefix("Basic ")?).ok()?;
    let (user, password) = std::str::from_utf8(&pair).ok()?.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}
