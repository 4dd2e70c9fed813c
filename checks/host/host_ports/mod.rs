//! The ports of DSS, from its base port on, are free or its own (HOWTO 2.1, by Dataiku's requirements: the base port and the
//! ten after it). DSS looks at the first three when it is started, and does not start where one is taken.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::required_ports::RequiredPorts;
use ackcheck_core::seat::{Host, Ports, Seen, host};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

mod trials;

use super::instance::{self, Status};
use super::listeners::{self, Listener};
use super::owner;

static TAKEN_BY_OTHER: Code = Code::fail("taken-by-other", "another program listens on a port that DSS listens on");
static NEIGHBOUR_TAKEN: Code =
    Code::warn("neighbour-taken", "another program listens on one of the ten ports after the base port of DSS");

pub(crate) static CHECK: Check = Check {
    id: "host-ports",
    title: "The ports of DSS are free, or its own",
    stage: Stage::Acceptance,
    needs: &[],
    uses: &[&host::READ],
    deadline: Duration::from_secs(60),
    findings: &[&TAKEN_BY_OTHER, &NEIGHBOUR_TAKEN],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Host(|context, host| Box::pin(judge(context, host))),
};

/// Those after the base port that Dataiku wants free.
const NEIGHBOURS: u16 = 10;

async fn judge(context: &Context, host: &dyn Host) -> Judgement {
    let own = RequiredPorts::own(context.dss()?.backend_port().await?);
    let Some(own) = own else {
        return Err(Unseen::unreadable("the base port of DSS", "`install.ini` does not have it"));
    };
    let last = own.first().saturating_add(NEIGHBOURS);
    let all = Ports::new(own.first(), last).map_err(|why| Unseen::unreadable("the ports of DSS", why.to_string()))?;
    let account = match instance::backend(context, host).await? {
        Some(backend) => Some(Status::of(host, &backend.to_string()).await?.uid),
        None => None,
    };
    // Of a DSS that does not run nothing listens, whoever it may be.
    let is_other = |listener: &Listener| account != Some(listener.uid);
    let others = listeners::on(host, all).await?.into_iter().filter(is_other);
    let (of_dss, neighbours): (Vec<Listener>, Vec<Listener>) = others.partition(|other| own.contains(other.port));
    let mut findings = Vec::new();
    for (code, others) in [(&TAKEN_BY_OTHER, of_dss), (&NEIGHBOUR_TAKEN, neighbours)] {
        findings.extend(found(code, &others, host).await?);
    }
    Ok(Finding::gravest(findings).map_or(Verdict::Pass, Finding::verdict))
}

async fn found(code: &'static Code, others: &[Listener], host: &dyn Host) -> Seen<Option<Finding>> {
    let Some(first) = others.first() else { return Ok(None) };
    let mut told = Vec::new();
    for other in others {
        let account = owner::account(host, other.uid).await?.name_or_number();
        told.push(format!("{} by {} of {account}", other.port, other.in_words()));
    }
    let finding = code.found(format!("taken: {}", told.join(", "))).with("port", first.port.to_string());
    Ok(Some(finding.with("taken", told.join(", "))))
}
