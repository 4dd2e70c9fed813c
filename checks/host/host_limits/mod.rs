//! The limits on open files and processes are at least 65536, for the running backend or else for the account that will run
//! DSS (HOWTO 2.1). DSS's start script raises each limit to its hard limit, so that those count before it runs; once it
//! runs, only what the backend has counts.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::{Host, Seen, host};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

mod limits;
mod trials;

use super::instance::{self, Status};
use super::owner;
use limits::{LEAST, Limits, is_low, told};

static NOFILE_LOW: Code = Code::fail("nofile-low", "DSS cannot open as many files as it needs");
static NPROC_LOW: Code = Code::fail("nproc-low", "DSS cannot start as many processes and threads as it needs");
static BACKEND_LIMITS_STALE: Code =
    Code::fail("backend-limits-stale", "the running backend has lower limits than its account has now");

pub(crate) static CHECK: Check = Check {
    id: "host-limits",
    title: "DSS can have 65536 open files and as many processes",
    stage: Stage::Preflight,
    needs: &[],
    uses: &[&host::READ],
    deadline: Duration::from_secs(60),
    findings: &[&NOFILE_LOW, &NPROC_LOW, &BACKEND_LIMITS_STALE],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Host(|context, host| Box::pin(judge(context, host))),
};

async fn judge(context: &Context, host: &dyn Host) -> Judgement {
    let own = Status::of(host, "self").await?;
    if context.config().dss.as_ref().is_none_or(|dss| dss.data_dir.is_none()) {
        if own.uid == 0 {
            let why = "ackcheck runs as root, whose limits DSS does not have; run it as the account of DSS";
            return Err(Unseen::unreadable("the limits of DSS's account", why));
        }
        return account(host).await;
    }
    if let Some(backend) = instance::backend(context, host).await? {
        return of_backend(host, backend, own.uid).await;
    }
    let owner = owner::of(context, host).await?;
    if owner.uid != own.uid {
        let why = format!(
            "its backend does not run, and ackcheck runs as another account; run ackcheck as {}",
            owner.name_or_number()
        );
        return Err(Unseen::unreadable("the limits of DSS's account", why));
    }
    account(host).await
}

/// Before DSS runs: what its account may raise its limits to.
async fn account(host: &dyn Host) -> Judgement {
    let Limits { files, processes } = Limits::of(host, "self").await?;
    let mut findings = Vec::new();
    for (code, what, hard) in [(&NOFILE_LOW, "open files", files.hard), (&NPROC_LOW, "processes", processes.hard)] {
        if is_low(hard) {
            let seen = format!("the hard limit of this account on {what} is {}; DSS asks for {LEAST}", told(hard));
            findings.push(with_account(code.found(seen), host).await?);
        }
    }
    Ok(Finding::gravest(findings).map_or(Verdict::Pass, Finding::verdict))
}

async fn with_account(finding: Finding, host: &dyn Host) -> Seen<Finding> {
    let account = owner::account(host, Status::of(host, "self").await?.uid).await?;
    Ok(finding.with("account", account.name_or_number()))
}

/// What the backend runs with. Limits that bind it are the soft ones.
async fn of_backend(host: &dyn Host, backend: u32, own: u32) -> Judgement {
    let number = backend.to_string();
    let has = Limits::of(host, &number).await?;
    let status = Status::of(host, &number).await?;
    let low = |limit| is_low(limit);
    if !low(has.files.soft) && !low(has.processes.soft) {
        return Ok(Verdict::Pass);
    }
    let seen = format!(
        "the backend (process {backend}) has {} open files and {} processes; DSS asks for {LEAST} of each",
        told(has.files.soft),
        told(has.processes.soft)
    );
    let account = owner::account(host, status.uid).await?.name_or_number();
    // Only the account itself knows what it would be given now.
    if status.uid == own {
        let now = Limits::of(host, "self").await?;
        if !low(now.files.hard) && !low(now.processes.hard) {
            let seen =
                format!("{seen}; its account may have {} and {}", told(now.files.hard), told(now.processes.hard));
            return Ok(BACKEND_LIMITS_STALE.found(seen).with("process", number).into());
        }
    }
    let code = if low(has.files.soft) { &NOFILE_LOW } else { &NPROC_LOW };
    Ok(code.found(seen).with("account", account).into())
}
