//! Each Spark configuration of DSS can start executors on Kubernetes, more than one job at once, with the connections'
//! own settings (HOWTO 2.2), and so it can with what recipes and models of projects change of it. Only text is read.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Dss;
use ackcheck_core::seat::dss::containers::Configuration;
use ackcheck_core::seat::dss::recipes::SparkChanges;
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

mod changed;
mod overrides;
mod text;
mod trials;
mod values;

use super::{of_spark, unknown};
use text::of_text;

static CLUSTER_MODE: Code =
    Code::fail("cluster-mode", "Spark's driver does not run on the DSS host: the deploy mode is not client");
static MASTER_MALFORMED: Code = Code::fail("master-malformed", "spark.master is not the address of a cluster");
static NO_IMAGE: Code = Code::fail("no-image", "nobody names the image of Spark's executors");
static OVERRIDES_CONNECTION: Code =
    Code::fail("overrides-connection", "Spark overrides a setting that the connection to OSS has");
static VALUE_REFUSED: Code = Code::fail("value-refused", "Spark does not start with the value of a property");
static NO_SHUFFLE_SERVICE: Code =
    Code::fail("no-shuffle-service", "executors look for an external shuffle service, which pods do not have");
static LOCAL_MASTER: Code = Code::warn("local-master", "Spark runs on the DSS host alone instead of on the cluster");
static OTHER_MASTER: Code =
    Code::warn("other-master", "Spark runs on another cluster manager, although DSS is to run it on Kubernetes");
static SECRET_IN_CLEAR: Code = Code::warn("secret-in-clear", "a Spark configuration holds a secret in clear");
static ONE_JOB: Code =
    Code::warn("one-job-at-a-time", "a fixed port without retries lets only one Spark job run at a time");

pub(crate) static CHECK: Check = Check {
    id: "spark-conf",
    title: "Every Spark configuration of DSS can run jobs on the cluster",
    stage: Stage::Acceptance,
    needs: &[],
    uses: &[],
    deadline: Duration::from_secs(30),
    findings: &[
        &CLUSTER_MODE,
        &MASTER_MALFORMED,
        &NO_IMAGE,
        &OVERRIDES_CONNECTION,
        &VALUE_REFUSED,
        &NO_SHUFFLE_SERVICE,
        &LOCAL_MASTER,
        &OTHER_MASTER,
        &SECRET_IN_CLEAR,
        &ONE_JOB,
    ],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Dss(|context, dss| Box::pin(judge(context, dss))),
};

async fn judge(_: &Context, dss: &dyn Dss) -> Judgement {
    let found = dss.configurations().await?;
    if of_spark(&found).next().is_none() {
        return Ok(Verdict::NotApplicable("DSS has no Spark configuration in use".into()));
    }
    let connections = dss.connections().await;
    let changes = match dss.spark_changes().await {
        // Only the data directory has them.
        Err(Unseen::NotDescribed(_)) => Ok(SparkChanges::default()),
        other => other,
    };
    let known = connections.as_deref().unwrap_or_default();
    let mut findings = Vec::new();
    for one in of_spark(&found) {
        let own = [of_text(one, &found), overrides::of(one, known)].concat();
        findings.extend(own.into_iter().map(|finding| described(finding, &one.name, in_settings(one))));
    }
    for change in changes.iter().flat_map(|changes| &changes.list) {
        findings.extend(changed::judge(change, &found, known));
    }
    if let Some(gravest) = Finding::gravest(findings) {
        return Ok(gravest.into());
    }
    if let Some(unknown) = of_spark(&found).find_map(|one| unknown(one, &found)) {
        return Err(unknown);
    }
    // What could not be compared is not the same, and what was not read may be anything.
    connections?;
    match changes?.more {
        Some(more) => Err(Unseen::unreadable("the Spark settings of recipes", more)),
        None => Ok(Verdict::Pass),
    }
}

/// Where a configuration is changed.
fn in_settings(one: &Configuration) -> String {
    format!("Administration → Settings → Spark → {}", one.name)
}

/// Gives a finding the name of its configuration, and the page of DSS where it is mended.
fn described(finding: Finding, configuration: &str, page: String) -> Finding {
    finding.with("configuration", configuration).with("page", page)
}
