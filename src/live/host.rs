//! The host seat on a real deployment: commands that only look, each in its own process group, bounded in time and output.

pub(crate) mod conntrack;
mod kubectl;
pub(crate) mod listener;

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::net::IpAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, Command};

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

/// The most kept of each stream of a command, in bytes; what follows is read and dropped.
const LONGEST_OUTPUT: u64 = 256 << 10;
/// A program file that is being written when it is started (ETXTBSY) is tried again this often.
const BUSY_TRIES: u32 = 50;

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
            .envs(call.environment.iter().copied())
            .stdin(if call.input.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = match start(&mut command).await {
            Ok(child) => child,
            // The file is there, its interpreter is not.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let why = format!("{} cannot be started: {error}", path.display());
                return Err(Unseen::unreadable(program, why));
            }
            Err(error) => return Err(Unseen::unreadable(format!("run {}", path.display()), error.to_string())),
        };
        let mut group = Group(child.id());
        let stdin = child.stdin.take();
        let stdout = child.stdout.take();
        let stderr = child.stderr.take();
        let limit = self.config.limits.command;
        let whole = async {
            // The streams end when the last process that holds them does: a child left behind counts too.
            let (_, stdout, stderr) = tokio::join!(given(stdin, call.input), bounded(stdout), bounded(stderr));
            (child.wait().await, stdout, stderr)
        };
        match tokio::time::timeout(limit, whole).await {
            Ok((status, stdout, stderr)) => {
                // The child is waited for: its number may soon be another's.
                group.0 = None;
                let status =
                    status.map_err(|error| Unseen::unreadable(format!("wait for {program}"), error.to_string()))?;
                let ended = match status.code() {
                    Some(code) => Ended::Exit(code),
                    None => Ended::Killed { why: status.to_string() },
                };
                Ok(CommandOutput { ended, stdout, stderr })
            }
            Err(_) => {
                group.kill();
                let why = format!("no end within {:.1} s", limit.as_secs_f64());
                Ok(CommandOutput { ended: Ended::Late { why }, stdout: String::new(), stderr: String::new() })
            }
        }
    }

    /// Commands call others by name; those are looked for where they were found themselves, then in `PATH`.
    fn path_of_children(&self) -> OsString {
        let own = std::env::var_os("PATH").unwrap_or_default();
        let folders = self.config.host.command_path.iter().cloned().chain(std::env::split_paths(&own));
        std::env::join_paths(folders).unwrap_or(own)
    }
}

/// A process group, killed whole when it is dropped: also when the case is given up while its command runs.
struct Group(Option<u32>);

impl Group {
    fn kill(&self) {
        if let Some(id) = self.0.and_then(|id| i32::try_from(id).ok()) {
            // Gone already is as good.
            let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn start(command: &mut Command) -> std::io::Result<Child> {
    let mut tries = 0;
    loop {
        match command.spawn() {
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy && tries < BUSY_TRIES => {
                tries += 1;
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            other => return other,
        }
    }
}

/// Writes the input of a command and closes it.
async fn given(stdin: Option<ChildStdin>, input: Option<&str>) {
    if let (Some(mut stdin), Some(input)) = (stdin, input) {
        // A command that does not read it, or has ended, says enough by how it ends.
        let _ = stdin.write_all(input.as_bytes()).await;
    }
}

/// What a stream brings, up to the bound; the rest is read so that its writer is not held up.
async fn bounded(stream: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut stream) = stream else { return String::new() };
    let mut kept = Vec::new();
    // A stream that breaks has said all it will.
    let _ = (&mut stream).take(LONGEST_OUTPUT).read_to_end(&mut kept).await;
    let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
    String::from_utf8_lossy(&kept).into_owned()
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
