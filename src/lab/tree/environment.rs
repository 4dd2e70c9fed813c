//! Environments of the lab's processes.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use ackcheck_core::shell::shell_word;

/// What DSS does before it starts its processes: it reads these scripts of the data directory, in this order.
const READ_SCRIPTS: &str = "for name in default hadoop spark site; do\n\
                              [ ! -f \"$DIP_HOME/bin/env-$name.sh\" ] || . \"$DIP_HOME/bin/env-$name.sh\"\n\
                            done >/dev/null 2>&1\n\
                            printenv \"$1\"\n";

/// The longest that scripts may run: a fault can have them wait for ever.
const LONGEST: Duration = Duration::from_secs(5);

/// What the scripts of a data directory export under this name, as bash itself has it; none where they export nothing, or
/// do not come to an end. What they write without a path goes into the data directory.
pub(super) fn exported(data: &Path, name: &str) -> anyhow::Result<Option<String>> {
    for shell in ["bash", "sh"] {
        let started = Command::new(shell)
            .args(["-c", READ_SCRIPTS, "dss", name])
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("DIP_HOME", data)
            .current_dir(data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut child = match started {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            started => started.with_context(|| format!("{shell}, to read DSS's scripts"))?,
        };
        if !ends(&mut child, LONGEST)? {
            return Ok(None);
        }
        let output = child.wait_with_output()?;
        let printed = String::from_utf8(output.stdout).context("what DSS's scripts export")?;
        return Ok(output.status.success().then(|| printed.trim_end_matches('\n').to_owned()));
    }
    bail!("there is neither bash nor sh to read DSS's scripts")
}

/// Whether it ends in time; it is ended otherwise.
fn ends(child: &mut Child, longest: Duration) -> anyhow::Result<bool> {
    let until = Instant::now() + longest;
    while Instant::now() < until {
        if child.try_wait()?.is_some() {
            return Ok(true);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill()?;
    child.wait()?;
    Ok(false)
}

/// Puts a value in the place of a placeholder; where there is none, the variables that hold the placeholder go.
pub(super) fn fill(environment: &mut BTreeMap<String, String>, placeholder: &str, value: Option<&str>) {
    match value {
        Some(value) => environment.values_mut().for_each(|text| *text = text.replace(placeholder, value)),
        None => environment.retain(|_, text| !text.contains(placeholder)),
    }
}

/// A command that prints an environment as `/proc/PID/environ` has it.
pub(super) fn printed(environment: &BTreeMap<String, String>) -> String {
    let words: String =
        environment.iter().map(|(name, value)| format!(" {}", shell_word(&format!("{name}={value}")))).collect();
    if words.is_empty() { "printf ''".to_owned() } else { format!("printf '%s\\000'{words}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_write_beside_themselves_alone_and_are_ended_where_they_do_not_end() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("bin")).unwrap();
        let script = "echo mistaken > written-without-a-path; export NAME=dss.corp.example\n";
        std::fs::write(folder.path().join("bin/env-site.sh"), script).unwrap();
        assert_eq!(exported(folder.path(), "NAME").unwrap().as_deref(), Some("dss.corp.example"));
        assert!(folder.path().join("written-without-a-path").exists());
        let mut endless = Command::new("sh").args(["-c", "while :; do :; done"]).spawn().unwrap();
        assert!(!ends(&mut endless, Duration::from_millis(20)).unwrap());
    }
}
