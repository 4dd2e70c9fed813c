//! What Linux tells of the lab's DSS host: processes, limits, accounts, mounts and room, as the commands of a host print them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use serde::Deserialize;

use super::docker::Root;
use super::environment::{self, printed};
use super::{Tree, command};
use ackcheck_core::shell::shell_word;

/// In the environment of a process: the name that DSS's scripts export now.
const EXT_HOST: &str = "{{ext_host}}";
/// For how long the host has been up, in seconds.
const UP: u64 = 30 * 86_400;

/// `/host/system`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct System {
    #[serde(rename = "comment")]
    _comment: String,
    /// The account that ackcheck runs as, and its limits.
    uid: u32,
    limits: Limits,
    accounts: Vec<Account>,
    /// The account that owns the data directory.
    owner: u32,
    processes: Vec<Process>,
    mounts: Vec<Mount>,
    data_room: Root,
    memory_kb: u64,
    /// How many seconds ago DSS was started, and each of the times of its jars for OSS.
    started: u64,
    jars: OssJars,
}

/// The jars for OSS: times in seconds before now, null where the file system does not keep it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OssJars {
    born: Option<u64>,
    written: u64,
    changed: u64,
    open: Open,
}

/// What the backend has open of each jar.
#[derive(Deserialize)]
enum Open {
    #[serde(rename = "this")]
    This,
    #[serde(rename = "old")]
    Old,
    #[serde(rename = "not")]
    Not,
    #[serde(rename = "not shown")]
    NotShown,
}

/// Soft and hard; null where there is none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    files: [Option<u64>; 2],
    processes: [Option<u64>; 2],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    uid: u32,
    name: String,
    home: String,
    /// As `stat` calls what is there; null where nothing is.
    home_is: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Process {
    number: u32,
    parent: u32,
    uid: u32,
    name: String,
    command: String,
    /// That it listens on, counted from the base port.
    ports: Vec<u16>,
    /// Its ports are seen, and not that they are its own.
    hidden: bool,
    limits: Limits,
    /// What it was started with; a value that holds `{{ext_host}}` is left out where the scripts export no name.
    #[serde(default)]
    environment: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mount {
    at: String,
    #[serde(rename = "type")]
    kind: String,
    source: String,
    options: String,
}

/// The same with the lab's directories and ports in the place of placeholders.
pub(super) struct OfTree {
    system: System,
    data: String,
    base_port: u16,
    /// In seconds since 1970.
    now: u64,
}

impl System {
    pub(super) fn of(mut self, tree: &Tree, base_port: u16) -> anyhow::Result<OfTree> {
        // As DSS's start script has it, without symbolic links.
        let data = tree.data.canonicalize().context("the data directory")?.display().to_string();
        let install = tree.install.canonicalize().context("the install directory")?.display().to_string();
        let fill = |text: &mut String| *text = text.replace("{{data}}", &data).replace("{{install}}", &install);
        self.processes.iter_mut().for_each(|process| fill(&mut process.command));
        self.mounts.iter_mut().for_each(|mount| fill(&mut mount.at));
        if self.processes.iter().any(|process| process.environment.values().any(|value| value.contains(EXT_HOST))) {
            let name = environment::exported(&tree.data, "DKU_BACKEND_EXT_HOST")?;
            self.processes
                .iter_mut()
                .for_each(|process| environment::fill(&mut process.environment, EXT_HOST, name.as_deref()));
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).context("this machine's clock")?.as_secs();
        Ok(OfTree { system: self, data, base_port, now })
    }
}

impl OfTree {
    /// What `cat` shows below `/proc`.
    pub(super) fn files(&self) -> BTreeMap<String, String> {
        let System { uid, limits, processes, mounts, memory_kb, started, .. } = &self.system;
        let mut files = BTreeMap::from([
            ("/proc/stat".to_owned(), format!("cpu  1 2 3 4\nbtime {}\nprocesses 4200\n", self.now - UP)),
            ("/proc/self/status".to_owned(), status("cat", 4200, *uid)),
            ("/proc/self/limits".to_owned(), limits.page()),
            ("/proc/uptime".to_owned(), format!("{UP}.25 {UP}.50\n")),
            ("/proc/1/status".to_owned(), status("systemd", 0, 0)),
            ("/proc/2/status".to_owned(), status("kthreadd", 0, 0)),
            ("/proc/self/mountinfo".to_owned(), mountinfo(mounts)),
            ("/proc/meminfo".to_owned(), format!("MemTotal:       {memory_kb} kB\nMemFree:          812345 kB\n")),
        ]);
        for process in processes {
            let file = |name: &str| format!("/proc/{}/{name}", process.number);
            files.insert(file("status"), status(&process.name, process.parent, process.uid));
            files.insert(file("limits"), process.limits.page());
            files.insert(file("stat"), stat(process, (UP - started) * 100));
        }
        files
    }

    /// The part of `getent` that knows accounts.
    pub(super) fn passwd(&self) -> String {
        let mut text = String::from("if [ \"$1\" = passwd ]; then\n  case \"$2\" in\n");
        for Account { uid, name, home, .. } in &self.system.accounts {
            let entry = shell_word(&format!("{name}:x:{uid}:{uid}::{home}:/bin/bash"));
            let _ = writeln!(text, "    {uid}|{}) echo {entry} ;;", shell_word(name));
        }
        text.push_str("    *) exit 2 ;;\n  esac\n  exit 0\nfi\n");
        text
    }

    /// Writes `pgrep`, `ss`, `sed`, `find`, `stat` and `realpath` into `folder`; `images` is the file system of the Docker daemon.
    pub(super) fn write(&self, folder: &Path, images: &Root) -> anyhow::Result<()> {
        command(folder, "pgrep", &self.pgrep())?;
        command(folder, "ss", &self.ss())?;
        command(folder, "stat", &self.stat(images))?;
        command(folder, "sed", &self.sed())?;
        command(folder, "find", self.find())?;
        let realpath = "if [ -f \"$2\" ]; then cd -P -- \"${2%/*}\" && echo \"$(pwd -P)/${2##*/}\" && exit 0; fi\n\
                        cd -P -- \"$2\" 2>/dev/null && pwd -P && exit 0\n\
                        echo \"realpath: $2: No such file or directory\" >&2; exit 1\n";
        command(folder, "realpath", realpath)
    }

    /// `pgrep -f -- PATTERN`.
    fn pgrep(&self) -> String {
        let mut text = String::from("found=1\n");
        for process in &self.system.processes {
            let command = shell_word(&process.command);
            let number = process.number;
            let _ = writeln!(text, "printf '%s\\n' {command} | grep -Eq -e \"$3\" && {{ echo {number}; found=0; }}");
        }
        text.push_str("exit $found\n");
        text
    }

    /// `sed -z -n -e COMMAND -e COMMAND -- /proc/PID/environ`, which only root and the account of the process may read.
    fn sed(&self) -> String {
        let System { uid, processes, .. } = &self.system;
        let refused = |why: &str| format!("echo \"sed: can't read $8: {why}\" >&2; exit 2");
        let mut text = String::from("case \"$8\" in\n");
        for Process { number, uid: of, environment, .. } in processes {
            // The machine's own `sed` reads it, and not this file again.
            let read =
                || format!("{} | command -p sed \"$1\" \"$2\" \"$3\" \"$4\" \"$5\" \"$6\"", printed(environment));
            let answer = if *uid == 0 || uid == of { read() } else { refused("Permission denied") };
            let _ = writeln!(text, "  /proc/{number}/environ) {answer} ;;");
        }
        let _ = writeln!(text, "  *) {} ;;\nesac", refused("No such file or directory"));
        text
    }

    /// `find /proc/PID/fd -lname PATTERN -printf %l\\n`.
    fn find(&self) -> &'static str {
        match self.system.jars.open {
            Open::This => "echo \"${3%\\*}\"\n",
            Open::Old => "echo \"${3%\\*} (deleted)\"\n",
            Open::Not => ":\n",
            Open::NotShown => "echo \"find: '$1': Permission denied\" >&2; exit 1\n",
        }
    }

    /// `ss -ltnpe`: who listens; the process only where it can be seen.
    fn ss(&self) -> String {
        let mut text = String::from(
            "cat_lines() { printf '%s\\n' \"$@\"; }\n\
             cat_lines 'State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process'\n",
        );
        for process in &self.system.processes {
            for port in &process.ports {
                let port = self.base_port + port;
                let (name, number) = (&process.name, process.number);
                let users =
                    if process.hidden { String::new() } else { format!("users:((\"{name}\",pid={number},fd=6)) ") };
                let uid = if process.uid == 0 { String::new() } else { format!("uid:{} ", process.uid) };
                let line = format!("LISTEN 0      511    0.0.0.0:{port} 0.0.0.0:* {users}{uid}ino:{} sk:1 <->", port);
                let _ = writeln!(text, "cat_lines {}", shell_word(&line));
            }
        }
        text
    }

    fn stat(&self, images: &Root) -> String {
        let data = shell_word(&self.data);
        let mut text = format!(
            "[ \"$1\" = --dereference ] && shift\ncase \"$1\" in\n--file-system)\n  case \"$4\" in\n    {data}) echo {} ;;\n    *) echo {} ;;\n  esac ;;\n",
            self.system.data_room.figures(),
            images.figures()
        );
        let OssJars { born, written, changed, .. } = &self.system.jars;
        let ago = |seconds: u64| self.now - seconds;
        let _ =
            writeln!(text, "'--format=%W %Y %Z') echo {} {} {} ;;", born.map_or(0, ago), ago(*written), ago(*changed));
        let _ = writeln!(text, "--format=%u) echo {} ;;\n--format=%F)\n  case \"$3\" in", self.system.owner);
        for Account { home, home_is, .. } in &self.system.accounts {
            if let Some(kind) = home_is {
                let _ = writeln!(text, "    {}) echo {} ;;", shell_word(home), shell_word(kind));
            }
        }
        text.push_str(
            "    *) echo \"stat: cannot statx '$3': No such file or directory\" >&2; exit 1 ;;\n  esac ;;\nesac\n",
        );
        text
    }
}

impl Limits {
    /// `/proc/PID/limits`, as far as it is about these.
    fn page(&self) -> String {
        let limit = |limit: Option<u64>| limit.map_or_else(|| "unlimited".to_owned(), |limit| limit.to_string());
        let line = |name: &str, [soft, hard]: [Option<u64>; 2]| {
            format!("{name:<26}{:<21}{:<21}{}", limit(soft), limit(hard), name.rsplit(' ').next().unwrap_or_default())
        };
        let title = "Limit                     Soft Limit           Hard Limit           Units";
        let lines = [line("Max processes", self.processes), line("Max open files", self.files)];
        format!("{title}\n{}\n", lines.join("\n"))
    }
}

fn status(name: &str, parent: u32, uid: u32) -> String {
    format!("Name:\t{name}\nState:\tS (sleeping)\nPPid:\t{parent}\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n")
}

/// `/proc/PID/stat` of a process that was started so many ticks after boot.
fn stat(process: &Process, ticks: u64) -> String {
    let Process { number, name, parent, .. } = process;
    format!("{number} ({name}) S {parent} {number} {number} 0 -1 4194304 1 0 0 0 10 5 0 0 20 0 1 0 {ticks} 1000 200\n")
}

/// `/proc/self/mountinfo`: the parent of a mount is what was mounted last on a folder above it.
fn mountinfo(mounts: &[Mount]) -> String {
    let mut text = String::new();
    for (at, Mount { at: point, kind, source, options }) in mounts.iter().enumerate() {
        let above = |other: &Mount| Path::new(point).starts_with(&other.at);
        let parent = mounts[..at].iter().rposition(above).map_or(1, |parent| parent + 20);
        let number = at + 20;
        let point = point.replace('\\', "\\134").replace(' ', "\\040");
        let _ = writeln!(text, "{number} {parent} 253:{at} / {point} {options} shared:{number} - {kind} {source} rw");
    }
    text
}
