//! The account may create what DSS creates (HOWTO 2.1: "appropriate access to the cluster").

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Cluster;
use ackcheck_core::seat::cluster::Right;
use ackcheck_core::verdict::{Code, Finding, Judgement, Verdict};

pub(super) mod needed;
mod trials;

static MISSING_RIGHT: Code = Code::fail("missing-right", "the account may not do what every job of DSS needs");
static MISSING_MANAGED_RIGHT: Code = Code::warn(
    "missing-managed-right",
    "the account may not make service accounts, roles or namespaces, so DSS cannot manage them",
);

pub(crate) static CHECK: Check = Check {
    id: "cluster-rights",
    title: "The account may create what DSS creates",
    stage: Stage::Preflight,
    needs: &[&super::pods_allowed::CHECK],
    uses: &[],
    deadline: Duration::from_secs(90),
    findings: &[&MISSING_RIGHT, &MISSING_MANAGED_RIGHT],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Cluster(|context, cluster| Box::pin(judge(context, cluster))),
};

async fn judge(_: &Context, cluster: &dyn Cluster) -> Judgement {
    let namespaces = cluster.namespaces();
    for (code, wanted) in [
        (&MISSING_RIGHT, needed::for_every_job(&namespaces)),
        (&MISSING_MANAGED_RIGHT, needed::for_managed_accounts(&namespaces)),
    ] {
        let granted = cluster.may(&wanted).await?;
        let missing: Vec<Right> =
            wanted.iter().zip(&granted).filter(|(_, granted)| !**granted).map(|(right, _)| right.clone()).collect();
        if !missing.is_empty() {
            return Ok(lacking(code, &wanted, &missing, cluster).await.into());
        }
    }
    Ok(Verdict::Pass)
}

/// That `missing` of what is `wanted` is not granted, with the roles that would grant it.
pub(super) async fn lacking(
    code: &'static Code,
    wanted: &[Right],
    missing: &[Right],
    cluster: &dyn Cluster,
) -> Finding {
    // Before Kubernetes 1.27 the API does not tell it; the role is then to be filled in by hand.
    let account = cluster.account().await.unwrap_or_else(|_| "NAME_OF_THE_ACCOUNT".to_owned());
    let words = needed::words(missing);
    let first = &missing[0];
    let scope = match first.namespace.as_str() {
        "" => "--all-namespaces".to_owned(),
        namespace => format!("--namespace={namespace}"),
    };
    let (resource, below) = first.resource.split_once('/').unwrap_or((first.resource, ""));
    let group = if first.group.is_empty() { String::new() } else { format!(".{}", first.group) };
    code.found(format!("{account} may not {words}"))
        .with("roles", needed::roles(wanted, missing, &account))
        .with("account", account)
        .with("missing", words)
        .with("verb", first.verb)
        .with("resource", format!("{resource}{group}"))
        .with("subresource", below)
        .with("scope", scope)
}
