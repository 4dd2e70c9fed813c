//! Every TCP port of the DSS host answers from the node (HOWTO 2.1: "must be reachable on all ports from the cluster").
//!
//! Of many nodes, one of each class dials every port, and the others a sample and every edge: what was dialled from where
//! is in the evidence and in the finding.
//!
//! A port that refuses with a reset counts as answering: the packet arrived, and would have reached the process of a job. A
//! firewall that refuses with resets looks the same from here; *dss-ports-own* tells the difference.

use std::net::IpAddr;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::required_ports::RequiredPorts;
use ackcheck_core::seat::{Basis, NodeSweep, Pod, PortState, Ports, pod};
use ackcheck_core::verdict::{Code, Finding, Judgement, Verdict};

mod lost;
mod trials;

use super::called;
use super::prediction_agrees::comparison::{Compared, compare};
use lost::{all_words, arrives, divided, lost, words};

static PORTS_FILTERED: Code = Code::fail("ports-filtered", "packets to some TCP ports of the DSS host are dropped");
static HOST_UNREACHABLE: Code = Code::fail("host-unreachable", "no TCP port of the DSS host answers");
static REJECTED_BY_HOST: Code =
    Code::fail("rejected-by-host", "a host firewall rejects some TCP ports of the DSS host by ICMP");
static UNREQUIRED_FILTERED: Code = Code::warn(
    "unrequired-filtered",
    "some TCP ports of the DSS host do not answer, all beyond the range that DSS is kept to",
);

pub(crate) static CHECK: Check = Check {
    id: "dss-ports-reachable",
    title: "Every TCP port of the DSS host answers from the node or its class",
    stage: Stage::Preflight,
    needs: &[&super::dss_name_resolves::CHECK],
    uses: &[&pod::ASK, &pod::SWEEP],
    deadline: pod::SWEEPS_WITHIN,
    findings: &[&PORTS_FILTERED, &HOST_UNREACHABLE, &REJECTED_BY_HOST, &UNREQUIRED_FILTERED],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachNode(|context, pod| Box::pin(judge(context, pod))),
};

async fn judge(context: &Context, pod: &dyn Pod) -> Judgement {
    let host = pod.dss_host().await?;
    let address = called::address(pod, &host).await?;
    let required = called::ports(context, host.backend_port).await?;
    let swept = pod.sweep(address, Ports::ALL).await?;
    let Some(finding) = blame(pod.node(), address, &swept, &required) else { return Ok(Verdict::Pass) };
    let finding = finding.with("node", pod.node()).with("address", address.to_string());
    // Who may not ask the cloud learns of the packets all the same.
    let explained = match compare(context, pod, address, &swept).await {
        Ok(Compared::Made(comparison)) => comparison.explained_by(),
        Ok(Compared::NoRules(_)) | Err(_) => Vec::new(),
    };
    Ok(finding.explained_by(explained).into())
}

fn blame(node: &str, address: IpAddr, swept: &NodeSweep, required: &RequiredPorts) -> Option<Finding> {
    let from = match &swept.basis {
        Basis::Dialled => format!("{address} from {node}"),
        class => format!("{address} from {node} ({class})"),
    };
    let lost = lost(swept);
    let (silent, rejected) = (words(&lost, PortState::Filtered), words(&lost, PortState::Unreachable));
    if !swept.ranges.iter().any(arrives) {
        let how = match (silent.is_empty(), rejected.is_empty()) {
            (false, true) => "all of them are silent",
            (true, false) => "all of them are rejected by ICMP or have no route",
            _ => "all of them are silent or rejected by ICMP",
        };
        return Some(HOST_UNREACHABLE.found(format!("{from}: {how}")).with("how", how));
    }
    let (needed, rest) = divided(&lost, required);
    let beyond = all_words(&rest);
    let (silent, rejected) = (words(&needed, PortState::Filtered), words(&needed, PortState::Unreachable));
    let mut seen = [(": silent: ", &silent), (": rejected by ICMP: ", &rejected), (": not needed: ", &beyond)]
        .iter()
        .filter(|(_, ranges)| !ranges.is_empty())
        .map(|(what, ranges)| format!("{what}{ranges}"))
        .collect::<Vec<_>>()
        .join(";")
        .replace(";: ", "; ");
    seen.push_str(&required.why_all());
    let seen = from + &seen;
    if !silent.is_empty() {
        return Some(PORTS_FILTERED.found(seen).with("filtered", silent));
    }
    if !rejected.is_empty() {
        return Some(REJECTED_BY_HOST.found(seen).with("rejected", rejected));
    }
    let required = required.to_string();
    (!beyond.is_empty()).then(|| UNREQUIRED_FILTERED.found(seen).with("beyond", beyond).with("required", required))
}

#[cfg(test)]
mod tests;
