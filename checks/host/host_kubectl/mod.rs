//! The kubectl that DSS calls is on the host and gets into the cluster with the kubeconfig that DSS uses (HOWTO 2.1, 4).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Host;
use ackcheck_core::seat::cluster::ApiAnswer;
use ackcheck_core::seat::host::{KUBECTL, Kubectl, Reached};
use ackcheck_core::verdict::{Code, Judgement, Unseen, Verdict};

use crate::cluster::cluster_answers;

mod skew;
mod trials;

static MISSING: Code = Code::fail("missing", "the kubectl command is not on the path of the account");
static NOT_KUBECTL: Code = Code::fail("not-kubectl", "the kubectl command is not kubectl, or prints more than kubectl");
static REFUSED: Code = Code::fail("refused", "kubectl does not get into the cluster with the kubeconfig");
static VERSION_SKEW: Code = Code::warn("version-skew", "kubectl and the cluster are more than one minor version apart");

pub(crate) static CHECK: Check = Check {
    id: "host-kubectl",
    title: "The host's kubectl gets into the cluster as DSS calls it",
    stage: Stage::Preflight,
    // Where ackcheck itself does not get in, that check says why, and asks kubectl before it blames anybody.
    needs: &[&cluster_answers::CHECK],
    uses: &[&KUBECTL],
    deadline: Duration::from_secs(90),
    findings: &[&MISSING, &NOT_KUBECTL, &REFUSED, &VERSION_SKEW],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Host(|context, host| Box::pin(judge(context, host))),
};

async fn judge(context: &Context, host: &dyn Host) -> Judgement {
    let (client, reached) = match host.kubectl().await? {
        Kubectl::Missing => return Ok(MISSING.found("the kubectl command is not on the path").into()),
        Kubectl::Other { said } => {
            let seen = format!("`kubectl version --client -o json` does not print a version of kubectl: {said}");
            return Ok(NOT_KUBECTL.found(seen).with("said", said).into());
        }
        Kubectl::Is { client, cluster } => (client, cluster),
    };
    let server = match reached {
        Reached::Refused { said } => {
            // The cluster may have gone since it answered ackcheck.
            let Ok(ApiAnswer::Version(_)) = context.cluster()?.version().await? else {
                let why = format!("kubectl does not get in ({said}), and ackcheck does no longer either");
                return Err(Unseen::unreadable("the Kubernetes API", why));
            };
            let seen = format!("kubectl {client} does not get in, although ackcheck does: {said}");
            return Ok(REFUSED.found(seen).with("said", said).into());
        }
        Reached::In { server } => server,
    };
    let Some(server) = server.filter(|server| skew::too_far(&client, server)) else { return Ok(Verdict::Pass) };
    let wanted = skew::minor_of(&server);
    let seen = format!("kubectl is {client} and the cluster is {server}: one minor version apart is supported");
    let finding = VERSION_SKEW.found(seen).with("client", client).with("server", server);
    Ok(finding.with("wanted", wanted).into())
}
