//! Cluster DNS answers pods on the node. Which names it knows, other checks ask.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::{NameAnswer, Pod, pod};
use ackcheck_core::verdict::{Code, Judgement, Verdict};

mod trials;

static NO_ANSWER: Code = Code::fail("no-answer", "cluster DNS does not answer pods on the node");

/// Every cluster has this name, whatever its domain, because the search list completes it. "No such name" is an answer
/// too.
const KNOWN_TO_ALL: &str = "kubernetes.default.svc";

pub(crate) static CHECK: Check = Check {
    id: "cluster-dns",
    title: "Cluster DNS answers pods on the node",
    stage: Stage::Preflight,
    needs: &[&crate::registry::registry_pull::CHECK],
    uses: &[&pod::ASK],
    deadline: Duration::from_secs(240),
    findings: &[&NO_ANSWER],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachNode(|context, pod| Box::pin(judge(context, pod))),
};

async fn judge(_: &Context, pod: &dyn Pod) -> Judgement {
    match pod.resolve(KNOWN_TO_ALL).await? {
        NameAnswer::Addresses(_) | NameAnswer::NoSuchName { .. } => Ok(Verdict::Pass),
        NameAnswer::NoServer { said } => {
            let finding = NO_ANSWER.found(format!("{}: {KNOWN_TO_ALL}: {said}", pod.node()));
            Ok(finding.with("node", pod.node()).with("said", said).into())
        }
    }
}
