//! Packets from pods to the DSS host do what the cloud's rules say of them, on every TCP port. Packets are the truth, the
//! rules are the explanation: where they differ, something else is on the way, or the rules are not what they seem.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::{Pod, Ports, cloud, cluster, host, pod};
use ackcheck_core::verdict::{Code, Finding, Judgement, Verdict};

mod advice;
pub(crate) mod comparison;
mod findings;
mod host_firewall;
mod policies;
mod trials;
mod walk;

use comparison::{Compared, compare};

static HOST_FIREWALL: Code =
    Code::fail("host-firewall", "the cloud's rules allow the ports, and the firewall of the DSS host closes them");
static NETWORK_POLICY: Code =
    Code::fail("network-policy", "the cloud's rules allow the ports, and a network policy of the pods does not");
static POLICY_DENIES: Code = Code::fail(
    "policy-denies",
    "the cloud's rules allow the ports, and a rule of a network policy denies them, whatever others allow",
);
static UNKNOWN_HOP: Code = Code::fail(
    "unknown-hop",
    "packets are lost that the cloud's rules allow, and nothing that could be read drops them",
);
static OPEN_AGAINST_RULES: Code =
    Code::warn("open-against-rules", "packets arrive that the cloud's rules drop, as ackcheck reads them");

pub(crate) static CHECK: Check = Check {
    id: "prediction-agrees",
    title: "Packets from pods do what the cloud's rules say of them, on every TCP port",
    stage: Stage::Preflight,
    needs: &[&super::same_vpc::CHECK, &super::dss_name_resolves::CHECK],
    uses: &[
        &pod::ASK,
        &pod::SWEEP,
        &pod::EGRESS_POLICIES,
        &cluster::LIST_NODES,
        &cloud::CLUSTER_NETWORK,
        &cloud::HOST_INSTANCE,
        &cloud::SECURITY_GROUPS,
        &cloud::NETWORK_ACLS,
        &cloud::ROUTE_TABLE,
        &host::FIREWALL,
    ],
    deadline: Duration::from_secs(600),
    findings: &[&NETWORK_POLICY, &POLICY_DENIES, &HOST_FIREWALL, &UNKNOWN_HOP, &OPEN_AGAINST_RULES],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachNode(|context, pod| Box::pin(judge(context, pod))),
};

async fn judge(context: &Context, pod: &dyn Pod) -> Judgement {
    let host = pod.dss_host().await?;
    let address = super::called::address(pod, &host).await?;
    let swept = pod.sweep(address, Ports::ALL).await?;
    let required = super::called::ports(context, host.backend_port).await?;
    let comparison = match compare(context, pod, address, &swept).await? {
        Compared::Made(comparison) => comparison.of(&required),
        Compared::NoRules(why) => return Ok(Verdict::NotApplicable(why.into())),
    };
    let to = address.to_string();
    let found = findings::of(&comparison, &pod.namespace(), &to);
    let seen = |mut finding: Finding| {
        finding.seen = format!("{to} from {}: {}", pod.node(), finding.seen);
        let finding = finding.with("node", pod.node()).with("address", to.as_str());
        finding.with("pods_namespace", pod.namespace())
    };
    Ok(Finding::gravest(found).map_or(Verdict::Pass, |found| seen(found).into()))
}
