//! The image registry and its token service: an ACR Enterprise Edition instance, as far as the distribution spec tells
//! what its clients see. Where ACR's own words are not known, the spec's are used.
//!
//! Three names stand behind it, as in a real region: the registry, the token service, and the OSS bucket of the layers;
//! each of the first two with its public twin.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use http::Method;
use http::header::{HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::{Value, json};

use super::gateway::{Request, Response, Service, response};
use super::world::World;

mod access;
mod layers;
mod manifests;
mod store;
mod uploads;

use access::Gate;
use store::Store;

/// `fixtures/lab/registry.json`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistryWorld {
    #[serde(rename = "comment")]
    _comment: String,
    /// The first part of the registry's host names.
    pub instance: String,
    /// `cri-…`.
    pub instance_id: String,
    /// The OSS bucket of the layers.
    pub layer_bucket: String,
    /// Whether the user's password is the one that the site knows.
    pub password: PasswordState,
    pub namespaces: BTreeMap<String, Policy>,
    pub repositories: BTreeMap<String, Policy>,
    pub denied: Vec<Denial>,
    pub read_only: bool,
    pub redirect_blobs: bool,
    pub deletes: bool,
}

/// Whether the registry still takes the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PasswordState {
    Valid,
    Changed,
}

/// How a namespace creates repositories, or how a repository was created.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Of a namespace: pushing to a repository that is not there creates it.
    #[serde(default)]
    pub auto_create: bool,
    #[serde(default)]
    pub visibility: Visibility,
    /// A tag that is there keeps its manifest.
    #[serde(default)]
    pub tag_immutable: bool,
}

/// Who may pull.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Visibility {
    #[default]
    Private,
    Public,
}

/// A right that the user lacks.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Denial {
    /// A repository, or `prefix/*`.
    pub repository: String,
    /// `pull` or `push`.
    pub action: String,
}

/// The part of the world's `/deployment` that is needed here.
#[derive(Debug, Clone, Deserialize)]
struct Deployment {
    region: String,
    registry_user: User,
}

/// The one user that can log in.
#[derive(Debug, Clone, Deserialize)]
struct User {
    name: String,
    password: String,
}

/// The registry, its token service and its layer store.
pub struct RegistryService {
    world: RegistryWorld,
    region: String,
    gate: Gate,
    store: Mutex<Store>,
}

/// Which of the service's names a request was sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Registry { vpc: bool },
    Tokens,
    Layers,
}

impl RegistryService {
    /// The registry of a world, empty but for the repositories it starts with.
    pub fn new(world: &World) -> anyhow::Result<RegistryService> {
        let deployment: Deployment = world.at("/deployment")?;
        let world: RegistryWorld = world.at("/registry")?;
        let gate = Gate::new(&world, &deployment);
        let store = Mutex::new(Store::new(&world));
        Ok(RegistryService { world, region: deployment.region, gate, store })
    }

    fn door(&self, host: &str) -> Option<Door> {
        let RegistryWorld { instance, layer_bucket, .. } = &self.world;
        let region = &self.region;
        let doors = [
            (format!("{instance}-registry-vpc.{region}.cr.aliyuncs.com"), Door::Registry { vpc: true }),
            (format!("{instance}-registry.{region}.cr.aliyuncs.com"), Door::Registry { vpc: false }),
            (format!("dockerauth-ee-vpc.{region}.aliyuncs.com"), Door::Tokens),
            (format!("dockerauth-ee.{region}.aliyuncs.com"), Door::Tokens),
            (format!("{layer_bucket}.oss-{region}-internal.aliyuncs.com"), Door::Layers),
            (format!("{layer_bucket}.oss-{region}.aliyuncs.com"), Door::Layers),
        ];
        doors.into_iter().find(|(name, _)| name == host).map(|(_, door)| door)
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn registry(&self, vpc: bool, request: &Request) -> Response {
        let realm = format!("https://dockerauth-ee{}.{}.aliyuncs.com/auth", if vpc { "-vpc" } else { "" }, self.region);
        let Some(target) = Target::parse(request.uri().path()) else {
            return refusal(404, "UNSUPPORTED", "there is nothing here", Value::Null);
        };
        if let Some(refused) = self.gate.refusal(request, &realm, &target.needs(request.method())) {
            return refused;
        }
        let query = query(request);
        match (request.method(), target) {
            (&Method::GET | &Method::HEAD, Target::Root) => response(200, "application/json", "{}"),
            (&Method::GET, Target::Tags(name)) => manifests::tags(&self.store(), &name, &query),
            (&Method::GET | &Method::HEAD, Target::Blob(name, digest)) => {
                layers::blob(self, vpc, &name, &digest, request)
            }
            (&Method::GET | &Method::HEAD, Target::Manifest(name, reference)) => {
                manifests::get(&self.store(), &name, &reference)
            }
            (&Method::PUT, Target::Manifest(name, reference)) => {
                manifests::put(&mut self.store(), &self.world, &name, &reference, request)
            }
            (&Method::DELETE, Target::Manifest(name, reference)) if self.world.deletes => {
                manifests::delete(&mut self.store(), &name, &reference)
            }
            (&Method::POST, Target::Uploads(name)) => {
                uploads::start(&mut self.store(), &self.world, &name, &query, request)
            }
            (method, Target::Upload(name, id)) => {
                uploads::go_on(&mut self.store(), method, &name, &id, &query, request)
            }
            _ => refusal(405, "UNSUPPORTED", "The operation is unsupported.", Value::Null),
        }
    }
}

#[async_trait]
impl Service for RegistryService {
    fn serves(&self, host: &str) -> bool {
        self.door(host).is_some()
    }

    async fn answer(&self, host: &str, request: Request) -> Response {
        let mut answer = match self.door(host) {
            Some(Door::Registry { vpc }) => self.registry(vpc, &request),
            Some(Door::Tokens) => self.gate.give_token(&self.store(), &request),
            Some(Door::Layers) => layers::layer(self, host, &request),
            None => refusal(404, "UNSUPPORTED", "no such host", Value::Null),
        };
        if matches!(self.door(host), Some(Door::Registry { .. })) {
            let version = HeaderName::from_static("docker-distribution-api-version");
            answer.headers_mut().insert(version, HeaderValue::from_static("registry/2.0"));
        }
        answer
    }
}

/// What a path of the registry names.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    Root,
    Catalogue,
    Tags(String),
    Blob(String, String),
    Manifest(String, String),
    Uploads(String),
    Upload(String, String),
}

impl Target {
    fn parse(path: &str) -> Option<Target> {
        let rest = path.strip_prefix("/v2")?;
        if matches!(rest, "" | "/") {
            return Some(Target::Root);
        }
        let rest = rest.strip_prefix('/')?;
        if rest == "_catalog" {
            return Some(Target::Catalogue);
        }
        let named = |name: &str| name_is_valid(name).then(|| name.to_owned());
        if let Some(name) = rest.strip_suffix("/tags/list") {
            return Some(Target::Tags(named(name)?));
        }
        let split = |at: &str| rest.rsplit_once(at).map(|(name, last)| (name, last.to_owned()));
        if let Some((name, id)) = split("/blobs/uploads/") {
            return Some(if id.is_empty() { Target::Uploads(named(name)?) } else { Target::Upload(named(name)?, id) });
        }
        if let Some(name) = rest.strip_suffix("/blobs/uploads") {
            return Some(Target::Uploads(named(name)?));
        }
        if let Some((name, digest)) = split("/blobs/") {
            return Some(Target::Blob(named(name)?, digest));
        }
        let (name, reference) = split("/manifests/")?;
        Some(Target::Manifest(named(name)?, reference))
    }

    /// The scopes that a request for it takes: type, name and action.
    fn needs(&self, method: &Method) -> Vec<[String; 3]> {
        let scope = |name: &str, action: &str| ["repository".to_owned(), name.to_owned(), action.to_owned()];
        match self {
            Target::Root => Vec::new(),
            Target::Catalogue => vec![["registry".to_owned(), "catalog".to_owned(), "*".to_owned()]],
            Target::Tags(name) => vec![scope(name, "pull")],
            Target::Uploads(name) | Target::Upload(name, _) => vec![scope(name, "pull"), scope(name, "push")],
            Target::Blob(name, _) | Target::Manifest(name, _) => match *method {
                Method::GET | Method::HEAD => vec![scope(name, "pull")],
                Method::DELETE => vec![scope(name, "delete")],
                _ => vec![scope(name, "pull"), scope(name, "push")],
            },
        }
    }
}

/// Path components of lower-case letters and digits, separated inside by `.`, `_` or `-` (distribution spec).
fn name_is_valid(name: &str) -> bool {
    let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    name.len() <= 255
        && name.split('/').all(|part| {
            part.starts_with(edge) && part.ends_with(edge) && part.chars().all(|c| edge(c) || "._-".contains(c))
        })
}

/// The decoded parameters of the query.
fn query(request: &Request) -> Vec<(String, String)> {
    url::form_urlencoded::parse(request.uri().query().unwrap_or("").as_bytes()).into_owned().collect()
}

fn parameter<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    query.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
}

/// A refusal in the form of the distribution spec.
fn refusal(status: u16, code: &str, message: &str, detail: Value) -> Response {
    let body = json!({ "errors": [{ "code": code, "message": message, "detail": detail }] });
    response(status, "application/json", body.to_string())
}

/// Adds headers; a value that is none is left out.
fn with_headers(mut response: Response, headers: &[(&'static str, String)]) -> Response {
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}

#[cfg(test)]
mod tests;
