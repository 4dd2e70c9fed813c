//! From pods on the node the buckets' hosts resolve, take a connection and TLS, and it is OSS that answers. What keys are
//! allowed to do there is asked later: a request that nobody signed is refused by OSS itself, and that is all it is for.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::pod::StorePath;
use ackcheck_core::seat::store::{Endpoint, EndpointKind};
use ackcheck_core::seat::{HttpReply, NoReply, Pod, Seen, pod};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

use super::alibaba;

mod trials;

static UNRESOLVABLE: Code = Code::fail("unresolvable", "pods on the node cannot resolve the bucket's host");
static FILTERED: Code = Code::fail("filtered", "pods on the node do not get an answer from the bucket's host");
static PROXIED: Code = Code::fail("proxied", "something else answers pods on the node in the place of OSS");
static TLS: Code = Code::fail("tls", "pods on the node cannot agree on TLS with the bucket's host");
static PUBLIC_INSTEAD_OF_INTERNAL: Code =
    Code::warn("public-instead-of-internal", "the internal endpoint resolves to a public address for pods on the node");

pub(crate) static CHECK: Check = Check {
    id: "oss-path",
    title: "Pods on the node reach the buckets' hosts, and OSS answers there",
    stage: Stage::Preflight,
    needs: &[&crate::storage::oss_endpoint::CHECK, &crate::cluster::dns_quality::CHECK],
    uses: &[&pod::STORE_PATHS],
    deadline: Duration::from_secs(180),
    findings: &[&UNRESOLVABLE, &FILTERED, &PROXIED, &TLS, &PUBLIC_INSTEAD_OF_INTERNAL],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachNode(|context, pod| Box::pin(judge(context, pod))),
};

async fn judge(_: &Context, pod: &dyn Pod) -> Judgement {
    let paths = pod.store_paths().await?;
    if paths.is_empty() {
        return Err(Unseen::unreadable("the buckets", "none can be reached from pods"));
    }
    let mut found = Vec::new();
    for path in &paths {
        found.extend(blame(pod, path).await?.map(|finding| described(finding, pod.node(), path)));
    }
    Ok(Finding::gravest(found).map_or(Verdict::Pass, Finding::verdict))
}

fn described(finding: Finding, node: &str, path: &StorePath) -> Finding {
    let finding = finding.with("node", node).with("bucket", &path.bucket).with("endpoint", &path.endpoint);
    finding.with("host", &path.host).with("url", &path.url)
}

async fn blame(pod: &dyn Pod, path: &StorePath) -> Seen<Option<Finding>> {
    let (node, host) = (pod.node(), &path.host);
    let seen = |said: &str| format!("pods on {node} and {host}: {said}");
    let said = match &path.heard {
        Ok(reply) if is_oss(reply) => return Ok(public(pod, path).await),
        Ok(reply) => told(reply),
        Err(no_reply) => no_reply.to_string(),
    };
    let code = match &path.heard {
        Ok(_) => &PROXIED,
        Err(NoReply::Unresolvable { .. }) => &UNRESOLVABLE,
        Err(no_reply @ NoReply::Tls { said }) => tls(pod, path, no_reply.is_not_tls(), said).await?,
        Err(NoReply::Garbled { .. }) => &PROXIED,
        Err(
            NoReply::Refused { .. }
            | NoReply::Unreachable { .. }
            | NoReply::NotConnected { .. }
            | NoReply::Closed { .. },
        ) => &FILTERED,
        // Whoever waits longer may hear it.
        Err(NoReply::TimedOut { .. }) => {
            return Err(Unseen::unreadable(format!("the way from {node} to {host}"), said));
        }
    };
    Ok(Some(code.found(seen(&said)).with("said", said)))
}

/// A certificate of another authority than those that sign for Alibaba Cloud is a proxy's, unless time is what is wrong
/// with it. Of other hosts nobody knows whose certificate they should have.
async fn tls(pod: &dyn Pod, path: &StorePath, is_not_tls: bool, said: &str) -> Seen<&'static Code> {
    let its_own = alibaba::is_its_own(&path.host);
    let of_time = ["expired", "not valid yet"].iter().any(|words| said.contains(words));
    if is_not_tls || !its_own || of_time {
        return Ok(if is_not_tls && its_own { &PROXIED } else { &TLS });
    }
    // Whoever takes any certificate gets an answer then: it is the certificate, and not what TLS has in common.
    Ok(if pod.get(&path.url, true).await?.is_ok() { &PROXIED } else { &TLS })
}

async fn public(pod: &dyn Pod, path: &StorePath) -> Option<Finding> {
    let internal = Endpoint::parse(&path.endpoint).is_ok_and(|endpoint| endpoint.kind() == EndpointKind::Internal);
    let public = alibaba::public(pod, if internal { &path.addresses } else { &[] }).await;
    if public.is_empty() {
        return None;
    }
    let answer = alibaba::list(&public);
    let seen = format!("{} resolves to {answer} for pods on {}", path.host, pod.node());
    Some(PUBLIC_INSTEAD_OF_INTERNAL.found(seen).with("answer", answer))
}

/// OSS names each request, whatever it answers; what is between may take headers out, and not the document.
fn is_oss(reply: &HttpReply) -> bool {
    let document = reply.body.contains("<Error>") && reply.body.contains("<HostId>");
    reply.header("x-oss-request-id").is_some() || document
}

/// An answer that is not of OSS, in one line.
fn told(reply: &HttpReply) -> String {
    let by = reply.header("via").or(reply.header("server")).map_or_else(String::new, |by| format!(" by {by}"));
    let body: String = reply.body.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(120).collect();
    format!("{}{by}, and not as OSS: {body}", reply.status).trim_end_matches([':', ' ']).to_owned()
}
