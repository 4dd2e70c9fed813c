//! DSS runs as an account of its own that has a home and owns the data directory (HOWTO 2.1: a UNIX account that manages DSS).
//! What counts is who runs the backend, or else who owns the data directory; ackcheck may run as another.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::host::Ended;
use ackcheck_core::seat::{Host, Seen, host};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

mod trials;

use super::instance::{self, Status};
use super::owner::{self, Account};

static ROOT: Code = Code::fail("root", "DSS runs as root, or would when its owner starts it");
static NOT_OWNER: Code = Code::fail("not-owner", "DSS runs as another account than the owner of its data directory");
static HOME_MISSING: Code = Code::fail("home-missing", "the account of DSS does not have a home directory");

pub(crate) static CHECK: Check = Check {
    id: "host-user",
    title: "DSS has an account of its own, which owns its data directory",
    stage: Stage::Acceptance,
    needs: &[],
    uses: &[&host::READ],
    deadline: Duration::from_secs(60),
    findings: &[&ROOT, &NOT_OWNER, &HOME_MISSING],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Host(|context, host| Box::pin(judge(context, host))),
};

async fn judge(context: &Context, host: &dyn Host) -> Judgement {
    let data = instance::data_dir(context, host).await?;
    let owner = owner::of(context, host).await?;
    let runs_as = match instance::backend(context, host).await? {
        Some(backend) => Some((backend, Status::of(host, &backend.to_string()).await?.uid)),
        None => None,
    };
    let described = |finding: Finding| Ok(finding.with("account", owner.name_or_number()).into());
    match runs_as {
        Some((backend, 0)) => {
            return described(ROOT.found(format!("the backend (process {backend}) runs as root")));
        }
        Some((backend, uid)) if uid != owner.uid => {
            let other = owner::account(host, uid).await?.name_or_number();
            let owns = owner.name_or_number();
            let seen = format!("the backend (process {backend}) runs as {other}, and {data} belongs to {owns}");
            return Ok(NOT_OWNER.found(seen).with("account", other).with("owner", owns).into());
        }
        None if owner.uid == 0 => return described(ROOT.found(format!("{data} belongs to root"))),
        _ => {}
    }
    match homeless(host, &owner).await? {
        Some(seen) => described(HOME_MISSING.found(seen)),
        None => Ok(Verdict::Pass),
    }
}

/// Why the account does not have a home; none where it has one.
async fn homeless(host: &dyn Host, account: &Account) -> Seen<Option<String>> {
    let name = account.name_or_number();
    let Some(entry) = &account.entry else {
        return Ok(Some(format!("the host does not know an account with the number {}", account.uid)));
    };
    if entry.home.is_empty() {
        return Ok(Some(format!("the account {name} does not name a home")));
    }
    let output = host.run("stat", &["--dereference", "--format=%F", "--", &entry.home]).await?;
    let said = output.stderr.trim();
    match output.ended {
        Ended::Exit(0) if output.stdout.trim() == "directory" => Ok(None),
        Ended::Exit(0) => Ok(Some(format!("the home of {name}, {}, is a {}", entry.home, output.stdout.trim()))),
        Ended::Exit(_) if said.contains("No such file or directory") => {
            Ok(Some(format!("the home of {name}, {}, does not exist", entry.home)))
        }
        _ => Err(Unseen::unreadable(format!("the home of {name}, {}", entry.home), said)),
    }
}
