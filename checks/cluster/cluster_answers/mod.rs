//! The Kubernetes API answers and accepts the kubeconfig that DSS uses (HOWTO 2.1, 4).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::cluster::{ApiAnswer, Ending};
use ackcheck_core::seat::host::{Kubectl, Reached};
use ackcheck_core::seat::{Cluster, NoReply};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

mod trials;

static UNREACHABLE: Code = Code::fail("unreachable", "no Kubernetes API answers at the server in the kubeconfig");
static TLS: Code = Code::fail("tls", "the kubeconfig does not trust the server's certificate");
static UNAUTHORIZED: Code = Code::fail("unauthorized", "the API rejects the credentials in the kubeconfig");
static CONTEXT_MISSING: Code = Code::fail("context-missing", "the kubeconfig does not have the context");
static KUBECONFIG_UNUSABLE: Code = Code::fail("kubeconfig-unusable", "the kubeconfig cannot be used");

static EXPIRED: Code = Code::fail("expired", "the credentials or the authority in the kubeconfig have expired");
static EXPIRES_SOON: Code =
    Code::warn("expires-soon", "the credentials or the authority in the kubeconfig expire soon");

/// How many days before its end something is worth a warning.
const SOON: i64 = 7;

pub(crate) static CHECK: Check = Check {
    id: "cluster-answers",
    title: "The Kubernetes API answers and accepts the kubeconfig",
    stage: Stage::Preflight,
    needs: &[],
    uses: &[],
    deadline: Duration::from_secs(120),
    findings: &[&UNREACHABLE, &TLS, &UNAUTHORIZED, &CONTEXT_MISSING, &KUBECONFIG_UNUSABLE, &EXPIRED, &EXPIRES_SOON],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Cluster(|context, cluster| Box::pin(judge(context, cluster))),
};

async fn judge(context: &Context, cluster: &dyn Cluster) -> Judgement {
    match judge_ours(cluster).await? {
        Verdict::Pass => Ok(ends_soon(cluster).await),
        Verdict::Fail(finding) if kubectl_is_let_in(context).await => {
            let why = format!("ackcheck itself does not get in, although kubectl of this host does: {}", finding.seen);
            Err(Unseen::unreadable("the Kubernetes API", why))
        }
        Verdict::Fail(finding) => Ok(by_its_dates(cluster, finding).await.into()),
        other => Ok(other),
    }
}

/// Names what has expired, where that is why the server was refused, or refused.
async fn by_its_dates(cluster: &dyn Cluster, finding: Finding) -> Finding {
    let concerned: &[Ending] = match finding.code.name {
        name if name == UNAUTHORIZED.name => &[Ending::Token, Ending::ClientCertificate],
        name if name == TLS.name => &[Ending::Authority],
        _ => return finding,
    };
    let Ok(lifetimes) = cluster.lifetimes().await else { return finding };
    let Some(ended) = lifetimes.ended(concerned) else { return finding };
    let clock = if lifetimes.by_server { "the server's" } else { "this host's" };
    let seen = format!("{}; {} expired at {} by {clock} clock", finding.seen, ended.of, ended.moment());
    let mut expired = EXPIRED.found(seen).with("what", ended.of.to_string()).with("ended", ended.moment());
    expired.facts.extend(finding.facts);
    expired
}

async fn ends_soon(cluster: &dyn Cluster) -> Verdict {
    let Ok(lifetimes) = cluster.lifetimes().await else { return Verdict::Pass };
    let Some(next) = lifetimes.ends_within(SOON) else { return Verdict::Pass };
    let finding = EXPIRES_SOON.found(format!("{next}, within {SOON} days"));
    finding.with("what", next.of.to_string()).with("ended", next.moment()).into()
}

/// DSS goes by what kubectl does. Where that cannot be asked, nobody contradicts.
async fn kubectl_is_let_in(context: &Context) -> bool {
    let Ok(host) = context.host() else { return false };
    matches!(host.kubectl().await, Ok(Kubectl::Is { cluster: Reached::In { .. }, .. }))
}

/// How the API answers ackcheck's own client.
async fn judge_ours(cluster: &dyn Cluster) -> Judgement {
    let server = cluster.server();
    let finding = match cluster.version().await? {
        Ok(ApiAnswer::Version(_)) => return Ok(Verdict::Pass),
        Ok(answer) => answered(&server, answer),
        Err(NoReply::Tls { said }) => TLS.found(format!("{server}: {said}")).with("said", said),
        Err(why) => UNREACHABLE.found(format!("{server}: {why}")).with("said", why.to_string()),
    };
    // For `openssl s_client` and `nc`, which do not accept a URL.
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
            let seen = format!("the kubeconfig does not have the context {wanted}; it has {have}");
            CONTEXT_MISSING.found(seen).with("wanted", wanted).with("have", have)
        }
        ApiAnswer::KubeconfigUnusable { why } => KUBECONFIG_UNUSABLE.found(why.clone()).with("why", why),
        ApiAnswer::Other { status, said } => {
            UNREACHABLE.found(format!("{server} answered {status}: {said}")).with("said", format!("{status} {said}"))
        }
        ApiAnswer::Version(version) => UNREACHABLE.found(version.clone()).with("said", version),
    }
}
