//! The account is allowed to create what DSS creates (HOWTO 2.1: "appropriate access to the cluster").

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::right::KubernetesRight;
use ackcheck_core::seat::Cluster;
use ackcheck_core::verdict::{Code, Judgement, Verdict};

use super::rights::{for_every_job, for_managed_accounts, lacking};

mod trials;

static MISSING_RIGHT: Code = Code::fail("missing-right", "the account lacks permissions that every DSS job needs");
static MISSING_MANAGED_RIGHT: Code = Code::warn(
    "missing-managed-right",
    "the account is not allowed to create service accounts, roles or namespaces for DSS",
);

pub(crate) static CHECK: Check = Check {
    id: "cluster-rights",
    title: "The account is allowed to create what DSS creates",
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
    for (code, wanted) in
        [(&MISSING_RIGHT, for_every_job(&namespaces)), (&MISSING_MANAGED_RIGHT, for_managed_accounts(&namespaces))]
    {
        let granted = cluster.may(&wanted).await?;
        let missing: Vec<KubernetesRight> =
            wanted.iter().zip(&granted).filter(|(_, granted)| !**granted).map(|(right, _)| right.clone()).collect();
        if !missing.is_empty() {
            return Ok(lacking(code, &wanted, &missing, cluster).await.into());
        }
    }
    Ok(Verdict::Pass)
}
