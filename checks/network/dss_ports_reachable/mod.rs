//! Every TCP port of the DSS host answers from the node (HOWTO 2.1: "must be reachable on all ports from the cluster").
//!
//! A port that refuses with a reset counts as answering: the packet arrived, and would have reached the process of a job. A
//! firewall that refuses with resets looks the same from here; only a listener on the host could tell the difference.

use std::net::IpAddr;
use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::{NameAnswer, Pod, PortState, Ports, Swept, SweptPorts, pod};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

mod trials;

use super::prediction_agrees::comparison::{Compared, compare};

static PORTS_FILTERED: Code = Code::fail("ports-filtered", "packets to some TCP ports of the DSS host are dropped");
static HOST_UNREACHABLE: Code = Code::fail("host-unreachable", "no TCP port of the DSS host answers");
static REJECTED_BY_HOST: Code =
    Code::fail("rejected-by-host", "a host firewall rejects some TCP ports of the DSS host by ICMP");

pub(crate) static CHECK: Check = Check {
    id: "dss-ports-reachable",
    title: "Every TCP port of the DSS host answers from the node",
    stage: Stage::Preflight,
    needs: &[&super::dss_name_resolves::CHECK],
    uses: &[&pod::ASK],
    deadline: Duration::from_secs(600),
    findings: &[&PORTS_FILTERED, &HOST_UNREACHABLE, &REJECTED_BY_HOST],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachNode(|context, pod| Box::pin(judge(context, pod))),
};

/// At most this many ranges are named in a finding.
const MOST_RANGES: usize = 12;

async fn judge(context: &Context, pod: &dyn Pod) -> Judgement {
    let address = &address(pod).await?;
    let swept = pod.sweep(*address, Ports::ALL).await?;
    let Some(finding) = blame(pod.node(), *address, &swept) else { return Ok(Verdict::Pass) };
    let filtered = words(&lost(&swept), PortState::Filtered);
    let finding = finding.with("node", pod.node()).with("address", address.to_string());
    let first = swept.ranges.iter().find(|range| !arrives(range)).map_or(0, |range| range.ports.first());
    let silent = if filtered.is_empty() { "none".to_owned() } else { filtered };
    let finding = finding.with("filtered", silent).with("first", first.to_string());
    // Who may not ask the cloud learns of the packets all the same.
    let explained = match compare(context, pod, *address, &swept).await {
        Ok(Compared::Made(comparison)) => comparison.explained_by(),
        Ok(Compared::NoRules(_)) | Err(_) => Vec::new(),
    };
    Ok(finding.explained_by(explained).into())
}

/// The address of the DSS host that pods are given.
pub(crate) async fn address(pod: &dyn Pod) -> Result<IpAddr, Unseen> {
    let host = pod.dss_host().await?;
    // The host can have other addresses (a Docker bridge, a second interface): what counts is the one pods are given.
    let NameAnswer::Addresses(answer) = pod.resolve(&host.name).await? else {
        return Err(Unseen::unreadable(&host.name, "it resolved a moment ago, but no longer does"));
    };
    let mut addresses: Vec<IpAddr> = answer.into_iter().filter(|address| host.addresses.contains(address)).collect();
    // Java and Spark prefer IPv4 if both are available.
    addresses.sort_by_key(|address| address.is_ipv6());
    let gone = || Unseen::unreadable(&host.name, "it resolved to the DSS host a moment ago, but no longer does");
    addresses.first().copied().ok_or_else(gone)
}

fn arrives(range: &SweptPorts) -> bool {
    matches!(range.state, PortState::Open | PortState::Closed)
}

fn blame(node: &str, address: IpAddr, swept: &Swept) -> Option<Finding> {
    let lost = lost(swept);
    let filtered = words(&lost, PortState::Filtered);
    let rejected = words(&lost, PortState::Unreachable);
    if !swept.ranges.iter().any(arrives) {
        let how = match (filtered.is_empty(), rejected.is_empty()) {
            (false, true) => "all of them are silent",
            (true, false) => "all of them are rejected by ICMP or have no route",
            _ => "all of them are silent or rejected by ICMP",
        };
        return Some(
            HOST_UNREACHABLE.found(format!("{address} from {node}: 65535 ports tried; {how}")).with("how", how),
        );
    }
    if !filtered.is_empty() {
        let also = if rejected.is_empty() { String::new() } else { format!("; rejected by ICMP: {rejected}") };
        return Some(PORTS_FILTERED.found(format!("{address} from {node}: silent: {filtered}{also}")));
    }
    if !rejected.is_empty() {
        let seen = format!("{address} from {node}: rejected by ICMP: {rejected}");
        return Some(REJECTED_BY_HOST.found(seen).with("rejected", rejected));
    }
    None
}

/// The ranges whose packets do not arrive, with neighbours joined. If one port of a range was rejected by ICMP, the whole
/// range counts as rejected: kernels limit such answers to a few per second, so most ports of the range stay silent.
fn lost(swept: &Swept) -> Vec<SweptPorts> {
    let mut joined: Vec<SweptPorts> = Vec::new();
    for range in swept.ranges.iter().filter(|range| !arrives(range)) {
        let both = joined.last().and_then(|last| last.ports.joined(range.ports));
        match (joined.last_mut(), both) {
            (Some(last), Some(ports)) => *last = SweptPorts { ports, state: last.state.max(range.state) },
            _ => joined.push(*range),
        }
    }
    joined
}

/// The ranges in a state, in words: `20000-59999, 61000`.
fn words(ranges: &[SweptPorts], state: PortState) -> String {
    let found: Vec<String> =
        ranges.iter().filter(|range| range.state == state).map(|range| range.ports.to_string()).collect();
    match found.len().checked_sub(MOST_RANGES) {
        None | Some(0) => found.join(", "),
        Some(more) => format!("{} and {more} more ranges", found[..MOST_RANGES].join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn swept(states: &[(u16, u16, PortState)]) -> Option<&'static str> {
        let range = |&(first, last, state)| SweptPorts { ports: Ports::new(first, last).unwrap(), state };
        let swept = Swept { ranges: states.iter().map(range).collect() };
        blame("n", [10, 0, 0, 20].into(), &swept).map(|finding| finding.code.name)
    }

    #[test]
    fn a_reset_is_an_answer_and_silence_is_not() {
        use PortState::{Closed, Filtered, Open, Unreachable};
        assert_eq!(swept(&[(1, 21, Closed), (22, 22, Open), (23, 65535, Closed)]), None);
        assert_eq!(swept(&[(1, 65535, Filtered)]), Some("host-unreachable"));
        assert_eq!(swept(&[(1, 65535, Unreachable)]), Some("host-unreachable"));
        assert_eq!(swept(&[(1, 19999, Closed), (20000, 65535, Filtered)]), Some("ports-filtered"));
        assert_eq!(swept(&[(1, 22, Open), (23, 65535, Unreachable)]), Some("rejected-by-host"));
        let apart = [(1, 22, Open), (23, 99, Unreachable), (100, 100, Closed), (101, 65535, Filtered)];
        assert_eq!(swept(&apart), Some("ports-filtered"));
        // One ICMP answer a second, and silence between them.
        let rationed = [(1, 22, Open), (23, 99, Filtered), (100, 100, Unreachable), (101, 65535, Filtered)];
        assert_eq!(swept(&rationed), Some("rejected-by-host"));
    }
}
