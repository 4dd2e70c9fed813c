//! Names are answered to pods quickly, alike by every name server, and by nobody who answers to any name. What a resolver
//! brings in the end, other checks ask; here each name server is asked by itself.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::store::Endpoint;
use ackcheck_core::seat::{Pod, pod};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

mod seen;
mod trials;

use seen::Answers;

static SEARCH_WILDCARD: Code =
    Code::fail("search-wildcard", "a domain of the pods' search list has an address for every name");
static ANSWERS_DIFFER: Code =
    Code::fail("answers-differ", "the pods' name servers disagree about a name that DSS needs");
static SERVER_DEAD: Code = Code::warn("server-dead", "a name server that pods ask first does not answer");
static AAAA_UNANSWERED: Code =
    Code::warn("aaaa-unanswered", "queries for IPv6 addresses are not answered, and every look-up waits for them");
static SLOW: Code = Code::warn("slow", "the pods' name server takes more than a second for every answer");

/// The most endpoints that are asked for.
const MOST_ENDPOINTS: usize = 6;

pub(crate) static CHECK: Check = Check {
    id: "dns-quality",
    title: "Every name server of pods on the node answers quickly and alike",
    stage: Stage::Preflight,
    needs: &[&super::cluster_dns::CHECK],
    uses: &[&pod::ASK],
    deadline: Duration::from_secs(60),
    findings: &[&SEARCH_WILDCARD, &ANSWERS_DIFFER, &SERVER_DEAD, &AAAA_UNANSWERED, &SLOW],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachNode(|context, pod| Box::pin(judge(context, pod))),
};

async fn judge(context: &Context, pod: &dyn Pod) -> Judgement {
    let (dss, endpoints) = (dss_name(pod).await, endpoints(context));
    let names: Vec<String> = dss.iter().chain(&endpoints).cloned().collect();
    let asked = pod.name_servers(&names).await?;
    let answers = Answers { node: pod.node(), dss: dss.as_deref(), names: &names, asked: &asked };
    if answers.living().next().is_none() {
        return Err(Unseen::unreadable(format!("the name servers of pods on {}", pod.node()), "none of them answers"));
    }
    let found = [answers.wildcard(), answers.differ(), answers.dead(), answers.without_aaaa(), answers.slow()];
    let gravest = Finding::gravest(found.into_iter().flatten().collect());
    Ok(gravest.map_or(Verdict::Pass, |finding| finding.with("node", pod.node()).verdict()))
}

/// The name that pods are given for the DSS host, where it is known and not an address. Where it is not, other checks say
/// so.
async fn dss_name(pod: &dyn Pod) -> Option<String> {
    let host = pod.dss_host().await.ok()?;
    is_name(&host.name).then_some(host.name)
}

/// The hosts of the buckets' endpoints that the site file gives.
fn endpoints(context: &Context) -> Vec<String> {
    let buckets = context.config().storage.iter().flat_map(|storage| &storage.buckets);
    let mut hosts: Vec<String> = buckets
        .filter_map(|bucket| Some(Endpoint::parse(&bucket.endpoint).ok()?.host))
        .filter(|host| is_name(host))
        .collect();
    hosts.sort();
    hosts.dedup();
    hosts.truncate(MOST_ENDPOINTS);
    hosts
}

fn is_name(host: &str) -> bool {
    host.parse::<std::net::IpAddr>().is_err()
}
