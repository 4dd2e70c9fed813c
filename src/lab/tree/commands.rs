//! The commands found on the lab's DSS host: small shell scripts that print what the world says.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::path::Path;

use serde::Deserialize;

use crate::dns::records::Records;
use crate::world::{Section, World};
use ackcheck_core::shell::shell_word;

use super::Tree;
use super::command;
use super::docker::{Docker, Logins};
use super::firewall::Firewall;
use super::kubectl::{self, Kubectl};
use super::programs::Programs;
use super::system::System;

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
    environment: BTreeMap<String, String>,
    docker: Docker,
    kubectl: Kubectl,
    firewall: Firewall,
    programs: Programs,
    system: System,
    files: BTreeMap<String, String>,
}

impl Section for HostWorld {
    const NAME: &'static str = "host";
}

/// Writes the commands into `folder`.
pub(super) fn write(world: &World, tree: &Tree, root: &Path, release: &BTreeMap<String, String>) -> anyhow::Result<()> {
    let folder: &Path = &tree.commands;
    let host: HostWorld = world.section()?;
    let deployment = world.deployment()?;
    let logins = Logins::of(&deployment);
    let known = deployment.host;
    let short = known.short_name;
    let fqdn = host.fqdn.unwrap_or(known.name);
    let own = host.addresses.unwrap_or(known.addresses);
    command(folder, "hostname", &hostname(&short, &fqdn, &own))?;

    // The host looks into its own file first, then the VPC's name servers; its full name is in that file, as ECS writes it.
    let mut names = Records::of(world)?.into_names();
    names.entry(fqdn).or_insert_with(|| own.clone());
    names.insert(short, own);
    names.extend(host.hosts);
    let system = host.system.of(tree, deployment.dss.base_port)?;
    command(folder, "getent", &format!("{}{}", system.passwd(), getent(&names)))?;
    system.write(folder, host.docker.room())?;
    let mut files = host.files;
    files.extend(system.files());
    files.extend(host.docker.settings_file(&logins));
    command(folder, "cat", &cat(&files))?;
    command(folder, "printenv", &printenv(&host.environment))?;
    if let Some(text) = kubectl::script(host.kubectl, &world.section()?) {
        command(folder, "kubectl", &text)?;
    }
    host.firewall.write(folder)?;
    host.programs.write(world, tree, root, release)?;
    host.docker.write(folder, &logins)
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

/// Prints the variables of the DSS account that it is asked for by their names.
fn printenv(environment: &BTreeMap<String, String>) -> String {
    let mut text = String::from("case \"$1\" in\n");
    for (name, value) in environment {
        let _ = writeln!(text, "  {}) echo {} ;;", shell_word(name), shell_word(value));
    }
    text.push_str("  *) exit 1 ;;\nesac\n");
    text
}
