//! Docker on the lab's DSS host: the `docker` command and what tells the room of its file system. What they print was
//! recorded from the programs themselves (`fixtures/docker`).

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use base64::Engine as _;
use serde::Deserialize;
use serde_json::Value;

use ackcheck_core::shell::shell_word;

use super::command;
use crate::world::{Deployment, RegistryUser};

/// `/host/docker`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Docker {
    #[serde(rename = "comment")]
    _comment: String,
    state: State,
    endpoint: String,
    os: String,
    architecture: String,
    root: Root,
    /// Where the daemon keeps its images.
    store: Store,
    /// What `docker buildx inspect` prints as its version.
    buildkit: String,
    settings: Option<String>,
    helpers: BTreeMap<String, Option<String>>,
    /// `registry-mirrors`.
    mirrors: Vec<String>,
    proxies: Proxies,
    /// What `docker image inspect` finds.
    images: Vec<String>,
}

/// What the daemon goes through.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proxies {
    http: String,
    https: String,
    except: String,
}

/// What answers to the name docker, and how.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    Running,
    DaemonDown,
    SocketDenied,
    ClientTooOld,
    ClientTooNew,
    PluginDenies,
    AsksForAPassword,
    Podman,
    Nerdctl,
    Missing,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Store {
    Classic,
    Containerd,
}

/// A file system: blocks of 4 KiB and inodes, all and free.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Root {
    blocks: u64,
    free: u64,
    inodes: u64,
    free_inodes: u64,
}

const BLOCK: u64 = 4096;

impl Root {
    /// As `stat --file-system` prints it in the order that checks ask for.
    pub(super) fn figures(&self) -> String {
        let Root { blocks, free, inodes, free_inodes } = self;
        format!("{free} {free} {BLOCK} {blocks} {free_inodes} {inodes}")
    }
}

macro_rules! recorded {
    ($path:literal) => {
        include_str!(concat!("../../../fixtures/docker/", $path))
    };
}

const VERSION: &str = recorded!("client-28.2-server-20.10/version.json");
const INFO: &str = recorded!("client-28.2-server-20.10/info.json");
const PODMAN: &str = recorded!("podman-4.3/version.json");
const NERDCTL: &str = recorded!("nerdctl-1.7/version.json");

/// The settings of the DSS account's docker command.
const SETTINGS: &str = "/home/dssuser/.docker/config.json";

/// Who can log in to the registry.
pub(super) struct Logins {
    host: String,
    users: [RegistryUser; 2],
}

impl Logins {
    pub(super) fn of(deployment: &Deployment) -> Logins {
        let host = deployment.repository.split('/').next().unwrap_or_default().to_owned();
        Logins { host, users: [deployment.registry_user.clone(), deployment.other_registry_user.clone()] }
    }

    /// The text of the settings with its placeholders filled in.
    fn fill(&self, text: &str) -> String {
        let [user, other] = &self.users;
        let stored =
            |user: &str, password: &str| base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        text.replace("{{host}}", &self.host)
            .replace("{{login}}", &stored(&user.name, &user.password))
            .replace("{{stale_login}}", &stored(&user.name, "CANARY-of-last-year"))
            .replace("{{other_login}}", &stored(&other.name, &other.password))
    }
}

/// The fields of the settings that the client reads, as far as the lab has them. It warns where one is not of its type.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Typed {
    #[serde(rename = "auths")]
    _logins: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(rename = "credsStore")]
    _store: String,
    #[serde(rename = "credHelpers")]
    _helpers: BTreeMap<String, String>,
    #[serde(rename = "psFormat")]
    _format: String,
}

/// An answer of a command: its two streams and its code.
struct Printed {
    stdout: String,
    stderr: String,
    code: u8,
}

impl Docker {
    /// The settings and where they are, if there are any.
    pub(super) fn settings_file(&self, logins: &Logins) -> Option<(String, String)> {
        self.settings.as_ref().map(|text| (SETTINGS.to_owned(), logins.fill(text)))
    }

    /// The file system of its images.
    pub(super) fn room(&self) -> &Root {
        &self.root
    }

    /// Writes its commands into `folder`.
    pub(super) fn write(&self, folder: &Path, logins: &Logins) -> anyhow::Result<()> {
        for (name, user) in &self.helpers {
            command(folder, &format!("docker-credential-{name}"), &helper(logins, user.as_deref()))?;
        }
        if self.state == State::Missing {
            return Ok(());
        }
        let (version, info) = (self.version()?, self.info()?);
        let endpoint = format!(r#"{{"Name":"default","Endpoints":{{"docker":{{"Host":"{}"}}}}}}"#, self.endpoint);
        let mut body = String::new();
        let settings = self.settings_file(logins).map(|(_, text)| text).filter(|text| !text.is_empty());
        if let Some(Err(why)) = settings.map(|text| serde_json::from_str::<Typed>(&text)) {
            let warning = format!("WARNING: Error parsing config file ({SETTINGS}): {why}");
            body.push_str(&format!("echo {} >&2\n", shell_word(&warning)));
        }
        for image in &self.images {
            let here = format!(
                "[ \"$1 $2 $5\" = {} ] && {{ echo sha256:1ab; exit 0; }}\n",
                shell_word(&format!("image inspect {image}"))
            );
            body.push_str(&here);
        }
        body.push_str("[ \"$1 $2\" = 'image inspect' ] && { echo \"Error: No such image: $5\" >&2; exit 1; }\n");
        body.push_str("case \"$1 $2\" in\n");
        for (command, printed) in [
            ("version --format", version),
            ("info --format", info),
            ("context inspect", Printed::page(endpoint)),
            ("buildx inspect", Printed::page(self.builder())),
            ("--version ", Printed::page(self.name())),
        ] {
            body.push_str(&format!("  {}) {} ;;\n", shell_word(command), printed.commands()));
        }
        body.push_str("  *) echo \"docker: '$1' is not a docker command.\" >&2; exit 1 ;;\nesac\n");
        command(folder, "docker", &body)
    }

    fn version(&self) -> anyhow::Result<Printed> {
        let mut page: Value = serde_json::from_str(VERSION).context("fixtures/docker: version.json")?;
        if let Some(complaint) = self.complaint() {
            page["Server"] = Value::Null;
            let stdout = if self.state == State::AsksForAPassword { String::new() } else { page.to_string() };
            return Ok(Printed { stdout, stderr: complaint.to_owned(), code: 1 });
        }
        Ok(match self.state {
            State::Podman => Printed {
                stderr: "Emulate Docker CLI using podman. Create /etc/containers/nodocker to quiet msg.".to_owned(),
                ..Printed::page(PODMAN)
            },
            State::Nerdctl => Printed::page(NERDCTL),
            _ => {
                page["Server"]["Os"] = Value::from(self.os.as_str());
                page["Server"]["Arch"] = Value::from(self.architecture.as_str());
                Printed::page(page.to_string())
            }
        })
    }

    fn info(&self) -> anyhow::Result<Printed> {
        if let Some(complaint) = self.complaint() {
            return Ok(Printed { stdout: String::new(), stderr: complaint.to_owned(), code: 1 });
        }
        let mut page: Value = serde_json::from_str(INFO).context("fixtures/docker: info.json")?;
        page["OSType"] = Value::from(self.os.as_str());
        page["RegistryConfig"]["Mirrors"] = Value::from(self.mirrors.clone());
        page["HttpProxy"] = Value::from(self.proxies.http.as_str());
        page["HttpsProxy"] = Value::from(self.proxies.https.as_str());
        page["NoProxy"] = Value::from(self.proxies.except.as_str());
        if self.store == Store::Containerd {
            page["DriverStatus"] = serde_json::json!([["driver-type", "io.containerd.snapshotter.v1"]]);
        }
        Ok(Printed::page(page.to_string()))
    }

    fn builder(&self) -> String {
        format!(
            "Name:          default\nDriver:        docker\n\nNodes:\nName:             default\n\
             Status:           running\nBuildKit version: {}",
            self.buildkit
        )
    }

    /// Why the client prints no daemon, in the words of client and daemon.
    fn complaint(&self) -> Option<&'static str> {
        match self.state {
            State::DaemonDown => Some(
                "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
            ),
            State::SocketDenied => Some(
                "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get \
                 \"http://%2Fvar%2Frun%2Fdocker.sock/v1.50/version\": dial unix /var/run/docker.sock: connect: permission denied",
            ),
            State::ClientTooOld => Some(
                "Error response from daemon: client version 1.40 is too old. Minimum supported API version is 1.44, please \
                 upgrade your client to a newer version",
            ),
            State::ClientTooNew => Some(
                "Error response from daemon: client version 1.53 is too new. Maximum supported API version is 1.41",
            ),
            State::PluginDenies => Some(
                "Error response from daemon: authorization denied by plugin opa-docker-authz: request rejected by \
                 administrative policy",
            ),
            State::AsksForAPassword => Some(
                "sudo: a terminal is required to read the password; either use the -S option to read from standard input \
                 or configure an askpass helper\nsudo: a password is required",
            ),
            State::Running | State::Podman | State::Nerdctl | State::Missing => None,
        }
    }

    fn name(&self) -> &'static str {
        match self.state {
            State::Podman => "podman version 4.3.1",
            State::Nerdctl => "nerdctl version 1.7.6",
            _ => "Docker version 28.2.2, build e6534b4",
        }
    }
}

/// A credential helper: it reads a registry's host, and prints the login of a user, or fails.
fn helper(logins: &Logins, user: Option<&str>) -> String {
    let known = logins.users.iter().find(|known| Some(known.name.as_str()) == user);
    let Some(known) = known else {
        return "echo 'CANARY: the keychain is locked'; exit 1\n".to_owned();
    };
    let login = serde_json::json!({ "ServerURL": logins.host, "Username": known.name, "Secret": known.password });
    format!(
        "[ \"$1\" = get ] || exit 1\nIFS= read -r asked\n\
         [ \"$asked\" = {} ] || {{ echo 'credentials not found in native keychain'; exit 1; }}\nprintf '%s' {}\n",
        shell_word(&logins.host),
        shell_word(&login.to_string())
    )
}

impl Printed {
    fn page(text: impl Into<String>) -> Printed {
        Printed { stdout: text.into(), stderr: String::new(), code: 0 }
    }

    fn commands(&self) -> String {
        let (stdout, stderr) = (shell_word(self.stdout.trim_end()), shell_word(&self.stderr));
        format!("printf '%s\\n' {stdout}; printf '%s\\n' {stderr} >&2; exit {}", self.code)
    }
}
