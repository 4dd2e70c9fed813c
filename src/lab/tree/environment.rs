//! Environments of the lab's processes.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use ackcheck_core::shell::shell_word;

/// What DSS does before it starts its processes: it reads these scripts of the data directory, in this order.
const READ_SCRIPTS: &str = "for name in default hadoop spark site; do\n\
                              [ ! -f \"$DIP_HOME/bin/env-$name.sh\" ] || . \"$DIP_HOME/bin/env-$name.sh\"\n\
                            done >/dev/null 2>&1\n\
                            printenv \"$1\"\n";

/// What the scripts of a data directory export under this name, as bash itself has it; none where they export nothing.
pub(super) fn exported(data: &Path, name: &str) -> anyhow::Result<Option<String>> {
    for shell in ["bash", "sh"] {
        let output = Command::new(shell)
            .args(["-c", READ_SCRIPTS, "dss", name])
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("DIP_HOME", data)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output();
        let output = match output {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            output => output.with_context(|| format!("{shell}, to read DSS's scripts"))?,
        };
        let printed = String::from_utf8(output.stdout).context("what DSS's scripts export")?;
        return Ok(output.status.success().then(|| printed.trim_end_matches('\n').to_owned()));
    }
    bail!("there is neither bash nor sh to read DSS's scripts")
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
