//! In pods, the name they are given for the DSS host resolves to an address of the DSS host (HOWTO 2.1, Networking).
//!
//! Each node is a case of its own: if nodes get different answers, only those with a wrong one fail.

use std::net::IpAddr;
use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::reach::is_public;
use ackcheck_core::seat::pod::DssHost;
use ackcheck_core::seat::{NameAnswer, Pod, pod};
use ackcheck_core::verdict::{Code, Finding, Judgement, Verdict};

mod trials;

use super::alibaba::list;

static UNRESOLVABLE: Code = Code::fail("unresolvable", "pods cannot resolve the name they are given for the DSS host");
static WRONG_ADDRESS: Code =
    Code::fail("wrong-address", "in pods, the name resolves to an address that is not the DSS host's");
static PUBLIC_ADDRESS: Code =
    Code::fail("public-address", "in pods, the name resolves to a public address outside the VPC");

pub(crate) static CHECK: Check = Check {
    id: "dss-name-resolves",
    title: "In pods, the name of the DSS host resolves to an address of the DSS host",
    stage: Stage::Preflight,
    needs: &[&crate::cluster::dns_quality::CHECK],
    uses: &[&pod::ASK],
    deadline: Duration::from_secs(60),
    findings: &[&UNRESOLVABLE, &WRONG_ADDRESS, &PUBLIC_ADDRESS],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachNode(|context, pod| Box::pin(judge(context, pod))),
};

async fn judge(_: &Context, pod: &dyn Pod) -> Judgement {
    let host = pod.dss_host().await?;
    let (node, name) = (pod.node(), &host.name);
    let answer = match pod.resolve(name).await? {
        NameAnswer::Addresses(addresses) => addresses,
        NameAnswer::NoSuchName { said } => {
            let seen = format!("{name} (from {}) does not exist for pods on {node}: {said}", host.origin);
            return Ok(described(UNRESOLVABLE.found(seen), node, &host).with("said", said).into());
        }
        NameAnswer::NoServer { said } => {
            let seen = format!("cluster DNS answers pods on {node}, but not for {name} (from {}): {said}", host.origin);
            return Ok(described(UNRESOLVABLE.found(seen), node, &host).with("said", said).into());
        }
    };
    let foreign: Vec<IpAddr> = answer.iter().copied().filter(|address| !host.addresses.contains(address)).collect();
    if foreign.is_empty() {
        return Ok(Verdict::Pass);
    }
    let code = if foreign.iter().any(is_public) { &PUBLIC_ADDRESS } else { &WRONG_ADDRESS };
    let seen = format!(
        "{name} (from {}) resolves to {} in pods on {node}; the DSS host has {}",
        host.origin,
        list(&answer),
        list(&host.addresses)
    );
    Ok(described(code.found(seen), node, &host).with("answer", list(&answer)).into())
}

fn described(finding: Finding, node: &str, host: &DssHost) -> Finding {
    let own = host.addresses.first().map(ToString::to_string).unwrap_or_default();
    let finding = finding.with("node", node).with("name", host.name.clone()).with("origin", host.origin.clone());
    finding.with("own_address", own)
}
