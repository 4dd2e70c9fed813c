//! Pull secrets as the kubelet reads them, and which of their logins it takes for an image: the rules of
//! `k8s.io/kubernetes/pkg/credentialprovider`, which are not Docker's.

use base64::Engine as _;
use serde_json::{Map, Value};

use crate::secret::{Scrubber, Secret};

/// A pull secret that a pod names.
#[derive(Debug, Clone)]
pub struct PullSecret {
    pub name: String,
    pub state: SecretState,
}

/// What a pull secret is to the kubelet.
#[derive(Debug, Clone)]
pub enum SecretState {
    /// There is no such secret in the namespace.
    NotThere,
    /// The account may not read it.
    NotShown { why: String },
    /// It is of a type that the kubelet passes over, or has no data.
    PassedOver { why: String },
    /// The kubelet cannot read it, and then pulls nothing for the pod; the location whose entry is wrong, where it is one.
    Malformed { why: String, location: Option<String> },
    /// Its logins.
    Logins(Vec<Login>),
}

/// A login of a pull secret.
#[derive(Debug, Clone)]
pub struct Login {
    /// The key it stands under: `registry.example.com`, `https://*.example.com/team`.
    pub location: String,
    pub username: String,
    pub password: Secret,
}

impl Login {
    /// Whether there is anything to log in with: the kubelet knows neither `identitytoken` nor `registrytoken`.
    pub fn is_complete(&self) -> bool {
        !self.username.is_empty() && !self.password.expose().is_empty()
    }

    /// Whether the kubelet takes it for an image.
    pub fn fits(&self, image: &str) -> bool {
        fits(&self.location, image)
    }
}

/// Reads a secret of this type, whose data are these by key.
pub fn read<'a>(kind: &str, data: impl Fn(&str) -> Option<&'a [u8]>, scrubber: &Scrubber) -> SecretState {
    let key = match kind {
        "kubernetes.io/dockerconfigjson" => ".dockerconfigjson",
        "kubernetes.io/dockercfg" => ".dockercfg",
        other => return SecretState::PassedOver { why: format!("its type is {other}") },
    };
    let Some(bytes) = data(key).filter(|bytes| !bytes.is_empty()) else {
        return SecretState::PassedOver { why: format!("it has no {key}") };
    };
    let malformed = |why: &str| SecretState::Malformed { why: why.to_owned(), location: None };
    let Ok(Value::Object(whole)) = serde_json::from_slice::<Value>(bytes) else {
        return malformed("it is not a JSON object");
    };
    let entries = if key == ".dockercfg" {
        whole
    } else {
        match field(&whole, "auths") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(entries)) => entries.clone(),
            Some(_) => return malformed("its auths is not an object"),
        }
    };
    let mut logins = Vec::new();
    for (location, entry) in entries {
        match login(&location, &entry, scrubber) {
            Ok(login) => logins.push(login),
            Err(why) => {
                let why = format!("its entry for {location}: {why}");
                return SecretState::Malformed { why, location: Some(location) };
            }
        }
    }
    SecretState::Logins(logins)
}

/// Go reads the keys of JSON without regard to case.
fn field<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

fn login(location: &str, entry: &Value, scrubber: &Scrubber) -> Result<Login, String> {
    let empty = Map::new();
    let entry = match entry {
        Value::Null => &empty,
        Value::Object(entry) => entry,
        _ => return Err("it is not an object".to_owned()),
    };
    let text = |name: &str| match field(entry, name) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(format!("its {name} is not a string")),
    };
    let (mut username, mut password) = (text("username")?, scrubber.secret(text("password")?));
    text("email")?;
    let auth = scrubber.secret(text("auth")?);
    if !auth.expose().is_empty() {
        (username, password) = decoded(auth.expose(), scrubber)?;
    }
    Ok(Login { location: location.to_owned(), username, password })
}

/// `base64(user:password)`, padded or not; line breaks in it do not count.
fn decoded(auth: &str, scrubber: &Scrubber) -> Result<(String, Secret), String> {
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
    let engine = if auth.trim().ends_with('=') { STANDARD } else { STANDARD_NO_PAD };
    let compact: String = auth.chars().filter(|character| !matches!(character, '\r' | '\n')).collect();
    let bytes = engine.decode(compact).map_err(|_| "its auth is not base64".to_owned())?;
    let text = scrubber.secret(String::from_utf8_lossy(&bytes).into_owned());
    let (username, password) =
        text.expose().split_once(':').ok_or("its auth is not base64 of USER:PASSWORD".to_owned())?;
    Ok((username.to_owned(), scrubber.secret(password)))
}

/// Whether the kubelet takes the entry of a location for an image.
fn fits(location: &str, image: &str) -> bool {
    let repository = repository(image);
    let Some((host, path)) = taken_apart(location) else { return false };
    let (wanted, below) = repository.split_once('/').unwrap_or((&repository, ""));
    if hosts_match(host, wanted) && format!("/{below}").starts_with(&path) {
        return true;
    }
    // The old key of Docker Hub is asked where nothing else fits.
    host == "index.docker.io" && path.is_empty() && matches!(wanted, "docker.io" | "index.docker.io")
}

/// The host and the path of a location; a path of the registry's API stands for none. None where Go's `url.Parse` fails,
/// and the kubelet passes the entry over.
fn taken_apart(location: &str) -> Option<(&str, String)> {
    let rest = location.strip_prefix("https://").or_else(|| location.strip_prefix("http://")).unwrap_or(location);
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let port = host.rsplit_once(':').map_or("", |(_, port)| port);
    if !port.bytes().all(|byte| byte.is_ascii_digit()) || host.contains([' ', '\\']) {
        return None;
    }
    let path = if path.starts_with("/v1/") || path.starts_with("/v2/") { &path[3..] } else { path };
    Some((host, if path == "/" { String::new() } else { path.to_owned() }))
}

/// Part by part, with the wildcards of Go's `filepath.Match`; the port must be written alike, 443 too.
fn hosts_match(pattern: &str, host: &str) -> bool {
    let apart = |host: &str| match host.rsplit_once(':') {
        Some((name, port)) => (name.to_owned(), port.to_owned()),
        None => (host.to_owned(), String::new()),
    };
    let ((pattern, one), (name, other)) = (apart(pattern), apart(host));
    let (parts, labels): (Vec<&str>, Vec<&str>) = (pattern.split('.').collect(), name.split('.').collect());
    let matched = |(part, label): (&&str, &&str)| {
        glob(&part.chars().collect::<Vec<_>>(), &label.chars().collect::<Vec<_>>()) == Some(true)
    };
    one == other && parts.len() == labels.len() && parts.iter().zip(&labels).all(matched)
}

/// `*`, `?` and `[a-z]` on one label; none where the pattern is not well formed. The state after the last `*` is all that
/// is kept, so that the work is bounded by the product of the lengths.
fn glob(pattern: &[char], text: &[char]) -> Option<bool> {
    let (mut at, mut read, mut star) = (0, 0, None);
    while read < text.len() || at < pattern.len() {
        if pattern.get(at) == Some(&'*') {
            star = Some((at + 1, read));
            at += 1;
            continue;
        }
        let one = one(&pattern[at..])?;
        match (one, text.get(read)) {
            (Some((taken, set)), Some(character)) if set.takes(*character) => {
                at += taken;
                read += 1;
            }
            _ => match star {
                Some((after, from)) if from < text.len() => {
                    star = Some((after, from + 1));
                    (at, read) = (after, from + 1);
                }
                _ => return Some(false),
            },
        }
    }
    Some(true)
}

/// What one place of a pattern takes.
enum Taken {
    Any,
    Ranges { within: bool, ranges: Vec<(char, char)> },
}

impl Taken {
    fn takes(&self, character: char) -> bool {
        match self {
            Taken::Any => true,
            Taken::Ranges { within, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&character)) == *within
            }
        }
    }
}

/// The next place of a pattern and its length; outer none where it is not well formed, inner at its end.
fn one(pattern: &[char]) -> Option<Option<(usize, Taken)>> {
    let Some(first) = pattern.first() else { return Some(None) };
    let exactly = |character: char| Taken::Ranges { within: true, ranges: vec![(character, character)] };
    Some(Some(match first {
        '?' => (1, Taken::Any),
        '[' => {
            let within = pattern.get(1) != Some(&'^');
            let start = if within { 1 } else { 2 };
            let length = pattern[start..].iter().position(|character| *character == ']').filter(|at| *at > 0)?;
            let (mut at, mut ranges) = (start, Vec::new());
            while at < start + length {
                let ends = pattern.get(at + 1) == Some(&'-') && at + 2 < start + length;
                ranges.push((pattern[at], if ends { pattern[at + 2] } else { pattern[at] }));
                at += if ends { 3 } else { 1 };
            }
            (start + length + 1, Taken::Ranges { within, ranges })
        }
        character => (1, exactly(*character)),
    }))
}

/// Docker Hub, whose images need not name it.
const HUB: &str = "docker.io";

/// An image's repository as the kubelet looks it up: without tag and digest, short names those of Docker Hub.
pub fn repository(image: &str) -> String {
    let named = image.split('@').next().unwrap_or_default();
    let last = named.rfind('/').map_or(0, |at| at + 1);
    let bare = named[last..].find(':').map_or(named, |at| &named[..last + at]);
    match bare.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => bare.to_owned(),
        Some(_) => format!("{HUB}/{bare}"),
        None => format!("{HUB}/library/{bare}"),
    }
}

#[cfg(test)]
#[path = "keyring_tests.rs"]
mod tests;
