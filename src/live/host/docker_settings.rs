//! `config.json` of the docker command, as far as it decides which login goes to a registry (docker/cli
//! `cli/config/configfile` and `cli/config/credentials`).

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};

use ackcheck_core::secret::{Scrubber, Secret};

/// As Go's `base64.StdEncoding`: padded, and lenient about bits that count for nothing.
const AS_GO: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// What is read of the file.
#[derive(Debug, Default)]
pub(super) struct Settings {
    logins: Vec<(String, Stored)>,
    /// `credsStore`.
    store: Option<String>,
    /// `credHelpers`, by registry.
    helpers: Vec<(String, String)>,
}

/// What the file itself has for a registry.
#[derive(Debug, Clone)]
pub(super) enum Stored {
    Nothing,
    Password(String, Secret),
    /// `identitytoken` or `registrytoken`.
    Token,
}

/// Where the login for a registry is.
#[derive(Debug)]
pub(super) enum Lookup {
    /// In the file.
    File(Stored),
    /// With the helper of this name, `docker-credential-NAME`.
    Helper(String),
    /// The file says nothing of logins: with the helper of the system, if there is one, else nowhere.
    Default,
}

impl Settings {
    /// Reads the text, and what is wrong with it. The scrubber knows every secret of it from then on.
    pub(super) fn parse(text: &str, scrubber: &Scrubber) -> (Settings, Option<String>) {
        // The first value counts; a file without any is one without settings.
        let document = match serde_json::Deserializer::from_str(text).into_iter::<Value>().next() {
            None => return (Settings::default(), None),
            Some(Err(error)) => return (Settings::default(), Some(format!("it is not JSON: {error}"))),
            Some(Ok(document)) => document,
        };
        let Value::Object(document) = document else {
            return (Settings::default(), Some("it is not a JSON object".to_owned()));
        };
        learn(&document, scrubber);
        let mut wrong = None;
        let mut settings = Settings { store: word(&document, "credsStore"), ..Settings::default() };
        if let Some(Value::Object(helpers)) = field(&document, "credHelpers") {
            let named =
                helpers.iter().filter_map(|(registry, name)| Some((registry.clone(), name.as_str()?.to_owned())));
            settings.helpers.extend(named);
        }
        match field(&document, "auths") {
            None | Some(Value::Null) => {}
            Some(Value::Object(logins)) => {
                for (registry, login) in logins {
                    let stored = stored(login, scrubber).unwrap_or_else(|why| {
                        wrong.get_or_insert(format!("its login for {registry} {why}"));
                        Stored::Nothing
                    });
                    settings.logins.push((registry.clone(), stored));
                }
            }
            Some(_) => wrong = Some("its `auths` are not a JSON object".to_owned()),
        }
        (settings, wrong)
    }

    /// Where the login for a registry is looked up: in the helper for it, else in the store for all, else in the file.
    pub(super) fn look_up(&self, registry: &str) -> Lookup {
        let key = key_of(registry);
        let own = self.helpers.iter().find(|(of, _)| of == key).map(|(_, name)| name.as_str());
        if let Some(name) = own.or(self.store.as_deref()).filter(|name| !name.is_empty()) {
            return Lookup::Helper(name.to_owned());
        }
        if own.is_none() && self.helpers.is_empty() && self.logins.is_empty() {
            return Lookup::Default;
        }
        Lookup::File(self.in_file(registry))
    }

    /// What the file itself has for a registry.
    pub(super) fn in_file(&self, registry: &str) -> Stored {
        let key = key_of(registry);
        let exact = self.logins.iter().find(|(of, _)| of == key);
        let found = exact.or_else(|| self.logins.iter().find(|(of, _)| host_of(of) == key));
        found.map_or(Stored::Nothing, |(_, stored)| stored.clone())
    }
}

/// What logins for a registry are filed under: Docker Hub has a name from before there were others.
pub(super) fn key_of(registry: &str) -> &str {
    match registry {
        "docker.io" | "index.docker.io" => "https://index.docker.io/v1/",
        other => other,
    }
}

/// The host of a key of `auths`, which older clients wrote as a URL; its port is kept.
fn host_of(key: &str) -> &str {
    let rest = key.split_once("://").map_or(key, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or(rest);
    authority.rsplit_once('@').filter(|_| key.contains("://")).map_or(authority, |(_, host)| host)
}

/// Go takes a key in any case where there is none that is the same.
fn field<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    object.get(key).or_else(|| object.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value))
}

fn word(object: &Map<String, Value>, key: &str) -> Option<String> {
    field(object, key)?.as_str().filter(|word| !word.is_empty()).map(str::to_owned)
}

/// What an entry of `auths` holds, or why the client stops at it.
fn stored(entry: &Value, scrubber: &Scrubber) -> Result<Stored, &'static str> {
    let entry = match entry {
        Value::Null => return Ok(Stored::Nothing),
        Value::Object(entry) => entry,
        _ => return Err("is not a JSON object"),
    };
    if word(entry, "identitytoken").or_else(|| word(entry, "registrytoken")).is_some() {
        return Ok(Stored::Token);
    }
    let Some(auth) = word(entry, "auth") else {
        let (user, password) = (word(entry, "username"), word(entry, "password"));
        return Ok(match (user, password) {
            (Some(user), Some(password)) => Stored::Password(user, scrubber.secret(password)),
            _ => Stored::Nothing,
        });
    };
    match decoded(&auth).ok_or("is not base64")?.split_once(':') {
        Some((user, password)) if !user.is_empty() => {
            Ok(Stored::Password(user.to_owned(), scrubber.secret(password.trim_matches('\0'))))
        }
        _ => Err("is not of the form user:password"),
    }
}

/// Base64 as Go takes it, which passes over ends of lines.
fn decoded(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    AS_GO.decode(text).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// Makes every value that may be a secret known: those of `auths` whatever they are called, and the headers sent along.
fn learn(document: &Map<String, Value>, scrubber: &Scrubber) {
    let entries = field(document, "auths").and_then(Value::as_object).into_iter().flat_map(|logins| logins.values());
    let texts = entries.filter_map(Value::as_object).flat_map(|entry| entry.iter());
    for (_, text) in texts.filter(|(name, _)| !matches!(name.as_str(), "username" | "email" | "serveraddress")) {
        let Some(text) = text.as_str() else { continue };
        scrubber.secret(text);
        if let Some((_, password)) = decoded(text).as_deref().and_then(|pair| pair.split_once(':')) {
            scrubber.secret(password);
        }
    }
    let headers = field(document, "HttpHeaders").and_then(Value::as_object).into_iter().flat_map(|all| all.values());
    headers.filter_map(Value::as_str).for_each(|value| drop(scrubber.secret(value)));
}

#[cfg(test)]
#[path = "docker_settings_tests.rs"]
mod tests;
