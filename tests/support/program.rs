//! The program from outside.

use std::path::Path;
use std::process::Command;

/// How it ended, and what it printed.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The program in a folder, with nothing of this process's environment that could sway it.
pub(crate) fn ackcheck(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ackcheck"));
    command
        .current_dir(folder)
        .env("TERM", "xterm")
        .env("COLUMNS", "100")
        .env_remove("NO_COLOR")
        .env_remove("DIP_HOME");
    command
}

pub(crate) fn run_in(folder: &Path, arguments: &[&str]) -> Ended {
    let output = ackcheck(folder).args(arguments).output().unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}
