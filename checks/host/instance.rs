//! The processes of the DSS that the site file describes, as the host seat can see them. Command lines and environments may
//! hold secrets: they are searched where they are, and only numbers come back.

use ackcheck_core::context::Context;
use ackcheck_core::seat::host::Ended;
use ackcheck_core::seat::{Host, Seen};
use ackcheck_core::verdict::Unseen;

/// The unit of times in `/proc/PID/stat` as Linux shows it to programs, on every architecture that DSS runs on.
const TICKS_A_SECOND: u64 = 100;
/// A process of the kernel that only those see who see every process of the machine.
const OF_THE_KERNEL: &str = "/proc/2/status";
/// More processes than these are not looked at one by one.
const MOST_ALIKE: usize = 32;

/// A process, as its `/proc/PID/status` describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Status {
    /// The process that started it.
    parent: u32,
    /// The account whose rights it has.
    pub uid: u32,
}

impl Status {
    fn parse(text: &str) -> Option<Status> {
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        Some(Status {
            parent: field("PPid")?.trim().parse().ok()?,
            // Real, effective, saved, file system.
            uid: field("Uid")?.split_whitespace().nth(1)?.parse().ok()?,
        })
    }

    /// Of a process by its number, or of `self`.
    pub(crate) async fn of(host: &dyn Host, process: &str) -> Seen<Status> {
        let file = format!("/proc/{process}/status");
        let text = host.read(&file).await?;
        Status::parse(&text).ok_or_else(|| Unseen::unreadable(file, "it is not as Linux writes it"))
    }
}

/// The data directory as DSS's start script sees it: without symbolic links.
pub(super) async fn data_dir(context: &Context, host: &dyn Host) -> Seen<String> {
    let dss = context.config().dss.as_ref();
    let Some(data) = dss.and_then(|dss| dss.data_dir.as_ref()) else {
        return Err(Unseen::not_described("`[dss]` of the site file has no `data_dir`"));
    };
    real_path(host, &data.display().to_string()).await
}

/// A path without symbolic links.
pub(crate) async fn real_path(host: &dyn Host, path: &str) -> Seen<String> {
    let output = host.run("realpath", &["--", path]).await?;
    match output.ended {
        Ended::Exit(0) => Ok(output.stdout.trim_end_matches('\n').to_owned()),
        Ended::NotFound => Err(Unseen::unreadable("realpath", "there is no such command on the host")),
        Ended::Exit(_) => Err(Unseen::unreadable(path, output.stderr.trim())),
        Ended::Killed { why } | Ended::Late { why } => Err(Unseen::unreadable(path, why)),
    }
}

/// Processes whose command line this extended regular expression fits.
async fn matching(host: &dyn Host, pattern: &str) -> Seen<Vec<u32>> {
    let output = host.run("pgrep", &["-f", "--", pattern]).await?;
    match output.ended {
        Ended::Exit(0 | 1) => Ok(output.stdout.lines().filter_map(|line| line.trim().parse().ok()).collect()),
        Ended::Exit(_) => Err(Unseen::unreadable("`pgrep`", output.stderr.trim())),
        Ended::Killed { why } | Ended::Late { why } => Err(Unseen::unreadable("`pgrep`", why)),
        Ended::NotFound => Err(Unseen::unreadable("pgrep", "there is no such command on the host")),
    }
}

/// The backend of the DSS that the site file describes; none where DSS does not run.
///
/// # Errors
/// Where it cannot be told which process it is, or DSS runs and none of its processes looks like the backend.
pub(crate) async fn backend(context: &Context, host: &dyn Host) -> Seen<Option<u32>> {
    let data = data_dir(context, host).await?;
    match backends(host, &data).await?[..] {
        [] => {}
        [backend] => return Ok(Some(backend)),
        ref several => {
            let why = format!("{} processes look like it: {several:?}", several.len());
            return Err(Unseen::unreadable("which process is the backend of DSS", why));
        }
    }
    match matching(host, &supervisor(&data)).await?.first() {
        None => Ok(None),
        Some(supervisor) => {
            let why = format!(
                "DSS runs (its supervisor is process {supervisor}), and no process looks like its backend: it is being \
                 started, or has ended, or has a command line that ackcheck does not know"
            );
            Err(Unseen::unreadable("which process is the backend of DSS", why))
        }
    }
}

/// The processes of a DSS.
#[derive(Debug)]
pub(crate) struct Processes {
    /// What looks like the backend, with what it forked.
    pub backends: Vec<u32>,
    /// What starts the backend and all else.
    pub supervisor: Option<u32>,
}

impl Processes {
    /// Of the DSS that the site file describes.
    pub(crate) async fn of(context: &Context, host: &dyn Host) -> Seen<Processes> {
        let data = data_dir(context, host).await?;
        let backends = matching(host, &java_of_backend(&data)).await?;
        let supervisor = matching(host, &supervisor(&data)).await?.first().copied();
        Ok(Processes { backends, supervisor })
    }
}

/// That a process that is not seen is not there: neither is ackcheck kept in a container, nor are processes hidden from its
/// account (`hidepid`).
pub(crate) async fn sees_every_process(host: &dyn Host) -> Seen<()> {
    let of_the_kernel = host.read(OF_THE_KERNEL).await.is_ok_and(|text| text.starts_with("Name:\tkthreadd\n"));
    let why = "this account, or the container that ackcheck runs in, does not see all of them; run ackcheck as the account of DSS, or as root";
    of_the_kernel.then_some(()).ok_or_else(|| Unseen::unreadable("the processes of the host", why))
}

/// When a process was started, in seconds after the machine.
pub(crate) async fn started_after_boot(host: &dyn Host, process: u32) -> Seen<u64> {
    let file = format!("/proc/{process}/stat");
    let ticks = ticks_after_boot(&host.read(&file).await?);
    let ticks = ticks.ok_or_else(|| Unseen::unreadable(file, "it is not as Linux writes it"))?;
    Ok(ticks / TICKS_A_SECOND)
}

/// How long ago a process was started, in seconds.
pub(crate) async fn age(host: &dyn Host, process: u32) -> Seen<u64> {
    let started = started_after_boot(host, process).await?;
    let up = uptime(&host.read("/proc/uptime").await?);
    let up = up.ok_or_else(|| Unseen::unreadable("/proc/uptime", "it is not as Linux writes it"))?;
    Ok(up.saturating_sub(started))
}

/// The twenty-second field; the second is a name in parentheses, which may hold spaces and parentheses.
fn ticks_after_boot(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(19)?.parse().ok()
}

/// `350735.47 234388.90`, of which the first is how long the machine has been up.
fn uptime(text: &str) -> Option<u64> {
    text.split(['.', ' ']).next()?.parse().ok()
}

/// The processes that look like the backend. What a backend forks has its command line until it becomes another program,
/// and is not one.
async fn backends(host: &dyn Host, data: &str) -> Seen<Vec<u32>> {
    let alike = matching(host, &java_of_backend(data)).await?;
    if alike.len() < 2 {
        return Ok(alike);
    }
    if alike.len() > MOST_ALIKE {
        let why = format!("{} processes look like it", alike.len());
        return Err(Unseen::unreadable("which process is the backend of DSS", why));
    }
    let mut backends = Vec::new();
    for &process in &alike {
        match Status::of(host, &process.to_string()).await {
            Ok(status) if !alike.contains(&status.parent) => backends.push(process),
            // Forked, or ended since.
            Ok(_) | Err(_) => {}
        }
    }
    Ok(backends)
}

/// The command line of a backend: Java with `-Ddku.backend` among its first options. It is searched from its beginning, since
/// old versions of `pgrep` do not see the end of a long one; a script around Java may stand before it.
fn java_of_backend(data: &str) -> String {
    format!("^([^ ]+ )?[^ ]+( -[^ ]+)* -Ddku\\.backend(=[^ ]*)?( .*)?[ =:]{}[/:]", literal(data))
}

/// The command line of the supervisor that starts the backend and all else of DSS.
fn supervisor(data: &str) -> String {
    format!("supervisord .*[ =]{}/install-support/", literal(data))
}

/// A text as an extended regular expression that fits nothing else.
fn literal(text: &str) -> String {
    let mut pattern = String::new();
    for letter in text.chars() {
        if matches!(letter, '\\' | '.' | '[' | ']' | '(' | ')' | '*' | '+' | '?' | '{' | '}' | '|' | '^' | '$') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_as_linux_writes_it() {
        let text =
            "Name:\tjava\nUmask:\t0022\nState:\tS (sleeping)\nPid:\t41\nPPid:\t7\nUid:\t1001\t1002\t1001\t1001\n";
        assert_eq!(Status::parse(text), Some(Status { parent: 7, uid: 1002 }));
        assert_eq!(Status::parse("Name:\tjava\n"), None);
    }

    #[test]
    fn times_are_read_as_linux_writes_them() {
        let stat = "4101 (a) b ( c) S 4100 4101 4101 0 -1 4194304 1 0 0 0 10 5 0 0 20 0 1 0 123456 1000 200 18446744073709551615";
        assert_eq!(ticks_after_boot(stat), Some(123_456));
        assert_eq!(uptime("350735.47 234388.90\n"), Some(350_735));
        assert_eq!((ticks_after_boot("4101 (a) S 1"), uptime("")), (None, None));
    }

    #[test]
    fn a_path_fits_itself_alone() {
        assert_eq!(literal("/data/dss.v1+(x)"), r"/data/dss\.v1\+\(x\)");
    }
}
