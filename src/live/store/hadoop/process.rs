//! The JVM: what it is started with, and what it says.

use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::Duration;

use tokio::process::Command;

use super::settings::Settings;
use crate::child;
use crate::jvm::JavaOfDss;
use crate::stopped;
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::host::{CommandOutput, Ended};
use ackcheck_core::seat::store::{HadoopDid, Thrown, Trace};
use ackcheck_core::verdict::Unseen;

/// For the whole of it. It takes about a second where OSS answers; Hadoop itself waits for 50 s for a connection.
const LIMIT: Duration = Duration::from_secs(60);
/// The step in which nothing is sent yet.
pub(super) const FIRST_STEP: &str = "init";
/// The class that is started, as its file has it.
const MAIN: &str = "AckcheckHadoop";
/// Both of ackcheck's own classes.
const CLASSES: [(&str, &[u8]); 2] = [
    ("AckcheckHadoop.class", include_bytes!("AckcheckHadoop.class")),
    ("AckcheckHadoopWork.class", include_bytes!("AckcheckHadoopWork.class")),
];
/// What sizes it and keeps it from leaving files: one small heap, and no shared counters below `/tmp`.
const OPTIONS: [&str; 4] = ["-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"];
/// The configurations of logging of DSS may write into its own logs.
const SILENT: [(&str, &str, &str); 2] = [
    ("log4j.configuration", "log4j.properties", "log4j.rootLogger=OFF\n"),
    ("log4j2.configurationFile", "log4j2.properties", "status=off\nrootLogger.level=off\n"),
];
/// What Java says where this machine has too little memory left, which says nothing about DSS.
const NO_ROOM: [&str; 4] =
    ["Could not reserve", "insufficient memory", "Cannot allocate memory", "unable to create native thread"];
/// Variables of this process that the JVM gets too.
const ENVIRONMENT: [&str; 5] = ["PATH", "HOME", "USER", "LOGNAME", "TZ"];
/// The most lines of a refusal to start that are kept.
const MOST_LINES: usize = 3;

/// Starts it in a folder of its own, and reads what it says.
pub(super) async fn run(java: &JavaOfDss, mut settings: Settings, uri: &str, journal: &Journal) -> Seen<HadoopDid> {
    let folder = tempfile::Builder::new().prefix("ackcheck-hadoop-").permissions(only_mine(0o700)).tempdir();
    let unwritten = |error: std::io::Error| Unseen::unreadable("a folder for Hadoop's settings", error.to_string());
    let folder = folder.map_err(unwritten)?;
    let path = folder.path();
    for name in ["hadoop.tmp.dir", "fs.oss.buffer.dir"] {
        settings.set(name, path.join("buffer").display().to_string());
    }
    let mut system = java.properties.clone();
    for (property, file, text) in SILENT {
        system.push((
            property.to_owned(),
            url::Url::from_file_path(path.join(file)).map(String::from).unwrap_or_default(),
        ));
        write(&path.join(file), text.as_bytes()).map_err(unwritten)?;
    }
    for (name, bytes) in CLASSES {
        write(&path.join(name), bytes).map_err(unwritten)?;
    }
    write(&path.join("settings"), settings.file(&system).as_bytes()).map_err(unwritten)?;
    let late =
        |seen: &Seen<CommandOutput>| seen.as_ref().is_ok_and(|output| matches!(output.ended, Ended::Late { .. }));
    let start = || child::ended(command(java, path, uri), None, LIMIT);
    let output = stopped::asked(journal, Vantage::Store, LIMIT, false, late, start).await?;
    read(&output, journal)
}

fn only_mine(mode: u32) -> std::fs::Permissions {
    std::fs::Permissions::from_mode(mode)
}

/// A file that only this account reads, from the moment it is there.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.write_all(bytes)
}

/// The command that leads its group.
fn command(java: &JavaOfDss, folder: &Path, uri: &str) -> Command {
    let own = folder.display();
    let class_path = std::iter::once(own.to_string()).chain(java.class_path.iter().cloned()).collect::<Vec<_>>();
    let mut command = Command::new(&java.program);
    command
        .process_group(0)
        .current_dir(folder)
        .env_clear()
        .envs(ENVIRONMENT.iter().filter_map(|name| Some((*name, std::env::var_os(name)?))))
        // Messages are read: they must be in one language.
        .env("LC_ALL", "C")
        .args(&java.options)
        .args(OPTIONS)
        .arg(format!("-Djava.io.tmpdir={own}"))
        .arg(format!("-XX:ErrorFile={own}/crash"))
        .args(["-cp", &class_path.join(":"), MAIN])
        .arg(folder.join("settings"))
        .arg(uri);
    command
}

/// What it said, in the words of `AckcheckHadoop`.
fn read(output: &CommandOutput, journal: &Journal) -> Seen<HadoopDid> {
    let unseen = |why: &str| Err(Unseen::unreadable("Hadoop in a JVM of its own", why));
    let mut lines = output.stdout.lines();
    match &output.ended {
        Ended::Exit(_) if lines.next().is_some_and(|line| line.trim_end() == "ackcheck 1") => {}
        Ended::Exit(0) => return unseen("the Java of DSS prints something else"),
        Ended::Exit(_) => return not_started(output, journal),
        Ended::Late { why } => return unseen(why),
        Ended::Killed { why } => return unseen(why),
        Ended::NotFound => return unseen("there is no Java"),
    }
    let said = Said::of(lines, journal);
    if !said.ended {
        return unseen(&format!("the JVM ended in the step {} without a word", said.step));
    }
    let out_of_memory = |thrown: &&Thrown| thrown.name() == "OutOfMemoryError";
    if let Some(thrown) = said.trace.thrown.iter().find(out_of_memory) {
        return unseen(&format!("{thrown}; ackcheck gives it 128 MiB"));
    }
    Ok(match said.wrong {
        Some((step, what)) => HadoopDid::Wrong { step, what },
        None if said.trace.thrown.is_empty() => HadoopDid::Everything,
        None => HadoopDid::Threw { step: said.step, trace: said.trace },
    })
}

/// The launcher says why on one stream, and the virtual machine on the other.
fn not_started(output: &CommandOutput, journal: &Journal) -> Seen<HadoopDid> {
    let both = format!("{}\n{}", output.stderr, output.stdout);
    let lines: Vec<&str> = both.lines().map(str::trim).filter(|line| !line.is_empty()).take(MOST_LINES).collect();
    let said = journal.scrubber().without_secrets(&lines.join(" | "));
    if said.is_empty() || said.contains("find or load main class") || NO_ROOM.iter().any(|words| both.contains(words)) {
        return Err(Unseen::unreadable("a JVM of ackcheck's own", format!("it does not start: {said}")));
    }
    Ok(HadoopDid::NotStarted { said })
}

/// The lines of one run.
struct Said {
    step: String,
    wrong: Option<(String, String)>,
    trace: Trace,
    ended: bool,
}

impl Said {
    fn of<'a>(lines: impl Iterator<Item = &'a str>, journal: &Journal) -> Said {
        let mut said = Said { step: FIRST_STEP.to_owned(), wrong: None, trace: Trace::default(), ended: false };
        let mut beneath = false;
        for line in lines {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            let clean = || journal.scrubber().without_secrets(rest);
            match word {
                "began" => said.step = rest.to_owned(),
                "wrong" => {
                    let step = said.step.clone();
                    said.wrong.get_or_insert_with(|| (step, clean()));
                }
                "thrown" | "beneath" => {
                    let text = clean();
                    let (class, message) = text.split_once(' ').unwrap_or((&text, ""));
                    let thrown = Thrown { class: class.to_owned(), message: message.to_owned(), at: Vec::new() };
                    beneath = word == "beneath";
                    let list = if beneath { &mut said.trace.beneath } else { &mut said.trace.thrown };
                    list.push(thrown);
                }
                "at" => {
                    let list = if beneath { &mut said.trace.beneath } else { &mut said.trace.thrown };
                    if let Some(thrown) = list.last_mut() {
                        thrown.at.push(rest.to_owned());
                    }
                }
                "end" => said.ended = true,
                _ => {}
            }
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ackcheck_core::secret::Scrubber;

    fn seen(ended: Ended, stdout: &str, stderr: &str) -> Seen<HadoopDid> {
        let output = CommandOutput { ended, stdout: stdout.to_owned(), stderr: stderr.to_owned() };
        read(&output, &Journal::new(Scrubber::default()))
    }

    #[test]
    fn a_run_is_read_line_by_line() {
        assert_eq!(seen(Ended::Exit(0), "ackcheck 1\nbegan init\nbegan mkdir\nend \n", ""), Ok(HadoopDid::Everything));
        let text = "ackcheck 1\nbegan init\nbegan read\nthrown java.io.FileNotFoundException a: No such file\nat a.B.c(B.java:1)\n\
                    thrown java.io.IOException null\nbeneath com.aliyun.oss.OSSException no\nat x.Y.z(Y.java:2)\nend \n";
        let Ok(HadoopDid::Threw { step, trace }) = seen(Ended::Exit(0), text, "") else { panic!("{text}") };
        assert_eq!((step.as_str(), trace.thrown.len(), trace.beneath.len()), ("read", 2, 1));
        assert_eq!((trace.thrown[0].name(), trace.thrown[0].at.len()), ("FileNotFoundException", 1));
        assert_eq!(trace.beneath[0].at, ["x.Y.z(Y.java:2)"]);
        let wrong =
            "ackcheck 1\nbegan read\nwrong 0 bytes\nbegan rename\nwrong more\nthrown java.lang.Exception x\nend \n";
        let first = HadoopDid::Wrong { step: "read".to_owned(), what: "0 bytes".to_owned() };
        assert_eq!(seen(Ended::Exit(0), wrong, ""), Ok(first));
    }

    #[test]
    fn what_says_nothing_about_dss_is_not_seen() {
        let late = Ended::Late { why: "no end within 60.0 s".to_owned() };
        let memory = "ackcheck 1\nbegan write\nthrown java.lang.OutOfMemoryError Java heap space\nend \n";
        for (ended, stdout, stderr) in [
            (late, "ackcheck 1\n", ""),
            (Ended::Killed { why: "signal: 9".to_owned() }, "ackcheck 1\n", ""),
            (Ended::Exit(0), "ackcheck 1\nbegan mkdir\n", ""),
            (Ended::Exit(0), memory, ""),
            (Ended::Exit(0), "hello\n", ""),
            (Ended::Exit(1), "", "Error: Could not find or load main class AckcheckHadoop"),
            (
                Ended::Exit(1),
                "",
                "Error occurred during initialization of VM\nCould not reserve enough space for object heap",
            ),
            (Ended::Exit(1), "Error occurred during initialization of VM\nCould not reserve enough space", ""),
            (Ended::Exit(1), "", ""),
        ] {
            assert!(seen(ended, stdout, stderr).is_err(), "{stdout} {stderr}");
        }
        let refused = seen(
            Ended::Exit(1),
            "",
            "Unrecognized option: --add-opens\nError: Could not create the Java Virtual Machine.\n",
        );
        assert!(matches!(refused, Ok(HadoopDid::NotStarted { said }) if said.contains("--add-opens")));
    }

    #[test]
    fn no_value_of_a_setting_is_among_the_arguments() {
        let java = JavaOfDss {
            program: "/jvm/bin/java".into(),
            class_path: vec!["/dss/lib/*".to_owned()],
            options: vec!["-ea".to_owned()],
            properties: vec![("https.proxyPassword".to_owned(), "CANARYproxy".to_owned())],
            told_by: String::new(),
        };
        let command = command(&java, Path::new("/own"), "oss://bucket/folder");
        let arguments: Vec<_> = command.as_std().get_args().map(|argument| argument.to_string_lossy()).collect();
        assert!(!arguments.iter().any(|argument| argument.contains("CANARY")), "{arguments:?}");
        assert!(arguments.windows(2).any(|pair| pair == ["-cp", "/own:/dss/lib/*"]), "{arguments:?}");
        assert_eq!(arguments.last().map(AsRef::as_ref), Some("oss://bucket/folder"));
    }
}
