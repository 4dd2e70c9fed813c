//! The cluster's API answers the kubeconfig that DSS uses (HOWTO 2.1, 4).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::cluster::ApiAnswer;
use ackcheck_core::seat::{Cluster, NoReply};
use ackcheck_core::verdict::{Code, Finding, Judgement, Verdict};

mod trials;

static UNREACHABLE: Code = Code::fail("unreachable", "nothing answers as a Kubernetes API at the kubeconfig's server");
static TLS: Code = Code::fail("tls", "the server's certificate is not one the kubeconfig trusts");
static UNAUTHORIZED: Code = Code::fail("unauthorized", "the API does not accept the kubeconfig's credentials");
static CONTEXT_MISSING: Code = Code::fail("context-missing", "the kubeconfig has no such context");
static KUBECONFIG_UNUSABLE: Code = Code::fail("kubeconfig-unusable", "the kubeconfig leads to no cluster");

pub(crate) static CHECK: Check = Check {
    id: "cluster-answers",
    title: "The cluster's API answers this kubeconfig",
    stage: Stage::Preflight,
    needs: &[],
    uses: &[],
    deadline: Duration::from_secs(60),
    findings: &[&UNREACHABLE, &TLS, &UNAUTHORIZED, &CONTEXT_MISSING, &KUBECONFIG_UNUSABLE],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Cluster(|context, cluster| Box::pin(judge(context, cluster))),
};

async fn judge(_: &Context, cluster: &dyn Cluster) -> Judgement {
    let server = cluster.server();
    let finding = match cluster.version().await? {
        Ok(ApiAnswer::Version(_)) => return Ok(Verdict::Pass),
        Ok(answer) => answered(&server, answer),
        Err(NoReply::Tls { said }) => TLS.found(format!("{server}: {said}")).with("said", said),
        Err(why) => UNREACHABLE.found(format!("{server}: {why}")).with("said", why.to_string()),
    };
    // For `openssl s_client` and `nc`, which take no URL.
    let address = server.split("://").last().unwrap_or(&server).trim_end_matches('/');
    let address = address.split('/').next().unwrap_or(address).to_owned();
    let address = if address.contains(':') { address } else { format!("{address}:443") };
    let (host, port) = address.rsplit_once(':').unwrap_or((&address, "443"));
    let (host, port) = (host.to_owned(), port.to_owned());
    Ok(finding.with("server", server).with("address", address).with("server_host", host).with("port", port).into())
}

fn answered(server: &str, answer: ApiAnswer) -> Finding {
    match answer {
        ApiAnswer::Unauthorized { status, said } => {
            UNAUTHORIZED.found(format!("{server} answered {status}: {said}")).with("said", said)
        }
        ApiAnswer::ContextMissing { wanted, have } => {
            let wanted = if wanted.is_empty() { "(no current-context is set)".to_owned() } else { wanted };
            let have = if have.is_empty() { "none".to_owned() } else { have.join(", ") };
            let seen = format!("the kubeconfig has no context {wanted}; it has {have}");
            CONTEXT_MISSING.found(seen).with("wanted", wanted).with("have", have)
        }
        ApiAnswer::KubeconfigUnusable { why } => KUBECONFIG_UNUSABLE.found(why.clone()).with("why", why),
        ApiAnswer::Other { status, said } => {
            UNREACHABLE.found(format!("{server} answered {status}: {said}")).with("said", format!("{status} {said}"))
        }
        ApiAnswer::Version(version) => UNREACHABLE.found(version.clone()).with("said", version),
    }
}
