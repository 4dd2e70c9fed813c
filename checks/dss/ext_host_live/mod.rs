//! The running backend has the DKU_BACKEND_EXT_HOST that the scripts export now (HOWTO 2.1): DSS reads them only when it is
//! started.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::dss::ExtHost;
use ackcheck_core::seat::{Host, Seen, host};
use ackcheck_core::verdict::{Broken, Code, Judgement, Unseen, Verdict};

mod trials;
mod variable;

use crate::host::instance::{self, Status};
use crate::host::owner;

static RESTART_NEEDED: Code =
    Code::fail("restart-needed", "DSS was started before DKU_BACKEND_EXT_HOST had its current value");

const NAME: &str = "DKU_BACKEND_EXT_HOST";

pub(crate) static CHECK: Check = Check {
    id: "ext-host-live",
    title: "The running backend has the current DKU_BACKEND_EXT_HOST",
    stage: Stage::Acceptance,
    needs: &[&super::ext_host::CHECK],
    uses: &[&host::READ],
    deadline: Duration::from_secs(60),
    findings: &[&RESTART_NEEDED],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Host(|context, host| Box::pin(judge(context, host))),
};

async fn judge(context: &Context, host: &dyn Host) -> Judgement {
    let (file, state) = context.dss()?.ext_host().await?;
    let Some(backend) = instance::backend(context, host).await? else {
        return Ok(Verdict::NotApplicable("the backend of DSS does not run".into()));
    };
    let has = of_backend(host, backend).await?;
    let told = |value: &Option<String>| value.as_ref().map_or("no value".to_owned(), |value| format!("{value:?}"));
    match state {
        ExtHost::Exported { value, .. } if has.as_ref() == Some(&value) => Ok(Verdict::Pass),
        ExtHost::Exported { value, line } => {
            let seen = format!(
                "{file}, line {line}, exports {value:?}; the backend (process {backend}) was started with {}",
                told(&has)
            );
            Ok(RESTART_NEEDED.found(seen).with("value", value).into())
        }
        ExtHost::Dynamic { text, .. } => Ok(Verdict::NotApplicable(
            format!("the shell decides it when DSS starts ({text}); the running backend has {}", told(&has)).into(),
        )),
        ExtHost::Malformed { why, .. } => Err(Unseen::unreadable(file, why)),
        ExtHost::Unset | ExtHost::NotExported { .. } if has.is_none() => Ok(Verdict::Pass),
        // It was taken out of the scripts, or stands where DSS is started from; only the first ends with a restart.
        ExtHost::Unset | ExtHost::NotExported { .. } => Err(Unseen::unreadable(
            format!("which {NAME} DSS has after a restart"),
            format!("no script exports it, and the backend (process {backend}) was started with {}", told(&has)),
        )),
    }
}

/// The value that the backend was started with. Linux shows it to the backend's own account and to root alone.
async fn of_backend(host: &dyn Host, backend: u32) -> Seen<Option<String>> {
    let unseen = match variable::of(host, backend, NAME).await {
        Err(Unseen::Broken(Broken::Unreadable { what, why })) => (what, why),
        seen => return seen,
    };
    let (what, why) = unseen;
    let own = Status::of(host, "self").await?.uid;
    let runs_as = Status::of(host, &backend.to_string()).await?.uid;
    if own == runs_as {
        return Err(Unseen::unreadable(what, why));
    }
    let account = owner::account(host, runs_as).await?.name_or_number();
    Err(Unseen::unreadable(what, format!("{why}; run ackcheck as {account}, as which the backend runs")))
}
