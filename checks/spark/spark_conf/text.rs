//! What the text of a Spark configuration shows by itself.

use ackcheck_core::seat::dss::PropertyValue;
use ackcheck_core::seat::dss::containers::{Configuration, Configurations, spark};
use ackcheck_core::verdict::Finding;

use super::super::{Master, master_of};
use super::values;
use super::{CLUSTER_MODE, LOCAL_MASTER, MASTER_MALFORMED, NO_IMAGE, ONE_JOB, OTHER_MASTER, SECRET_IN_CLEAR};

/// What a configuration's own text shows.
pub(super) fn of_text(one: &Configuration, found: &Configurations) -> Vec<Finding> {
    let name = &one.name;
    let mut findings = Vec::new();
    if let Some(mode) = one.text(spark::DEPLOY_MODE).filter(|mode| *mode != "client") {
        findings
            .push(CLUSTER_MODE.found(format!("the Spark configuration {name} has {} = {mode}", spark::DEPLOY_MODE)));
    }
    let master = master_of(one, found);
    findings
        .extend(values::of(one, master.as_ref().map_or(one.managed, |master| matches!(master, Master::Kubernetes))));
    match master {
        Some(Master::Malformed(why)) => {
            let text = one.text(spark::MASTER).unwrap_or_default();
            let seen = format!("the Spark configuration {name} has spark.master = {text}: {why}");
            findings.push(MASTER_MALFORMED.found(seen).with("value", text));
        }
        Some(Master::Local) => {
            let text = one.text(spark::MASTER).unwrap_or_default();
            findings.push(LOCAL_MASTER.found(format!("the Spark configuration {name} has spark.master = {text}")));
        }
        Some(Master::Unset) if one.managed => {
            let seen =
                format!("the Spark configuration {name} does not set spark.master, so that Spark takes local[*]");
            findings.push(LOCAL_MASTER.found(seen));
        }
        Some(Master::Kubernetes) if !one.managed && !has_image(one) => {
            let (image, executors) = (spark::IMAGE, spark::EXECUTOR_IMAGE);
            let seen = format!(
                "the Spark configuration {name} is not managed by DSS, and has neither {image} nor {executors}"
            );
            findings.push(NO_IMAGE.found(seen));
        }
        Some(Master::Other) if one.managed => {
            let text = one.text(spark::MASTER).unwrap_or_default();
            findings.push(OTHER_MASTER.found(format!("the Spark configuration {name} has spark.master = {text}")));
        }
        Some(Master::Kubernetes | Master::Other | Master::Unset) | None => {}
    }
    let clear = one.conf.iter().filter(|(_, value)| *value == PropertyValue::ClearSecret);
    let clear: Vec<&str> = clear.map(|(key, _)| key.as_str()).collect();
    if !clear.is_empty() {
        let keys = clear.join(", ");
        findings.push(
            SECRET_IN_CLEAR.found(format!("the Spark configuration {name} has {keys} in clear")).with("keys", keys),
        );
    }
    if let Some(port) = fixed_port(one) {
        let retries = spark::PORT_RETRIES;
        let seen = format!("the Spark configuration {name} has {port} and {retries} = 0");
        findings.push(ONE_JOB.found(seen).with("port", port));
    }
    findings
}

pub(super) fn has_image(one: &Configuration) -> bool {
    [spark::IMAGE, spark::EXECUTOR_IMAGE].iter().any(|key| one.property(key).is_some_and(PropertyValue::is_given))
}

/// The property that fixes a port of the driver, where no other port is tried.
pub(super) fn fixed_port(one: &Configuration) -> Option<String> {
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
