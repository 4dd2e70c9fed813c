//! Settings of Hadoop among Spark's properties (`spark.hadoop.fs.oss.…`): Spark puts them over the whole job, whichever
//! connection it reads.

use ackcheck_core::hadoop_configuration::Configuration as HadoopConfiguration;
use ackcheck_core::seat::dss::containers::{Configuration, spark};
use ackcheck_core::seat::dss::read::ENDPOINT;
use ackcheck_core::seat::dss::{HadoopConnection, read};
use ackcheck_core::seat::store::Endpoint;
use ackcheck_core::verdict::Finding;

use super::OVERRIDES_CONNECTION;

/// A finding for each setting that a connection has with another value.
pub(super) fn of(one: &Configuration, connections: &[HadoopConnection]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for (property, _) in one.conf.iter().rev() {
        let Some(key) = property.strip_prefix(spark::HADOOP).filter(|key| key.starts_with("fs.oss.")) else { continue };
        if seen.contains(&key) || !read::is_read(key) {
            continue;
        }
        seen.push(key);
        let Some(ours) = one.text(property) else { continue };
        for connection in connections.iter().filter(|connection| connection.is_oss()) {
            // Its own settings alone: Spark's are put over those of the instance, which hold for Spark as well.
            let Some(theirs) = HadoopConfiguration::of(&[], connection).trimmed(key).known() else { continue };
            if theirs.is_empty() || same(key, ours, &theirs) {
                continue;
            }
            let (configuration, name) = (&one.name, &connection.name);
            let finding = OVERRIDES_CONNECTION.found(format!(
                "the Spark configuration {configuration} has {property} = {ours}, but the connection {name} has {theirs}"
            ));
            let finding = finding.with("property", property.clone()).with("connection", name.clone());
            findings.push(finding.with("value", theirs));
        }
    }
    findings
}

/// True where a job reaches the same by both. Endpoints of one region are the same buckets.
fn same(key: &str, one: &str, other: &str) -> bool {
    if key != ENDPOINT {
        return one == other;
    }
    match (Endpoint::parse(one), Endpoint::parse(other)) {
        (Ok(one), Ok(other)) => one.host == other.host || (one.region().is_some() && one.region() == other.region()),
        _ => one == other,
    }
}
