//! A pod on the node writes, reads back and deletes an object, using URLs signed with the keys DSS uses (HOWTO 2.1: the
//! cluster must read and write OSS). The keys themselves never enter the cluster.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::pod::RoundTrip;
use ackcheck_core::seat::store::StoreReply;
use ackcheck_core::seat::{Pod, pod};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

use super::refusal::{Obstacle, obstacle};

mod trials;

static DENIED: Code = Code::fail("denied", "OSS refuses requests from the node that it accepts from the DSS host");

pub(crate) static CHECK: Check = Check {
    id: "oss-from-nodes",
    title: "Pods on the node can write to OSS and read back what they wrote",
    stage: Stage::Preflight,
    needs: &[
        &super::oss_write::CHECK,
        &super::oss_read::CHECK,
        &super::oss_delete::CHECK,
        &crate::network::oss_path::CHECK,
    ],
    uses: &[&pod::STORE_ROUND_TRIPS],
    deadline: Duration::from_secs(180),
    findings: &[&DENIED],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachNode(|context, pod| Box::pin(judge(context, pod))),
};

async fn judge(_: &Context, pod: &dyn Pod) -> Judgement {
    let trips = pod.store_round_trips().await?;
    if trips.is_empty() {
        return Err(Unseen::unreadable("the buckets", "none can be reached from pods"));
    }
    for trip in &trips {
        // Hotlink protection is about URLs, such as the pod was given, and not about what Hadoop signs in a header.
        let answers = [Some(&trip.put), trip.get.as_ref(), trip.delete.as_ref()].into_iter().flatten();
        if answers.flatten().any(|reply| obstacle(reply) == Some(Obstacle::Referer)) {
            let what = format!("the bucket {} from {}", trip.bucket, pod.node());
            return Err(Unseen::unreadable(what, "its hotlink protection refuses the signed URLs that a pod is given"));
        }
        for (act, heard) in [("put", Some(&trip.put)), ("get", trip.get.as_ref()), ("delete", trip.delete.as_ref())] {
            match heard {
                // It answered just before, or this check would be blocked: a way that comes and goes is not judged.
                Some(Err(why)) => {
                    let what = format!("the {act} from {} to {} at {}", pod.node(), trip.bucket, trip.endpoint);
                    return Err(Unseen::unreadable(what, why.to_string()));
                }
                Some(Ok(reply)) if !reply.ok() => return Ok(blame(pod.node(), trip, act, reply).into()),
                _ => {}
            }
        }
        let read = trip.get.as_ref().and_then(|heard| heard.as_ref().ok());
        if read.is_none_or(|reply| reply.body != trip.written) {
            let what = format!("the object that {} wrote to {}", pod.node(), trip.bucket);
            return Err(Unseen::unreadable(what, "what was read back differs from what was written"));
        }
    }
    Ok(Verdict::Pass)
}

/// Whose answer was not what it should be.
fn blame(node: &str, trip: &RoundTrip, act: &'static str, reply: &StoreReply) -> Finding {
    let action = reply.denial.as_ref().and_then(|denial| denial.action.as_deref());
    let told = [reply.code.as_deref(), reply.message.as_deref(), action, reply.ec.as_deref()];
    let told = told.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let said = format!("{} {told}", reply.status);
    let finding = DENIED.found(format!("{act} in {} ({}) from {node}: {said}", trip.bucket, trip.endpoint));
    let finding = finding.with("node", node).with("bucket", trip.bucket.clone());
    finding.with("endpoint", trip.endpoint.clone()).with("act", act).with("said", said)
}
