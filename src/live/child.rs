//! Processes that ackcheck starts on the DSS host: each leads a group of its own, and is bounded in time and output.

use std::io::ErrorKind;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, Command};

use ackcheck_core::seat::Seen;
use ackcheck_core::seat::host::{CommandOutput, Ended};
use ackcheck_core::verdict::Unseen;

/// The most kept of each stream of a command, in bytes; what follows is read and dropped.
pub(crate) const LONGEST_OUTPUT: u64 = 256 << 10;
/// A program file that is being written when it is started (ETXTBSY) is tried again this often.
const BUSY_TRIES: u32 = 50;

/// Runs a command that leads its group, with all that it can read, and kills the group at the limit.
///
/// # Errors
/// Where it cannot be started, or waited for.
pub(crate) async fn ended(mut command: Command, input: Option<&str>, limit: Duration) -> Seen<CommandOutput> {
    let program = command.as_std().get_program().to_string_lossy().into_owned();
    command
        .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let mut child = match start(&mut command).await {
        Ok(child) => child,
        // The file is there, its interpreter is not.
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let why = format!("{program} cannot be started: {error}");
            return Err(Unseen::unreadable(program, why));
        }
        Err(error) => return Err(Unseen::unreadable(format!("run {program}"), error.to_string())),
    };
    let mut group = Group(child.id());
    let stdin = child.stdin.take();
    let stdout = child.stdout.take();
    let stderr = child.stderr.take();
    let whole = async {
        // The streams end when the last process that holds them does: a child left behind counts too.
        let (_, stdout, stderr) = tokio::join!(given(stdin, input), bounded(stdout), bounded(stderr));
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
