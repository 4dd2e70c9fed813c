//! DSS was started after the jars for OSS were put in place, and they are the same since (HOWTO 3.2: restart DSS). Java reads
//! the folders of its class path, and the tables of its jars, when it is started.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::dss::jars::CLASSES;
use ackcheck_core::seat::{Host, host};
use ackcheck_core::verdict::{Code, Judgement, Unseen, Verdict};

mod open;
mod times;
mod trials;

use crate::host::instance;
use open::Open;
use times::{Since, Times};

static OLDER_PROCESS: Code =
    Code::fail("older-process", "DSS was started before a jar for OSS was there, and does not know it");
static OTHER_FILE: Code = Code::fail(
    "other-file",
    "a jar for OSS was replaced or written to after DSS was started, which has the old one open",
);

pub(crate) static CHECK: Check = Check {
    id: "hadoop-jars-loaded",
    title: "DSS was started after the jars for OSS were put in place",
    stage: Stage::Acceptance,
    needs: &[&super::hadoop_jars::CHECK],
    uses: &[&host::READ],
    deadline: Duration::from_secs(60),
    findings: &[&OLDER_PROCESS, &OTHER_FILE],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Host(|context, host| Box::pin(judge(context, host))),
};

async fn judge(context: &Context, host: &dyn Host) -> Judgement {
    let folder = context.dss()?.hadoop_jars().await?;
    let Some(backend) = instance::backend(context, host).await? else {
        return Ok(Verdict::NotApplicable("the backend of DSS does not run".into()));
    };
    let started = times::started(host, backend).await?;
    let jars = folder.jars.iter().filter(|jar| CLASSES.iter().any(|class| jar.brings(class)));
    let mut unclear: Option<Unseen> = None;
    for jar in jars {
        let times = Times::of(host, &jar.path).await?;
        let (code, did) = match (times.since(started), open::of(host, backend, &jar.path).await?) {
            (_, Open::Old) => (&OTHER_FILE, "replaced"),
            (Since::Written, _) => (&OTHER_FILE, "written to"),
            (Since::Unchanged, _) | (_, Open::This) => continue,
            (Since::Put, Open::NotSeen) => (&OLDER_PROCESS, "put there"),
            (Since::Unclear, Open::NotSeen) => {
                let why = "it was moved there, or its owner or mode was changed, after the backend was started";
                unclear = unclear.or(Some(Unseen::unreadable(format!("whether DSS knows {}", jar.path), why)));
                continue;
            }
        };
        let late = times.last_change().saturating_sub(started);
        let seen = format!("{} was {did} {late} s after the backend (process {backend}) was started", jar.path);
        return Ok(code.found(seen).with("file", jar.path.as_str()).into());
    }
    unclear.map_or(Ok(Verdict::Pass), Err)
}
