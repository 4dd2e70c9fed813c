//! The data directory is on a local file system with room, and programs can be started from `/tmp` (HOWTO 2.1).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::host::Ended;
use ackcheck_core::seat::{Host, Seen, host};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

mod mounts;
mod room;
mod trials;

use super::instance;
use room::Room;

static NETWORK_FILE_SYSTEM: Code =
    Code::fail("network-file-system", "the data directory is on a network file system, where DSS does not work");
static NOEXEC_TMP: Code = Code::warn("noexec-tmp", "programs and libraries cannot be loaded from a temporary folder");
static SPACE_LOW: Code = Code::warn("space-low", "the file system of the data directory is more than 90 % full");
static INODES_LOW: Code =
    Code::warn("inodes-low", "more than 90 % of the inodes of the data directory's file system are in use");

pub(crate) static CHECK: Check = Check {
    id: "host-disk",
    title: "The data directory is on a local file system with room",
    stage: Stage::Preflight,
    needs: &[],
    uses: &[&host::READ],
    deadline: Duration::from_secs(60),
    findings: &[&NETWORK_FILE_SYSTEM, &NOEXEC_TMP, &SPACE_LOW, &INODES_LOW],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Host(|context, host| Box::pin(judge(context, host))),
};

/// The kernel's own list of what is mounted for this process.
const MOUNTS: &str = "/proc/self/mountinfo";

async fn judge(context: &Context, host: &dyn Host) -> Judgement {
    let data = instance::data_dir(context, host).await?;
    let mountinfo = host.read(MOUNTS).await?;
    let mount_of = |path: &str| {
        let why = "what it leads to is not in it";
        mounts::leading(&mountinfo, path).ok_or_else(|| Unseen::unreadable(MOUNTS, format!("{path}: {why}")))
    };
    let mount = mount_of(&data)?;
    let mut findings = Vec::new();
    if mount.is_remote() {
        let seen = format!("{data} is on {} ({})", mount.source, mount.kind);
        findings.push(NETWORK_FILE_SYSTEM.found(seen).with("kind", mount.kind));
    } else if mount.is_unknown() {
        let why = format!("it is {}, a file system in user space that ackcheck does not know", mount.kind);
        return Err(Unseen::unreadable(format!("whether the file system of {data} is local"), why));
    }
    let tmp = instance::real_path(host, "/tmp").await?;
    if mount_of(&tmp)?.is_noexec() {
        findings.push(NOEXEC_TMP.found(format!("{tmp} is mounted with noexec")));
    }
    findings.extend(lacking(host, &data).await?);
    Ok(Finding::gravest(findings).map_or(Verdict::Pass, Finding::verdict))
}

/// What the data directory's file system does not have enough of.
async fn lacking(host: &dyn Host, data: &str) -> Seen<Vec<Finding>> {
    let output = host.run("stat", &["--file-system", room::FORMAT, "--", data]).await?;
    let room = match output.ended {
        Ended::Exit(0) => Room::parse(&output.stdout),
        _ => None,
    };
    let Some(room) = room else {
        let said = format!("`stat --file-system` says {:?}", [output.stdout.trim(), output.stderr.trim()].concat());
        return Err(Unseen::unreadable(format!("the room on the file system of {data}"), said));
    };
    let space = room.space_is_low().then(|| SPACE_LOW.found(format!("{data}: {}", room.space())));
    let inodes = room.inodes_are_low().then(|| INODES_LOW.found(format!("{data}: {}", room.inodes())));
    Ok(space.into_iter().chain(inodes).collect())
}
