//! The account is allowed to create pods in the namespace where the probes run. This is separate from
//! [`super::cluster_rights`], on which no check depends: with too few permissions for DSS, pods can still find out what
//! else is wrong.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::right::{KubernetesRight, Scope};
use ackcheck_core::seat::{Cluster, cluster};
use ackcheck_core::verdict::{Code, Judgement, Verdict};

use super::rights::{for_every_job, lacking};

mod trials;

static MISSING_RIGHT: Code = Code::fail("missing-right", "the account is not allowed to create pods");

pub(crate) static CHECK: Check = Check {
    id: "pods-allowed",
    title: "The account is allowed to create pods in the namespace",
    stage: Stage::Preflight,
    needs: &[&super::cluster_answers::CHECK],
    uses: &[&cluster::CREATE_PODS],
    deadline: Duration::from_secs(90),
    findings: &[&MISSING_RIGHT],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Cluster(|context, cluster| Box::pin(judge(context, cluster))),
};

async fn judge(_: &Context, cluster: &dyn Cluster) -> Judgement {
    let namespace = cluster.namespaces().swap_remove(0);
    let scope = Scope::Namespace(namespace.clone().into());
    let create = [KubernetesRight { scope, group: "", resource: "pods", name: None, verb: "create" }];
    if cluster.may(&create).await? == [true] {
        return Ok(Verdict::Pass);
    }
    // An account that cannot create pods needs the other permissions as well.
    let wanted = for_every_job(&[namespace]);
    Ok(lacking(&MISSING_RIGHT, &wanted, &create, cluster).await.into())
}
