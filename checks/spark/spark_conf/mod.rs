//! Each Spark configuration of DSS can start executors on Kubernetes, more than one job at once, with the connections'
//! own settings (HOWTO 2.2). Only text is read.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Dss;
use ackcheck_core::seat::dss::PropertyValue;
use ackcheck_core::seat::dss::containers::{Configuration, Configurations, spark};
use ackcheck_core::verdict::{Code, Finding, Judgement, Verdict};

mod overrides;
mod trials;

use super::{Master, described, master_of, of_spark, unknown};

static CLUSTER_MODE: Code =
    Code::fail("cluster-mode", "Spark's driver does not run on the DSS host: the deploy mode is not client");
static MASTER_MALFORMED: Code = Code::fail("master-malformed", "spark.master is not the address of a cluster");
static NO_IMAGE: Code = Code::fail("no-image", "nobody names the image of Spark's executors");
static OVERRIDES_CONNECTION: Code =
    Code::fail("overrides-connection", "Spark overrides a setting that the connection to OSS has");
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
    let mut findings = Vec::new();
    for one in of_spark(&found) {
        findings.extend(of_text(one, &found));
        if let Ok(connections) = &connections {
            findings.extend(overrides::of(one, connections));
        }
    }
    if let Some(gravest) = Finding::gravest(findings) {
        return Ok(gravest.into());
    }
    match of_spark(&found).find_map(|one| unknown(one, &found)) {
        Some(unknown) => Err(unknown),
        // What could not be compared is not the same.
        None => connections.map(|_| Verdict::Pass),
    }
}

/// What a configuration's own text shows.
fn of_text(one: &Configuration, found: &Configurations) -> Vec<Finding> {
    let name = &one.name;
    let mut findings = Vec::new();
    let mut add = |finding: Finding| findings.push(described(finding, one));
    if let Some(mode) = one.text(spark::DEPLOY_MODE).filter(|mode| *mode != "client") {
        add(CLUSTER_MODE.found(format!("the Spark configuration {name} has {} = {mode}", spark::DEPLOY_MODE)));
    }
    match master_of(one, found) {
        Some(Master::Malformed(why)) => {
            let text = one.text(spark::MASTER).unwrap_or_default();
            let seen = format!("the Spark configuration {name} has spark.master = {text}: {why}");
            add(MASTER_MALFORMED.found(seen).with("value", text));
        }
        Some(Master::Local) => {
            let text = one.text(spark::MASTER).unwrap_or_default();
            add(LOCAL_MASTER.found(format!("the Spark configuration {name} has spark.master = {text}")));
        }
        Some(Master::Unset) if one.managed => {
            let seen =
                format!("the Spark configuration {name} does not set spark.master, so that Spark takes local[*]");
            add(LOCAL_MASTER.found(seen));
        }
        Some(Master::Kubernetes) if !one.managed && !has_image(one) => {
            let (image, executors) = (spark::IMAGE, spark::EXECUTOR_IMAGE);
            let seen = format!(
                "the Spark configuration {name} is not managed by DSS, and has neither {image} nor {executors}"
            );
            add(NO_IMAGE.found(seen));
        }
        Some(Master::Other) if one.managed => {
            let text = one.text(spark::MASTER).unwrap_or_default();
            add(OTHER_MASTER.found(format!("the Spark configuration {name} has spark.master = {text}")));
        }
        Some(Master::Kubernetes | Master::Other | Master::Unset) | None => {}
    }
    let clear = one.conf.iter().filter(|(_, value)| *value == PropertyValue::ClearSecret);
    let clear: Vec<&str> = clear.map(|(key, _)| key.as_str()).collect();
    if !clear.is_empty() {
        let keys = clear.join(", ");
        add(SECRET_IN_CLEAR.found(format!("the Spark configuration {name} has {keys} in clear")).with("keys", keys));
    }
    if let Some(port) = fixed_port(one) {
        let retries = spark::PORT_RETRIES;
        let seen = format!("the Spark configuration {name} has {port} and {retries} = 0");
        add(ONE_JOB.found(seen).with("port", port));
    }
    findings
}

fn has_image(one: &Configuration) -> bool {
    [spark::IMAGE, spark::EXECUTOR_IMAGE].iter().any(|key| one.property(key).is_some_and(PropertyValue::is_given))
}

/// The property that fixes a port of the driver, where no other port is tried.
fn fixed_port(one: &Configuration) -> Option<String> {
    let number = |key: &str| one.text(key).and_then(|text| text.parse::<i64>().ok());
    if number(spark::PORT_RETRIES) != Some(0) {
        return None;
    }
    let of_blocks = match one.property(spark::DRIVER_BLOCK_MANAGER_PORT) {
        Some(_) => spark::DRIVER_BLOCK_MANAGER_PORT,
        None => spark::BLOCK_MANAGER_PORT,
    };
    let fixed = |key: &&str| number(key).is_some_and(|port| port != 0);
    let key = [spark::DRIVER_PORT, of_blocks].into_iter().find(fixed)?;
    Some(format!("{key} = {}", one.text(key)?))
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
