//! The commands found on the lab's DSS host: small shell scripts that print what the world says.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;

use crate::dns::records::Records;
use crate::world::{Section, World};
use ackcheck_core::shell::shell_word;

use super::kubectl::{self, Kubectl};
use super::builder::Builder;
use super::put;

/// `/host`: the DSS host's own facts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HostWorld {
    #[serde(rename = "comment")]
    _comment: String,
    /// What `hostname -f` prints; the deployment's name where null.
    fqdn: Option<String>,
    /// What `hostname -I` prints; the deployment's addresses where null.
    addresses: Option<Vec<IpAddr>>,
    /// Its `/etc/hosts`.
    hosts: BTreeMap<String, Vec<IpAddr>>,
    docker: Docker,
    kubectl: Kubectl,
    builder: Builder,
    files: BTreeMap<String, String>,
}

impl Section for HostWorld {
    const NAME: &'static str = "host";
}

/// The state of Docker on the host.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Docker {
    Running,
    DaemonDown,
    SocketDenied,
    Podman,
    Missing,
}

/// Writes the commands into `folder`.
pub(super) fn write(world: &World, folder: &Path) -> anyhow::Result<()> {
    let host: HostWorld = world.section()?;
    let known = world.deployment()?.host;
    let short = known.short_name;
    let fqdn = host.fqdn.unwrap_or(known.name);
    let own = host.addresses.unwrap_or(known.addresses);
    script(folder, "hostname", &hostname(&short, &fqdn, &own))?;

    // The host looks into its own file first, then the VPC's name servers; its full name is in that file, as ECS writes it.
    let mut names = Records::of(world)?.into_names();
    names.entry(fqdn).or_insert_with(|| own.clone());
    names.insert(short, own);
    names.extend(host.hosts);
    script(folder, "getent", &getent(&names))?;
    script(folder, "cat", &cat(&host.files))?;
    let commands = [("docker", docker(host.docker)), ("kubectl", kubectl::script(host.kubectl, &world.section()?))];
    commands
        .into_iter()
        .filter_map(|(name, text)| Some((name, text?)))
        .try_for_each(|(name, text)| script(folder, name, &text))?;
    host.builder.write(folder)
}

fn hostname(short: &str, fqdn: &str, own: &[IpAddr]) -> String {
    let own: String = own.iter().map(|address| format!("{address} ")).collect();
    format!(
        "case \"$1\" in\n  -f|--fqdn|--long) echo {} ;;\n  -I|--all-ip-addresses) echo {} ;;\n  ''|-s|--short) echo {} ;;\n  \
         *) echo \"hostname: invalid option -- '${{1#-}}'\" >&2; exit 255 ;;\nesac\n",
        shell_word(fqdn),
        shell_word(&own),
        shell_word(short)
    )
}

fn getent(names: &BTreeMap<String, Vec<IpAddr>>) -> String {
    let mut text =
        String::from("[ \"$1\" = ahosts ] || { echo \"Unknown database: $1\" >&2; exit 1; }\ncase \"$2\" in\n");
    // A name itself comes before the suffixes that cover it.
    let (suffixes, whole): (Vec<_>, Vec<_>) = names.iter().partition(|(name, _)| name.starts_with("*."));
    for (name, addresses) in whole.into_iter().chain(suffixes) {
        let pattern = match name.strip_prefix('*') {
            Some(suffix) => format!("*{}", shell_word(suffix)),
            None => shell_word(name),
        };
        let _ = writeln!(text, "  {pattern})");
        for address in addresses {
            for (kind, end) in [("STREAM", " \"$2\""), ("DGRAM ", ""), ("RAW   ", "")] {
                let _ = writeln!(text, "    echo '{address:<15} {kind}'{end}");
            }
        }
        text.push_str("    ;;\n");
    }
    text.push_str("  *) exit 2 ;;\nesac\n");
    text
}

/// Prints the files of the host that it is asked for by their paths, as `cat -- PATH` would.
fn cat(files: &BTreeMap<String, String>) -> String {
    let mut text =
        String::from("[ \"$1\" = -- ] || { echo \"cat: unrecognized option '$1'\" >&2; exit 1; }\ncase \"$2\" in\n");
    for (path, content) in files {
        let _ = writeln!(text, "  {}) printf '%s' {} ;;", shell_word(path), shell_word(content));
    }
    text.push_str("  *) echo \"cat: $2: No such file or directory\" >&2; exit 1 ;;\nesac\n");
    text
}

/// What `docker version` prints and how it ends; none if there is no client.
fn docker(state: Docker) -> Option<String> {
    const CLIENT: &str = "Client:\n Version:           28.2.2\n API version:       1.50\n Go version:        go1.24.3\n \
                          Git commit:        e6534b4\n OS/Arch:           linux/amd64\n Context:           default\n";
    const SERVER: &str = "\nServer: Docker Engine - Community\n Engine:\n  Version:          28.2.2\n  \
                          API version:      1.50 (minimum version 1.24)\n  OS/Arch:          linux/amd64\n";
    const PODMAN: &str = "Client:       Podman Engine\nVersion:      4.9.4-rhel\nAPI Version:  4.9.4-rhel\n\
                          Go Version:   go1.21.13\nOS/Arch:      linux/amd64\n";
    let (said, complaint, code) = match state {
        Docker::Running => (format!("{CLIENT}{SERVER}"), "", 0),
        Docker::DaemonDown => (
            CLIENT.to_owned(),
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n",
            1,
        ),
        Docker::SocketDenied => (
            CLIENT.to_owned(),
            "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get \
             \"http://%2Fvar%2Frun%2Fdocker.sock/v1.50/version\": dial unix /var/run/docker.sock: connect: permission denied\n",
            1,
        ),
        Docker::Podman => {
            (PODMAN.to_owned(), "Emulate Docker CLI using podman. Create /etc/containers/nodocker to quiet msg.\n", 0)
        }
        Docker::Missing => return None,
    };
    Some(format!(
        "[ \"$1\" = version ] || {{ echo \"docker: '$1' is not a docker command.\" >&2; exit 1; }}\n\
         printf '%s' {}\nprintf '%s' {} >&2\nexit {code}\n",
        shell_word(&said),
        shell_word(complaint)
    ))
}

fn script(folder: &Path, name: &str, body: &str) -> anyhow::Result<()> {
    let path = folder.join(name);
    put(&path, format!("#!/bin/sh\n{body}").as_bytes())?;
    let runnable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&path, runnable).with_context(|| path.display().to_string())
}
