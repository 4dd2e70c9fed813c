//! Commands without a terminal, as a server starts them: what asks for a password there fails, instead of waiting for
//! whoever runs ackcheck.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use tokio::process::Command;

/// The command in a session of its own, which has no terminal; in a process group of its own where this machine lacks
/// `setsid`. It leads its group either way, so that the group can be killed by its number.
pub(crate) fn without(program: &Path) -> Command {
    match found("setsid") {
        // It is no group's leader when it starts, so that it need not fork.
        Some(setsid) => {
            let mut command = Command::new(setsid);
            command.arg(program);
            command
        }
        None => {
            let mut command = Command::new(program);
            command.process_group(0);
            command
        }
    }
}

/// The file of a program by its name, in `PATH`.
pub(crate) fn found(name: impl AsRef<OsStr>) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name.as_ref())).find(|file| is_program(file))
}

/// Whether this account's rights or another's allow it to be run.
pub(crate) fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(file).is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}
