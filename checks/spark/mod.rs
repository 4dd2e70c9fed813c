//! Spark on Kubernetes: the configurations that DSS starts it with.

use ackcheck_core::check::Check;
use ackcheck_core::seat::dss::PropertyValue;
use ackcheck_core::seat::dss::containers::{Configuration, ConfigurationKind, Configurations, spark};
use ackcheck_core::verdict::{Finding, Unseen};

pub(crate) mod driver;
mod master;
mod spark_conf;
pub(crate) mod spark_driver_host;
mod spark_driver_reached;
pub(crate) mod spark_integration;
mod spark_jars;

use master::Master;

pub(crate) static CHECKS: &[&Check] = &[
    &spark_conf::CHECK,
    &spark_driver_host::CHECK,
    &spark_driver_reached::CHECK,
    &spark_integration::CHECK,
    &spark_jars::CHECK,
];

/// The Spark configurations among those of DSS.
fn of_spark(found: &Configurations) -> impl Iterator<Item = &Configuration> {
    found.list.iter().filter(|one| one.kind == ConfigurationKind::Spark)
}

/// Those of them that are for Kubernetes: a master that DSS sets itself is that of a cluster.
pub(crate) fn on_kubernetes(found: &Configurations) -> impl Iterator<Item = &Configuration> {
    of_spark(found).filter(|one| match master_of(one, found) {
        Some(master) => matches!(master, Master::Kubernetes),
        None => one.managed,
    })
}

/// Where a configuration asks for executors; none where its settings do not tell: DSS fills it in, or keeps it encrypted.
fn master_of(one: &Configuration, found: &Configurations) -> Option<Master> {
    // Of a cluster that it manages DSS sets the master itself.
    if one.managed && found.default_cluster.is_some() {
        return None;
    }
    match (one.text(spark::MASTER), one.property(spark::MASTER)) {
        (Some(text), _) => Some(Master::parse(text)),
        (None, Some(PropertyValue::Clear(_)) | None) => Some(Master::Unset),
        (None, Some(_)) => None,
    }
}

/// A property that decides where the jobs run, and whose value only the running DSS knows.
fn unknown(one: &Configuration, found: &Configurations) -> Option<Unseen> {
    if one.managed && found.default_cluster.is_some() {
        return None;
    }
    let hidden = |key: &&str| one.property(key).is_some_and(|value| !matches!(value, PropertyValue::Clear(_)));
    let key = [spark::MASTER, spark::DEPLOY_MODE].into_iter().find(hidden)?;
    Some(hidden_value(key, one))
}

/// Of a property whose value only the running DSS knows.
pub(crate) fn hidden_value(key: &str, one: &Configuration) -> Unseen {
    let what = format!("{key} of the Spark configuration {}", one.name);
    Unseen::unreadable(what, "it depends on a variable or is encrypted, which only the running DSS resolves")
}

/// Gives a finding the name of its configuration.
fn described(finding: Finding, one: &Configuration) -> Finding {
    finding.with("configuration", one.name.clone())
}
