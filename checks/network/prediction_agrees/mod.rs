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
mod host_firewall;
mod policies;
mod trials;

use comparison::{Compared, Comparison, compare};
use host_firewall::Dropped;

static HOST_FIREWALL: Code =
    Code::fail("host-firewall", "the cloud's rules allow the ports, and the firewall of the DSS host closes them");
static NETWORK_POLICY: Code = Code::fail(
    "network-policy",
    "the cloud's rules allow the ports, and a network policy of the pods' namespace does not",
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
    findings: &[&NETWORK_POLICY, &HOST_FIREWALL, &UNKNOWN_HOP, &OPEN_AGAINST_RULES],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachNode(|context, pod| Box::pin(judge(context, pod))),
};

/// At most this many ranges or rules are named in a finding.
const MOST_NAMED: usize = 6;

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
    let findings =
        [by_policy(&comparison, pod, &to), by_firewall(&comparison), unknown(&comparison), against(&comparison)];
    let seen = |mut finding: Finding| {
        finding.seen = format!("{to} from {}: {}", pod.node(), finding.seen);
        let finding = finding.with("node", pod.node()).with("address", to.as_str());
        finding.with("pods_namespace", pod.namespace())
    };
    Ok(Finding::gravest(findings.into_iter().flatten().collect()).map_or(Verdict::Pass, |found| seen(found).into()))
}

fn by_policy(comparison: &Comparison, pod: &dyn Pod, to: &str) -> Option<Finding> {
    let denied = comparison.by_policy.as_ref()?;
    let ports = in_words(denied.ports.iter().map(ToString::to_string));
    let names = in_words(denied.policies.iter().map(|policy| policy.name.clone()));
    let seen = format!("no network policy that selects the pods allows them: {ports} (selected by {names})");
    let allow = advice::allow(&denied.policies, &pod.namespace(), to);
    Some(NETWORK_POLICY.found(seen).with("ports", ports).with("policies", names).with("allow", allow))
}

fn by_firewall(comparison: &Comparison) -> Option<Finding> {
    let first = comparison.by_firewall.first()?;
    let named = |dropped: &Dropped| format!("{} by {}", dropped.ports, dropped.rule);
    let ports = in_words(comparison.by_firewall.iter().map(|dropped| dropped.ports.to_string()));
    let seen = format!("closed on the DSS host: {}", in_words(comparison.by_firewall.iter().map(named)));
    let finding = HOST_FIREWALL.found(seen).with("ports", ports).with("rule", first.rule.as_str());
    Some(finding.with("open", advice::open(&comparison.by_firewall, &comparison.senders)))
}

fn unknown(comparison: &Comparison) -> Option<Finding> {
    let first = comparison.unexplained.first()?;
    let ports = in_words(comparison.unexplained.iter().map(ToString::to_string));
    let firewall = comparison.firewall.clone().unwrap_or_default();
    let seen = format!("lost although the rules allow them: {ports}; {firewall}");
    let port = first.first().to_string();
    Some(UNKNOWN_HOP.found(seen).with("ports", ports).with("firewall", firewall).with("port", port))
}

fn against(comparison: &Comparison) -> Option<Finding> {
    let named = comparison.against.iter().map(|closing| format!("{} ({})", closing.ports, closing.why));
    let seen = in_words(named);
    (!seen.is_empty()).then(|| OPEN_AGAINST_RULES.found(format!("arrived although the rules close them: {seen}")))
}

/// The first few of a list, and how many more there are.
fn in_words(all: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = all.collect();
    match all.len().checked_sub(MOST_NAMED) {
        None | Some(0) => all.join(", "),
        Some(more) => format!("{} and {more} more", all[..MOST_NAMED].join(", ")),
    }
}
