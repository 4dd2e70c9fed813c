//! The pull secrets of DSS's pods do not expire while DSS works: nodes pull again whenever a pod starts on a node that does
//! not have the image. ACR's temporary passwords last for an hour, and other registries give tokens that end as well.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::cluster::pull_secrets::{AskedSecrets, PULL_SECRETS};
use ackcheck_core::seat::{Cluster, Seen};
use ackcheck_core::verdict::{Code, Finding, Judgement, Verdict};

mod lasting;
mod pods;
mod trials;

use lasting::{Lasts, Secrets};
use pods::PodPulls;

static EXPIRED: Code = Code::fail("expired", "the login in the pull secret of DSS's pods has expired");
static EXPIRES_SOON: Code = Code::warn("expires-soon", "the login in the pull secret of DSS's pods expires soon");

pub(crate) static CHECK: Check = Check {
    id: "pull-secret-lasts",
    title: "The pull secrets of DSS's pods do not expire under the workload",
    stage: Stage::Acceptance,
    needs: &[&crate::cluster::cluster_answers::CHECK],
    uses: &[&PULL_SECRETS],
    deadline: Duration::from_secs(90),
    findings: &[&EXPIRED, &EXPIRES_SOON],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachNamespace(|context, cluster, namespace| Box::pin(judge(context, cluster, namespace))),
};

/// How many days before its end a login is worth a warning.
const SOON: i64 = 14;

async fn judge(context: &Context, cluster: &dyn Cluster, namespace: &str) -> Judgement {
    let pods = pods::of_namespace(context, cluster, namespace).await?;
    let names: Vec<String> = distinct(pods.iter().filter_map(|pod| pod.secret.clone()));
    let accounts: Vec<String> = distinct(pods.iter().filter(|pod| pod.secret.is_none()).map(|pod| pod.account.clone()));
    let asked = AskedSecrets { namespace, names: &names, accounts: &accounts };
    let secrets = Secrets::new(cluster.pull_secrets(asked).await?, namespace);
    let (mut found, mut unclear) = (Vec::new(), None);
    for pod in &pods {
        match judge_pod(context, pod, &secrets) {
            Ok(finding) => found.extend(finding.map(|finding| described(finding, pod, namespace))),
            Err(why) => unclear = unclear.or(Some(why)),
        }
    }
    match (Finding::gravest(found), unclear) {
        (Some(finding), _) => Ok(finding.into()),
        (None, Some(unclear)) => Err(unclear),
        (None, None) => Ok(Verdict::Pass),
    }
}

/// What is wrong with the logins that the kubelet has for a pod's image: it tries one after the other, so that the one that
/// lasts longest counts. Where it has none for the image there is nothing that could end; registry-pull says what is.
fn judge_pod(context: &Context, pod: &PodPulls, secrets: &Secrets) -> Seen<Option<Finding>> {
    let Some(longest) = secrets.longest_for(pod) else { return Ok(None) };
    let (secret, login) = (longest.secret, longest.login);
    let of = format!("the pull secret {secret} of {} has a login for {} as {}", pod.of, login.location, login.username);
    let finding = match longest.lasts {
        Lasts::Forever => return Ok(None),
        Lasts::Until(end) if end <= context.now() => EXPIRED.found(format!("{of}, which expired at {end}")),
        Lasts::Until(end) if (end - context.now()).get_seconds() > SOON * 86_400 => return Ok(None),
        Lasts::Until(_) | Lasts::AnHour if longest.may_be_renewed => match secrets.renewed(pod)? {
            true => return Ok(None),
            false => soon(&longest.lasts, &of),
        },
        ref lasts => soon(lasts, &of),
    };
    Ok(Some(finding.with("secret", secret).with("location", login.location.as_str())))
}

fn soon(lasts: &Lasts, of: &str) -> Finding {
    EXPIRES_SOON.found(match lasts {
        Lasts::Until(end) => format!("{of}, which expires at {end}, within {SOON} days"),
        _ => format!("{of}, whose passwords last for an hour"),
    })
}

fn described(finding: Finding, pod: &PodPulls, namespace: &str) -> Finding {
    finding.with("of", pod.of.as_str()).with("pod_namespace", namespace)
}

fn distinct(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut all: Vec<String> = names.collect();
    all.sort();
    all.dedup();
    all
}
