//! At least one node takes each kind of pod that DSS starts: with DSS's own node selectors, tolerations and requests, as
//! admission leaves them. What other pods take of a node is not counted. Where DSS's settings are not described, the pod
//! is one that tolerates nothing and requests little.

use std::collections::BTreeSet;
use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::cluster::Node;
use ackcheck_core::seat::cluster::admission::{Admission, Trial};
use ackcheck_core::seat::cluster::scheduling::Placement;
use ackcheck_core::seat::dss::pods::PodOfDss;
use ackcheck_core::seat::{Cluster, cluster};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

use super::pods_of_dss::{self, pods_of_dss, site_repository};

mod fit;
mod trials;

static ALL_TAINTED: Code =
    Code::fail("all-tainted", "every node that DSS's pods could run on has a taint that they do not tolerate");
static SELECTOR_MATCHES_NONE: Code =
    Code::fail("selector-matches-none", "the node selector of DSS's pods does not match any node");
static PRESSURE: Code =
    Code::fail("pressure", "every node that could take DSS's pods is short of memory, disk or processes");
static TOO_BIG: Code = Code::fail("too-big-for-any-node", "DSS's pods request more than any node offers");
static TAINTED: Code = Code::warn("tainted", "some nodes have a taint that DSS's pods do not tolerate");

pub(crate) static CHECK: Check = Check {
    id: "dss-pods-schedulable",
    title: "At least one node takes the pods that DSS starts",
    stage: Stage::Preflight,
    needs: &[&super::cluster_answers::CHECK, &super::dss_pod_admitted::CHECK],
    uses: &[&cluster::LIST_NODES, &cluster::DRY_RUN],
    deadline: Duration::from_secs(240),
    findings: &[&ALL_TAINTED, &SELECTOR_MATCHES_NONE, &PRESSURE, &TOO_BIG, &TAINTED],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Cluster(|context, cluster| Box::pin(judge(context, cluster))),
};

async fn judge(context: &Context, cluster: &dyn Cluster) -> Judgement {
    let all = cluster.nodes().await?;
    let open: Vec<&Node> = all.iter().filter(|node| node.ready && !node.cordoned).collect();
    if open.is_empty() && all.iter().any(|node| !node.ready && node.spared.is_none()) {
        return Ok(Verdict::NotApplicable("no node is ready, which nodes-ready judges".into()));
    }
    if open.is_empty() {
        let why = "no node is ready and not cordoned, so that no pod at all can be placed";
        return Err(Unseen::unreadable("where pods of DSS can be placed", why));
    }
    let mut pods = pods_of_dss(context).await?;
    if pods.is_empty() {
        pods = PodOfDss::with_nothing_set();
    }
    let mut findings: Vec<Finding> = Vec::new();
    let (pods, untried) = pods_of_dss::tried(&pods);
    let mut unclear: Vec<String> = Vec::new();
    let mut tried: Vec<(Placement, &PodOfDss)> = Vec::new();
    for pod in pods {
        if !pod.settings.unclear.is_empty() {
            unclear.push(format!("{}: {}", pod.of, pod.settings.unclear.join(", ")));
            continue;
        }
        if tried.iter().any(|(_, known)| known.settings == pod.settings && known.namespace == pod.namespace) {
            continue;
        }
        let placement = admitted(context, cluster, pod).await;
        findings.extend(fit::misfit(&open, pod, &placement));
        tried.push((placement, pod));
    }
    let placements: Vec<&Placement> = tried.iter().map(|(placement, _)| placement).collect();
    if findings.is_empty() && unclear.is_empty() && untried.is_none() {
        findings.extend(fit::closed_pools(&open, &placements));
    }
    match (Finding::gravest(findings), unclear.is_empty()) {
        (Some(finding), _) => Ok(finding.into()),
        (None, true) => untried.map_or(Ok(Verdict::Pass), Err),
        (None, false) => Err(Unseen::unreadable("where pods of DSS can be placed", unclear.join("; "))),
    }
}

/// What admission makes of the pod; where that cannot be asked, the pod as DSS's settings have it.
async fn admitted(context: &Context, cluster: &dyn Cluster, pod: &PodOfDss) -> Placement {
    let own = pod.settings.placement.clone();
    let Some(namespace) = pod.namespace.clone().or_else(|| cluster.namespaces().first().cloned()) else { return own };
    let image = pod.image(site_repository(context));
    match cluster.dry_run(Trial { namespace: &namespace, pod, image: &image, confined: false }).await {
        Ok(Admission::Admitted(admitted)) => admitted.placement,
        _ => own,
    }
}

/// Texts without repetition, in order.
fn listed<'a>(all: impl Iterator<Item = &'a str>) -> String {
    all.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", ")
}
