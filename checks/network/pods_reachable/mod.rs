//! The DSS host reaches pods on the node: Spark's driver connects to its executors, and DSS to what it serves from pods. A pod
//! listens for a moment, and ackcheck calls it from the DSS host.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::greeting::Greeting;
use ackcheck_core::seat::{Pod, pod};
use ackcheck_core::verdict::{Code, Judgement, Verdict};

mod trials;

static FILTERED: Code = Code::fail("filtered", "packets from the DSS host to pods are dropped");
static NO_ROUTE: Code = Code::fail("no-route", "the DSS host has no route to pods, or is rejected by ICMP");
static ANSWERED_BY_OTHER: Code =
    Code::fail("answered-by-other", "something else answers the DSS host at the address of a pod");

pub(crate) static CHECK: Check = Check {
    id: "pods-reachable",
    title: "The DSS host reaches pods on the node",
    stage: Stage::Preflight,
    needs: &[&crate::registry::registry_pull::CHECK],
    uses: &[&pod::GREETS_HOST],
    deadline: Duration::from_secs(240),
    findings: &[&FILTERED, &NO_ROUTE, &ANSWERED_BY_OTHER],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachNode(|context, pod| Box::pin(judge(context, pod))),
};

async fn judge(_: &Context, pod: &dyn Pod) -> Judgement {
    let called = pod.greets_host().await?;
    let code = match called.greeting {
        Greeting::Token => return Ok(Verdict::Pass),
        Greeting::Silent => &FILTERED,
        Greeting::Unreachable => &NO_ROUTE,
        Greeting::Other | Greeting::Closed | Greeting::Nothing | Greeting::Refused => &ANSWERED_BY_OTHER,
    };
    let (address, node) = (called.address.to_string(), pod.node());
    let seen = format!(
        "a pod on {node} listens, but from the DSS host {address} port {} is {}",
        called.port,
        said(called.greeting)
    );
    Ok(code.found(seen).with("node", node).with("address", address).into())
}

fn said(greeting: Greeting) -> &'static str {
    match greeting {
        Greeting::Silent => "silent",
        Greeting::Unreachable => "unreachable",
        Greeting::Refused => "refused",
        Greeting::Other => "answered with something else",
        Greeting::Closed | Greeting::Nothing => "accepted by something else",
        Greeting::Token => "reached",
    }
}
