//! DSS runs, and it is the backend of this data directory that listens on the port of its backend (HOWTO 3.1). Whether the
//! backend answers those who call it is what *backend-answers* asks from each node.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::{Host, Ports, Seen, host};
use ackcheck_core::verdict::{Code, Judgement, Unseen, Verdict};

mod trials;

use crate::host::instance::{self, Processes, Status};
use crate::host::listeners::{self, Listener};
use crate::host::owner;

static DOWN: Code = Code::fail("down", "DSS does not run, or its backend does not listen on its port");
static OTHER_PROCESS: Code =
    Code::fail("other-process", "another program of the same account listens on the port of the backend of DSS");
static STARTING: Code = Code::fail("starting", "DSS was started a moment ago, and its backend does not listen yet");

pub(crate) static CHECK: Check = Check {
    id: "dss-running",
    title: "DSS runs, and its backend listens on its port",
    stage: Stage::Acceptance,
    needs: &[],
    uses: &[&host::READ],
    deadline: Duration::from_secs(60),
    findings: &[&DOWN, &OTHER_PROCESS, &STARTING],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Host(|context, host| Box::pin(judge(context, host))),
};

/// For how long `bin/dss start` waits for the backend, in seconds.
const STARTS_WITHIN: u64 = 120;

async fn judge(context: &Context, host: &dyn Host) -> Judgement {
    let backend = context.dss()?.backend_port().await?;
    let Some(port) = backend.and_then(Ports::one) else {
        return Err(Unseen::unreadable("the port of the backend of DSS", "`install.ini` does not have the base port"));
    };
    let processes = Processes::of(context, host).await?;
    let listeners = listeners::on(host, port).await?;
    let is_backend =
        |listener: &Listener| listener.processes.iter().any(|(_, number)| processes.backends.contains(number));
    if listeners.iter().any(is_backend) {
        return Ok(Verdict::Pass);
    }
    match listeners.first() {
        None => silent(host, &processes, port).await,
        Some(listener) => other(host, &processes, listener).await,
    }
}

/// Nothing listens on the port.
async fn silent(host: &dyn Host, processes: &Processes, port: Ports) -> Judgement {
    let found = |code: &'static Code, seen: String| Ok(code.found(seen.as_str()).with("seen", seen).into());
    let (process, what, but) = match (processes.backends.first(), processes.supervisor) {
        (Some(backend), _) => (*backend, format!("its backend (process {backend})"), ""),
        (None, Some(supervisor)) => (supervisor, format!("its supervisor (process {supervisor})"), "no backend runs, "),
        (None, None) => {
            instance::sees_every_process(host).await?;
            return found(&DOWN, format!("no process of DSS runs on this host, and nothing listens on port {port}"));
        }
    };
    let age = instance::age(host, process).await?;
    let code = if age < STARTS_WITHIN { &STARTING } else { &DOWN };
    found(code, format!("{what} was started {age} s ago, {but}and nothing listens on port {port}"))
}

/// Something listens on the port that does not look like the backend.
async fn other(host: &dyn Host, processes: &Processes, listener: &Listener) -> Judgement {
    let unclear = |why: &str| {
        let what = format!("whether {} on port {} is the backend of DSS", listener.in_words(), listener.port);
        Err(Unseen::unreadable(what, why))
    };
    let Some(backend) = processes.backends.first() else {
        return unclear(
            "no process of this host looks like the backend of this data directory; `host-ports` tells of others",
        );
    };
    if Status::of(host, &backend.to_string()).await?.uid != listener.uid {
        return Ok(Verdict::NotApplicable("a program of another account has the port, as `host-ports` tells".into()));
    }
    if listener.processes.is_empty() {
        return unclear(&hidden(host, listener).await?);
    }
    let by = listener.in_words();
    let seen = format!("{by} listens on port {}, and the backend is process {backend}", listener.port);
    Ok(OTHER_PROCESS.found(seen).with("port", listener.port.to_string()).with("by", by).into())
}

async fn hidden(host: &dyn Host, listener: &Listener) -> Seen<String> {
    let account = owner::account(host, listener.uid).await?.name_or_number();
    Ok(format!("`ss` shows its processes to {account} and to root alone; run ackcheck as one of them"))
}
