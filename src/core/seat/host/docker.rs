//! What `docker version` and `docker info` answer as JSON: which program answered, and what it says of its daemon.
//!
//! The fields of Docker 19.03 to 29 (docker/cli `cli/command/system`), of podman 1.4 to 5 and of nerdctl 1 and 2. Each of
//! them has a page of its own form, so that nothing rests on words.

use serde::Deserialize;
use serde_json::Value;

use super::Proxies;

/// Prints a page of Docker as JSON; every release of the three programs takes it.
pub const AS_JSON: [&str; 2] = ["--format", "{{json .}}"];

/// Which program printed a page of versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// Docker's client.
    Docker,
    Podman,
    /// Another that names versions in JSON: nerdctl.
    Other,
}

/// What `docker version` prints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionPage {
    pub program: Program,
    /// What the program calls its own version.
    pub version: String,
    /// What answered it; none where nothing did.
    pub server: Option<Server>,
}

/// A daemon, as it describes itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    pub version: String,
    /// The newest version of the API that it speaks: `1.41`.
    pub api_version: String,
    /// As Go names it: `linux`.
    pub os: String,
    /// As Go names it: `amd64`.
    pub architecture: String,
    /// `Engine`, `containerd`, … (since 18.09); of podman's service `Podman Engine`.
    pub components: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ServerPage {
    #[serde(default)]
    version: String,
    #[serde(default)]
    api_version: String,
    #[serde(default)]
    os: String,
    #[serde(default)]
    arch: String,
    #[serde(default)]
    components: Option<Vec<Component>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Component {
    name: String,
}

impl VersionPage {
    /// Reads the page; none where the text holds no JSON that names a version.
    pub fn parse(printed: &str) -> Option<VersionPage> {
        let page = first_object(printed)?;
        // podman 1.4 has neither client nor server: the versions stand alone.
        let client = page.get("Client").unwrap_or(&page);
        let version = client.get("Version")?.as_str()?.to_owned();
        let has = |key: &str| client.get(key).is_some_and(|value| !value.is_null());
        let program = if has("OsArch") || has("RemoteAPIVersion") {
            Program::Podman
        } else if has("ApiVersion") || has("DefaultAPIVersion") {
            Program::Docker
        } else {
            Program::Other
        };
        let server = page.get("Server").filter(|server| !server.is_null());
        let server = server.and_then(|server| ServerPage::deserialize(server).ok()).map(Server::from);
        Some(VersionPage { program, version, server })
    }
}

impl From<ServerPage> for Server {
    fn from(page: ServerPage) -> Server {
        Server {
            version: page.version,
            api_version: page.api_version,
            os: page.os,
            architecture: page.arch,
            components: page.components.unwrap_or_default().into_iter().map(|component| component.name).collect(),
        }
    }
}

impl Server {
    /// podman's service, which speaks Docker's API.
    pub fn is_podman(&self) -> bool {
        self.components.iter().any(|name| name.starts_with("Podman"))
    }
}

/// What `docker info` prints, as far as it is read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct InfoPage {
    /// Empty where no daemon answered.
    pub server_version: String,
    /// Where the daemon keeps images, unless containerd does.
    pub docker_root_dir: String,
    /// Pairs of words; since 25 `driver-type` is one.
    driver_status: Option<Vec<Vec<String>>>,
    /// `name=rootless`, `name=seccomp,profile=builtin`, …
    security_options: Option<Vec<String>>,
    /// Why the daemon did not answer (since 19.03).
    server_errors: Option<Vec<String>>,
    registry_config: Option<RegistryConfig>,
    http_proxy: Option<String>,
    https_proxy: Option<String>,
    no_proxy: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct RegistryConfig {
    mirrors: Option<Vec<String>>,
}

impl InfoPage {
    /// Reads the page; none where the text holds no such JSON.
    pub fn parse(printed: &str) -> Option<InfoPage> {
        InfoPage::deserialize(first_object(printed)?).ok()
    }

    /// Images are kept by containerd, in a folder of its own: what new installations of 29 do.
    pub fn images_in_containerd(&self) -> bool {
        let containerd = |pair: &Vec<String>| matches!(pair.as_slice(), [key, value, ..] if key == "driver-type" && value.starts_with("io.containerd."));
        self.driver_status.iter().flatten().any(containerd)
    }

    /// The daemon has an account's rights, not root's: what is kept for root is not for it.
    pub fn rootless(&self) -> bool {
        self.security_options.iter().flatten().any(|option| option.split(',').any(|part| part == "name=rootless"))
    }

    /// Where the daemon asks for images of Docker Hub before it asks there: URLs, as `registry-mirrors` has them.
    pub fn mirrors(&self) -> &[String] {
        self.registry_config.as_ref().and_then(|config| config.mirrors.as_deref()).unwrap_or_default()
    }

    /// The proxies that the daemon goes through. It hides their passwords.
    pub fn proxies(&self) -> Proxies {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        Proxies { http: text(&self.http_proxy), https: text(&self.https_proxy), except: text(&self.no_proxy) }
    }

    /// Why the daemon did not answer, in the client's words.
    pub fn errors(&self) -> &[String] {
        self.server_errors.as_deref().unwrap_or_default()
    }
}

/// Where the client looks for its daemon, of what `docker context inspect` prints: `unix:///var/run/docker.sock`. It counts
/// `DOCKER_HOST` and `DOCKER_CONTEXT` in (since 19.03).
pub fn endpoint(printed: &str) -> Option<String> {
    let host = first_object(printed)?.pointer("/Endpoints/docker/Host")?.as_str()?.to_owned();
    Some(host).filter(|host| !host.is_empty())
}

/// The client's warning that it does not read its settings: before 27 "Error loading", then also "Error parsing".
pub fn unread_settings(stderr: &str) -> Option<&str> {
    let about_settings = |line: &&str| is_warning(line) && line.to_ascii_lowercase().contains("config file");
    stderr.lines().map(str::trim).find(about_settings)
}

/// The client goes on after a warning.
pub fn is_warning(line: &str) -> bool {
    line.starts_with("WARNING: ")
}

/// The first JSON object of a text: wrappers greet before it. An object starts its line: what is cut off has objects inside.
fn first_object(printed: &str) -> Option<Value> {
    let after_lines = printed.match_indices("\n{").map(|(at, _)| at + 1);
    let starts = printed.starts_with('{').then_some(0).into_iter().chain(after_lines).take(MOST_STARTS);
    let read = |at: usize| serde_json::Deserializer::from_str(&printed[at..]).into_iter::<Value>().next()?.ok();
    starts.filter_map(read).find(Value::is_object)
}

/// The most lines that are tried as a start.
const MOST_STARTS: usize = 16;

#[cfg(test)]
#[path = "docker_tests.rs"]
mod tests;
