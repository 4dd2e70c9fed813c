//! Packets of full size pass between pods and OSS, and between pods and the DSS host. Where a link on the way takes only
//! smaller ones and its ICMP messages are dropped, small requests are answered and large ones wait for ever.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::{Heard, NoReply, Pod, Seen, pod};
use ackcheck_core::verdict::{Code, Finding, Judgement, Verdict};

use super::backend_answers::{CONFIGURATION, PING, ping};

mod trials;

static STALLS_AT_SIZE: Code =
    Code::fail("stalls-at-size", "small requests are answered, but those that take packets of full size are not");
static ONE_WAY: Code = Code::fail("one-way", "packets of full size pass in one direction only");

/// A body that does not fit into one packet anywhere in a VPC: its answer shows that full packets come back.
const LARGE: usize = 2048;

pub(crate) static CHECK: Check = Check {
    id: "path-mtu",
    title: "Packets of full size pass between pods on the node, OSS and the DSS host",
    stage: Stage::Preflight,
    needs: &[&crate::storage::oss_from_nodes::CHECK],
    uses: &[&pod::ASK, &pod::STORE_ROUND_TRIPS],
    deadline: Duration::from_secs(240),
    findings: &[&STALLS_AT_SIZE, &ONE_WAY],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachNode(|context, pod| Box::pin(judge(context, pod))),
};

/// What became of one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Passed,
    Stalled,
    /// Nothing large was sent, or something else went wrong with it.
    NotSeen,
}

async fn judge(_: &Context, pod: &dyn Pod) -> Judgement {
    let mut ways = to_the_store(pod).await?;
    ways.extend(to_the_backend(pod).await?);
    if ways.iter().all(|(_, there, back)| *there == Way::NotSeen && *back == Way::NotSeen) {
        return Ok(Verdict::NotApplicable("neither a bucket nor the backend answers pods with anything large".into()));
    }
    let found = ways.iter().filter_map(|(what, there, back)| blame(pod.node(), what, *there, *back)).collect();
    Ok(Finding::gravest(found).map_or(Verdict::Pass, Finding::verdict))
}

fn blame(node: &str, what: &str, there: Way, back: Way) -> Option<Finding> {
    let described = |finding: Finding| Some(finding.with("node", node).with("peer", what));
    let seen = |stalls: &str| format!("pods on {node} and {what}: small requests are answered, but {stalls}");
    match (there, back) {
        (Way::Stalled, Way::Passed) => {
            described(ONE_WAY.found(seen("large ones are not, although large answers come back")))
        }
        (Way::Passed, Way::Stalled) => {
            described(ONE_WAY.found(seen("large answers do not come back, although large requests arrive")))
        }
        (Way::Stalled, _) => described(STALLS_AT_SIZE.found(seen("large ones are not"))),
        (_, Way::Stalled) => described(STALLS_AT_SIZE.found(seen("large answers do not come"))),
        _ => None,
    }
}

/// Objects of 64 KiB, put and got. A small one made the same way before, or this check would be blocked.
async fn to_the_store(pod: &dyn Pod) -> Seen<Vec<(String, Way, Way)>> {
    let first = pod.large_round_trips().await?;
    let large = |trips: &[pod::RoundTrip]| -> Vec<(String, Way, Way)> {
        let ways = trips.iter().map(|trip| {
            let back = trip.get.as_ref().map_or(Way::NotSeen, |get| way(get, |_| true));
            (format!("the bucket {} at {}", trip.bucket, trip.endpoint), way(&trip.put, |_| true), back)
        });
        ways.collect()
    };
    let ways = large(&first);
    if !ways.iter().any(|(_, there, back)| [there, back].contains(&&Way::Stalled)) {
        return Ok(ways);
    }
    // Not for a single loss: asked once more, only what stalls both times does.
    let again = large(&pod.large_round_trips().await?);
    Ok(ways.into_iter().map(|way| again.iter().find(|(what, ..)| *what == way.0).cloned().unwrap_or(way)).collect())
}

/// A large head there, and DSS's answer with its settings back; nothing where the backend does not answer a small request.
async fn to_the_backend(pod: &dyn Pod) -> Seen<Option<(String, Way, Way)>> {
    let Ok(host) = pod.dss_host().await else { return Ok(None) };
    let Some(port) = host.backend_port else { return Ok(None) };
    let name = if host.name.contains(':') { format!("[{}]", host.name) } else { host.name.clone() };
    let (base, Ok(_)) = ping(pod, &format!("{name}:{port}")).await? else { return Ok(None) };
    let (mut there, mut back) = (Way::Stalled, Way::Stalled);
    for _ in 0..2 {
        if there == Way::Stalled {
            there = way(&pod.get_with_large_head(&format!("{base}{PING}")).await?, |_| true);
        }
        if back == Way::Stalled {
            back = way(&pod.get(&format!("{base}{CONFIGURATION}"), true).await?, |reply| reply.body.len() > LARGE);
        }
    }
    // Both small and large must have been asked of a backend that is there: it may have gone meanwhile.
    if [there, back].contains(&Way::Stalled) && ping(pod, &format!("{name}:{port}")).await?.1.is_err() {
        return Ok(None);
    }
    Ok(Some((format!("the DSS host at {base}"), there, back)))
}

fn way<T>(heard: &Heard<T>, is_large: impl Fn(&T) -> bool) -> Way {
    match heard {
        Ok(reply) if is_large(reply) => Way::Passed,
        Err(NoReply::TimedOut { .. }) => Way::Stalled,
        _ => Way::NotSeen,
    }
}
