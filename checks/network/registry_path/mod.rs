//! What pulls on the node go through is in its reach: the registry, the token service that its challenge names, and the
//! store that it redirects to for layers.
//!
//! A pod's network is not that of the runtime, which has the node's own names, routes and proxy: so it is the pull itself
//! that shows the way, by how far it came. The pod is only asked for the addresses behind the hosts' names.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::pod::PodStart;
use ackcheck_core::seat::registry::RegistryHost;
use ackcheck_core::seat::{Pod, pod};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

use super::alibaba;
use crate::registry::registry_url::address::is_internal;

mod blame;
mod trials;

static UNRESOLVABLE: Code = Code::fail("unresolvable", "the node cannot resolve a host that pulls go through");
static FILTERED: Code = Code::fail("filtered", "the node does not get an answer from a host that pulls go through");
static PROXIED: Code =
    Code::fail("proxied", "something else answers the node in the place of a host that pulls go through");
static TLS: Code = Code::fail("tls", "the node cannot agree on TLS with a host that pulls go through");
static PUBLIC_INSTEAD_OF_INTERNAL: Code = Code::warn(
    "public-instead-of-internal",
    "pulls through the registry's internal address go to a host that resolves to a public one",
);

pub(crate) static CHECK: Check = Check {
    id: "registry-path",
    title: "Pulls on the node reach the registry, its token service and its layer store",
    stage: Stage::Preflight,
    needs: &[&crate::registry::registry_push::CHECK, &crate::cluster::node_takes_pods::CHECK],
    uses: &[&pod::START, &pod::PULL_HOSTS],
    deadline: Duration::from_secs(240),
    findings: &[&UNRESOLVABLE, &FILTERED, &PROXIED, &TLS, &PUBLIC_INSTEAD_OF_INTERNAL],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachNode(|context, pod| Box::pin(judge(context, pod))),
};

async fn judge(context: &Context, pod: &dyn Pod) -> Judgement {
    if let Some(image) = context.config().cluster.as_ref().and_then(|cluster| cluster.probe_image.as_deref()) {
        let reason = format!("nothing is pulled: {image} is already on the nodes according to `probe_image`");
        return Ok(Verdict::NotApplicable(reason.into()));
    }
    let finding = match pod.start().await? {
        PodStart::NotPulled(failure) => blame::blame(pod.node(), &failure),
        PodStart::Running => public(pod).await,
        PodStart::OtherNotPulled { own_pulled: true, .. } | PodStart::WrongPlatform { .. } => None,
        other => {
            let why = format!("the pod did not get that far: {other}");
            return Err(Unseen::unreadable(format!("the pull on {}", pod.node()), why));
        }
    };
    Ok(finding.map_or(Verdict::Pass, Finding::verdict))
}

/// A registry that is asked at its internal address, and a host of it that resolves to a public one. The pull went
/// through all the same; where the names cannot be asked for, that is all there is to say.
async fn public(pod: &dyn Pod) -> Option<Finding> {
    let hosts = pod.pull_hosts().await.ok()?;
    let registry = hosts.iter().find(|host| host.is == RegistryHost::Registry)?;
    // At a public address everything is public; registry-url says so of ACR.
    let internal = is_internal(&registry.name) || {
        !registry.addresses.is_empty() && alibaba::public(pod, &registry.addresses).await.is_empty()
    };
    for host in hosts.iter().filter(|_| internal) {
        let public = alibaba::public(pod, &host.addresses).await;
        if !public.is_empty() {
            let answer = alibaba::list(&public);
            let seen = format!("{}, {}, resolves to {answer} for pods on {}", host.is, host.name, pod.node());
            let finding = PUBLIC_INSTEAD_OF_INTERNAL.found(seen).with("node", pod.node()).with("answer", answer);
            let finding = finding.with("registry_host", &registry.name);
            return Some(finding.with("host", &host.name).with("role", host.is.to_string()));
        }
    }
    None
}
