//! What answers pods on the TCP ports of the DSS host is the DSS host. *dss-ports-reachable* takes a reset or an accepted
//! connection as an answer of the host; a firewall can send the one and a proxy the other in its place. So ackcheck listens on
//! the ports that are free, hands each caller a token of this run, and compares.
//!
//! One node calls all free ports and the others a sample of them: a range of 128 ports or more that is refused or accepted for
//! the host is found from every node, a shorter one from that node alone.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::greeting::{Answered, CalledPorts, HostGreeting};
use ackcheck_core::seat::{Pod, Ports, pod};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

mod trials;

use super::called;

static REJECTED_BY_MIDDLEBOX: Code =
    Code::fail("rejected-by-middlebox", "a firewall refuses connections to some TCP ports in the name of the DSS host");
static ACCEPTED_BY_PROXY: Code =
    Code::fail("accepted-by-proxy", "a proxy accepts connections to some TCP ports in place of the DSS host");

pub(crate) static CHECK: Check = Check {
    id: "dss-ports-own",
    title: "The DSS host itself answers pods on its TCP ports, and not another for it",
    stage: Stage::Preflight,
    needs: &[&super::dss_ports_reachable::CHECK],
    uses: &[&pod::GREETED_BY_HOST],
    deadline: Duration::from_secs(600),
    findings: &[&REJECTED_BY_MIDDLEBOX, &ACCEPTED_BY_PROXY],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachNode(|context, pod| Box::pin(judge(context, pod))),
};

/// At most this many ranges are named in a finding.
const MOST_RANGES: usize = 12;

async fn judge(_: &Context, pod: &dyn Pod) -> Judgement {
    let host = pod.dss_host().await?;
    let address = called::address(pod, &host).await?;
    let called =
        CalledPorts { address, listens_on: address, ports: called::left_to_others(&host, &[Ports::ALL]), all: true };
    let greeting = pod.greeted_by_host(&called).await?;
    let findings = blame(&greeting).into_iter().map(|(code, ports)| {
        let seen = format!("{address} from {}: {} on ports {ports}, where ackcheck listens", pod.node(), did(code));
        let finding = code.found(seen).with("node", pod.node()).with("address", address.to_string());
        finding.with("ports", ports).with("source", greeting.source())
    });
    match Finding::gravest(findings.collect()) {
        Some(finding) => Ok(finding.into()),
        None => unclear(&greeting).map_or(Ok(Verdict::Pass), |ports| {
            let why = "what answered there changed from one call to the next, or nothing did";
            Err(Unseen::unreadable(format!("ports {ports} of {address} from {}", pod.node()), why))
        }),
    }
}

fn did(code: &Code) -> &'static str {
    if *code == REJECTED_BY_MIDDLEBOX { "connections are refused" } else { "connections are accepted by another" }
}

/// Each way in which another answers, with the ports.
fn blame(greeting: &HostGreeting) -> Vec<(&'static Code, String)> {
    let ways = [(Answered::Refused, &REJECTED_BY_MIDDLEBOX), (Answered::Accepted, &ACCEPTED_BY_PROXY)];
    ways.into_iter().filter_map(|(by, code)| Some((code, words(greeting, |other| other == by)?))).collect()
}

fn unclear(greeting: &HostGreeting) -> Option<String> {
    words(greeting, |by| matches!(by, Answered::Unclear(_) | Answered::Nobody))
}

/// The ranges that were answered so, in words; none of none.
fn words(greeting: &HostGreeting, so: impl Fn(Answered) -> bool) -> Option<String> {
    let found: Vec<String> = greeting.ranges.iter().filter(|range| so(range.by)).map(ToString::to_string).collect();
    match found.len().checked_sub(MOST_RANGES) {
        _ if found.is_empty() => None,
        None | Some(0) => Some(found.join(", ")),
        Some(more) => Some(format!("{} and {more} more ranges", found[..MOST_RANGES].join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use ackcheck_core::seat::greeting::AnsweredPorts;

    use super::*;

    fn greeting(each: &[(u16, Answered)]) -> HostGreeting {
        let ranges = AnsweredPorts::of(each.iter().copied());
        HostGreeting { ranges, whole: true, not_opened: Vec::new(), pod: Vec::new(), callers: Vec::new() }
    }

    #[test]
    fn who_answers_in_the_hosts_place_is_named_with_its_ports() {
        use Answered::{Accepted, Own, Refused};
        let told = |each: &[(u16, Answered)]| -> Vec<String> {
            blame(&greeting(each)).into_iter().map(|(code, ports)| format!("{} {ports}", code.name)).collect()
        };
        assert_eq!(told(&[(1, Own), (2, Own)]), Vec::<String>::new());
        assert_eq!(told(&[(1, Own), (2, Refused), (3, Refused)]), ["rejected-by-middlebox 2-3"]);
        let both = [(1, Accepted), (2, Refused), (3, Accepted)];
        assert_eq!(told(&both), ["rejected-by-middlebox 2", "accepted-by-proxy 1, 3"]);
    }
}
