//! Docker on the lab's DSS host: the `docker` command and what tells the room of its file system. What they print was
//! recorded from the programs themselves (`fixtures/docker`).

use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::Value;

use ackcheck_core::shell::shell_word;

use super::commands::script;

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
    warns: bool,
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

/// The file system of the daemon's folder, in blocks of [`BLOCK`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Root {
    blocks: u64,
    free: u64,
    inodes: u64,
    free_inodes: u64,
}

const BLOCK: u64 = 4096;

macro_rules! recorded {
    ($path:literal) => {
        include_str!(concat!("../../../fixtures/docker/", $path))
    };
}

const VERSION: &str = recorded!("client-28.2-server-20.10/version.json");
const INFO: &str = recorded!("client-28.2-server-20.10/info.json");
const PODMAN: &str = recorded!("podman-4.3/version.json");
const NERDCTL: &str = recorded!("nerdctl-1.7/version.json");
const WARNING: &str = "WARNING: Error parsing config file (/home/dssuser/.docker/config.json): invalid character 'b' \
                       looking for beginning of object key string";

/// An answer of a command: its two streams and its code.
struct Printed {
    stdout: String,
    stderr: String,
    code: u8,
}

impl Docker {
    /// Writes its commands into `folder`.
    pub(super) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let Root { blocks, free, inodes, free_inodes } = self.root;
        script(folder, "stat", &format!("echo {free} {free} {BLOCK} {blocks} {free_inodes} {inodes}\n"))?;
        if self.state == State::Missing {
            return Ok(());
        }
        let (version, info) = (self.version()?, self.info()?);
        let endpoint = format!(r#"{{"Name":"default","Endpoints":{{"docker":{{"Host":"{}"}}}}}}"#, self.endpoint);
        let mut body = String::new();
        if self.warns {
            body.push_str(&format!("echo {} >&2\n", shell_word(WARNING)));
        }
        body.push_str("case \"$1 $2\" in\n");
        for (command, printed) in [
            ("version --format", version),
            ("info --format", info),
            ("context inspect", Printed::page(endpoint)),
            ("--version ", Printed::page(self.name())),
        ] {
            body.push_str(&format!("  {}) {} ;;\n", shell_word(command), printed.commands()));
        }
        body.push_str("  *) echo \"docker: '$1' is not a docker command.\" >&2; exit 1 ;;\nesac\n");
        script(folder, "docker", &body)
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
        Ok(Printed::page(page.to_string()))
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

impl Printed {
    fn page(text: impl Into<String>) -> Printed {
        Printed { stdout: text.into(), stderr: String::new(), code: 0 }
    }

    fn commands(&self) -> String {
        let (stdout, stderr) = (shell_word(self.stdout.trim_end()), shell_word(&self.stderr));
        format!("printf '%s\\n' {stdout}; printf '%s\\n' {stderr} >&2; exit {}", self.code)
    }
}
