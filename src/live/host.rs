//! The host seat on a real deployment: commands that only look, each in its own process group, bounded in time and output.

pub(crate) mod conntrack;
mod kubectl;
pub(crate) mod listener;

use std::ffi::{OsStr, OsString};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use tokio::process::Command;

use super::child::{self, LONGEST_OUTPUT};
use super::terminal;
use crate::stopped;
use ackcheck_core::config::Config;
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::host::firewall::Firewall;
use ackcheck_core::seat::host::{CommandOutput, DockerLogin, Ended, Kubectl, Proxies};
use ackcheck_core::seat::{Heard, Host, HttpReply, NameAnswer, Seen, told};
use ackcheck_core::verdict::Unseen;

mod docker_login;
mod docker_settings;
mod firewall;
mod sources;

/// How a command is called.
struct Call<'a> {
    program: &'a str,
    arguments: &'a [&'a str],
    /// Besides ackcheck's own.
    environment: &'a [(&'a str, &'a OsStr)],
    /// As DSS calls it: nobody can be asked.
    without_terminal: bool,
    /// All that it can read; without one it reads nothing.
    input: Option<&'a str>,
}

impl<'a> Call<'a> {
    /// A command that only looks.
    fn of(program: &'a str, arguments: &'a [&'a str]) -> Call<'a> {
        Call { program, arguments, environment: &[], without_terminal: false, input: None }
    }
}

/// The host seat for one case.
struct LiveHost {
    config: Arc<Config>,
    journal: Journal,
}

/// The seat for one case.
///
/// # Errors
/// Where ackcheck does not run on the DSS host.
pub fn open(config: Arc<Config>, journal: Journal) -> Seen<Box<dyn Host>> {
    if !config.host.local {
        return Err(Unseen::not_described("ackcheck does not run on the DSS host (`[host] local = false`)"));
    }
    Ok(Box::new(LiveHost { config, journal }))
}

impl LiveHost {
    /// The folders to look for commands in.
    fn folders(&self) -> Vec<PathBuf> {
        if !self.config.host.command_path.is_empty() {
            return self.config.host.command_path.clone();
        }
        std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
    }

    /// The program's file, as a shell would find it.
    fn find(&self, program: &str) -> Option<PathBuf> {
        self.folders().into_iter().map(|folder| folder.join(program)).find(|file| terminal::is_program(file))
    }

    /// Commands only look: one that had no time to end because ackcheck itself was stopped is run again.
    async fn patiently(&self, call: &Call<'_>) -> Seen<CommandOutput> {
        let killed =
            |seen: &Seen<CommandOutput>| seen.as_ref().is_ok_and(|output| matches!(output.ended, Ended::Late { .. }));
        let limit = self.config.limits.command;
        stopped::asked(&self.journal, Vantage::Host, limit, true, killed, || self.ended(call)).await
    }

    /// Runs a command without writing it down.
    async fn ended(&self, call: &Call<'_>) -> Seen<CommandOutput> {
        let program = call.program;
        let Some(path) = self.find(program) else {
            return Ok(CommandOutput { ended: Ended::NotFound, stdout: String::new(), stderr: String::new() });
        };
        let mut command = match call.without_terminal {
            true => terminal::without(&path),
            false => Command::new(&path),
        };
        if !call.without_terminal {
            command.process_group(0);
        }
        command
            .args(call.arguments)
            .env("PATH", self.path_of_children())
            // Messages are read: they must be in one language.
            .env("LC_ALL", "C")
            .envs(call.environment.iter().copied());
        child::ended(command, call.input, self.config.limits.command).await
    }

    /// Commands call others by name; those are looked for where they were found themselves, then in `PATH`.
    fn path_of_children(&self) -> OsString {
        let own = std::env::var_os("PATH").unwrap_or_default();
        let folders = self.config.host.command_path.iter().cloned().chain(std::env::split_paths(&own));
        std::env::join_paths(folders).unwrap_or(own)
    }
}

impl LiveHost {
    /// Runs it, and notes what came of it.
    async fn noted(&self, asked: &str, call: Call<'_>) -> Seen<CommandOutput> {
        let began = Instant::now();
        let output = self.patiently(&call).await;
        let answered = match &output {
            Ok(output) => {
                let how = match &output.ended {
                    Ended::Exit(code) => format!("exit {code}"),
                    Ended::Killed { why } | Ended::Late { why } => format!("killed: {why}"),
                    Ended::NotFound => "there is no such command".to_owned(),
                };
                [how.as_str(), output.stdout.trim_end(), output.stderr.trim_end()]
                    .iter()
                    .filter(|part| !part.is_empty())
                    .copied()
                    .collect::<Vec<_>>()
                    .join("\n")
            }
            Err(Unseen::NotDescribed(reason)) => reason.to_string(),
            Err(Unseen::Broken(broken)) => broken.to_string(),
        };
        self.journal.note(Vantage::Host, asked, answered, began.elapsed());
        output
    }
}

#[async_trait]
impl Host for LiveHost {
    async fn run(&self, program: &str, arguments: &[&str]) -> Seen<CommandOutput> {
        let asked = std::iter::once(program).chain(arguments.iter().copied()).collect::<Vec<_>>().join(" ");
        self.noted(&asked, Call::of(program, arguments)).await
    }

    async fn kubectl(&self) -> Seen<Kubectl> {
        self.ask_kubectl().await
    }

    /// By `cat`: a file on a share that hangs, or a pipe, ends with the command's limit, and the host of a lab has files
    /// of its own as it has commands.
    async fn read(&self, path: &str) -> Seen<String> {
        let output = self.run("cat", &["--", path]).await?;
        match output.ended {
            Ended::Exit(0) if output.stdout.len() as u64 >= LONGEST_OUTPUT => {
                Err(Unseen::unreadable(path, format!("{LONGEST_OUTPUT} bytes or more, which is too long to be read")))
            }
            Ended::Exit(0) => Ok(output.stdout),
            Ended::Exit(code) => match output.stderr.trim() {
                "" => Err(Unseen::unreadable(path, format!("`cat` ended with {code}"))),
                said => Err(Unseen::unreadable(path, said)),
            },
            Ended::Killed { why } | Ended::Late { why } => Err(Unseen::unreadable(path, why)),
            Ended::NotFound => Err(Unseen::unreadable("cat", "there is no such command on the host")),
        }
    }

    async fn docker_login(&self, registry: &str) -> Seen<DockerLogin> {
        let began = Instant::now();
        let login = self.find_docker_login(registry).await;
        let asked = format!("the login that docker has for {registry}");
        self.journal.note(Vantage::Host, asked, told(&login), began.elapsed());
        login
    }

    async fn firewall(&self) -> Seen<Firewall> {
        self.read_firewall().await
    }

    async fn head(&self, url: &str, proxies: &Proxies) -> Seen<Heard<HttpReply>> {
        self.ask_head(url, proxies).await
    }

    async fn head_manifest(&self, at: &str, image: &str, tag: &str, proxies: &Proxies) -> Seen<Heard<HttpReply>> {
        self.ask_manifest(at, image, tag, proxies).await
    }

    async fn resolve(&self, name: &str) -> Seen<NameAnswer> {
        let output = self.run("getent", &["ahosts", name]).await?;
        let said = |fallback: &str| match output.stderr.trim() {
            "" => fallback.to_owned(),
            words => words.to_owned(),
        };
        match &output.ended {
            Ended::Exit(0) => {
                // Each stands there once for each kind of socket.
                let mut addresses: Vec<IpAddr> = Vec::new();
                for address in output.stdout.lines().filter_map(|line| line.split_whitespace().next()?.parse().ok()) {
                    if !addresses.contains(&address) {
                        addresses.push(address);
                    }
                }
                if addresses.is_empty() {
                    return Ok(NameAnswer::NoSuchName { said: "getent names no address".to_owned() });
                }
                Ok(NameAnswer::Addresses(addresses))
            }
            // getent tells no difference between a name that is not there and a server that does not answer.
            Ended::Exit(2) => Ok(NameAnswer::NoSuchName { said: said("getent does not find it") }),
            Ended::Exit(code) => Ok(NameAnswer::NoServer { said: said(&format!("getent ended with {code}")) }),
            // The C library may wait for longer than ackcheck does, and find it.
            Ended::Killed { why } | Ended::Late { why } => {
                Err(Unseen::unreadable(format!("getent ahosts {name}"), why.clone()))
            }
            Ended::NotFound => Err(Unseen::unreadable("getent", "there is no such command on the host")),
        }
    }

    async fn addresses(&self) -> Seen<Vec<IpAddr>> {
        if !self.config.host.addresses.is_empty() {
            return Ok(self.config.host.addresses.clone());
        }
        let output = self.run("hostname", &["-I"]).await?;
        let addresses: Vec<IpAddr> = output.stdout.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        match output.ended {
            Ended::Exit(0) if !addresses.is_empty() => Ok(addresses),
            _ => {
                let why = "`hostname -I` names none; give `addresses` in `[host]`";
                Err(Unseen::unreadable("the host's addresses", why))
            }
        }
    }
}
