//! Values that Spark does not start with, as SparkSubmit, SparkConf and the driver's memory manager judge them (Spark 2.4 to
//! 4.1), and numbers of Hadoop among them.

use ackcheck_core::hadoop_configuration::{Configuration as HadoopConfiguration, Fault, Place, Problem};
use ackcheck_core::seat::dss::PropertyValue;
use ackcheck_core::seat::dss::containers::{Configuration, spark};
use ackcheck_core::seat::dss::pods;
use ackcheck_core::verdict::Finding;

use super::{NO_SHUFFLE_SERVICE, VALUE_REFUSED};

/// One and a half times what Spark keeps for itself, in bytes (`UnifiedMemoryManager`, `RESERVED_SYSTEM_MEMORY_BYTES`).
const LEAST_MEMORY: f64 = 471_859_200.0;
/// In seconds, where nothing is set.
const USUAL_TIMEOUT: f64 = 120.0;
const USUAL_HEARTBEAT: f64 = 10.0;

/// A finding for each value that stops Spark's jobs; `on_kubernetes`: executors run in pods.
pub(super) fn of(one: &Configuration, on_kubernetes: bool) -> Vec<Finding> {
    let refused = |key: &str, why: String| {
        let text = one.text(key).unwrap_or_default();
        let seen = format!("the Spark configuration {} has {key} = {text}: {why}", one.name);
        VALUE_REFUSED.found(seen).with("property", key).with("value", text).with("why", why)
    };
    let found = [memory(one), counts(one), retries(one), times(one)].into_iter().flatten();
    let mut findings: Vec<Finding> = found.map(|(key, why)| refused(key, why)).collect();
    findings.extend(of_hadoop(one).into_iter().map(|problem| {
        let why = format!("{problem}, and Hadoop fails with it");
        refused(&format!("{}{}", spark::HADOOP, problem.key), why)
    }));
    if on_kubernetes && one.text(spark::SHUFFLE_SERVICE).is_some_and(|text| text.eq_ignore_ascii_case("true")) {
        let seen = format!("the Spark configuration {} has {} = true", one.name, spark::SHUFFLE_SERVICE);
        findings.push(NO_SHUFFLE_SERVICE.found(seen));
    }
    findings
}

type Refused = Option<(&'static str, String)>;

/// Without a unit SparkSubmit and the memory manager take the number for bytes, whatever executors make of it.
fn memory(one: &Configuration) -> Refused {
    let key = spark::EXECUTOR_MEMORY;
    match pods::bytes(one.text(key)?) {
        None => Some((key, "it is not a size such as 4g or 512m".to_owned())),
        Some(bytes) if bytes < LEAST_MEMORY => {
            Some((key, "the driver stops with less than 450m, and a number without a unit is bytes".to_owned()))
        }
        Some(_) => None,
    }
}

fn counts(one: &Configuration) -> Refused {
    // With dynamic allocation the number of executors is another.
    let dynamic = one.property(spark::DYNAMIC_ALLOCATION).is_some();
    let keys = [spark::EXECUTOR_CORES, spark::EXECUTOR_INSTANCES];
    let wrong = |key: &&str| {
        let text = one.text(key).filter(|_| !dynamic || **key != *spark::EXECUTOR_INSTANCES);
        text.is_some_and(|text| text.parse::<i32>().ok().is_none_or(|number| number < 1))
    };
    keys.into_iter().find(wrong).map(|key| (key, "it is not a whole number from 1 on".to_owned()))
}

fn retries(one: &Configuration) -> Refused {
    let key = spark::PORT_RETRIES;
    let wrong = one.text(key)?.parse::<i32>().is_err();
    wrong.then(|| (key, "it is not a whole number".to_owned()))
}

/// Spark wants the timeout of the network to be longer than what lies between two heartbeats.
fn times(one: &Configuration) -> Refused {
    let (timeout, heartbeat) = (spark::NETWORK_TIMEOUT, spark::HEARTBEAT);
    let seconds = |key: &str, without_unit: f64, usual: f64| match (one.property(key), one.text(key)) {
        (None, _) => Some(Ok(usual)),
        (Some(PropertyValue::Clear(_)), Some(text)) => Some(seconds(text, without_unit).ok_or(())),
        // Not known here.
        _ => None,
    };
    let (waits, beats) = (seconds(timeout, 1.0, USUAL_TIMEOUT)?, seconds(heartbeat, 0.001, USUAL_HEARTBEAT)?);
    let no_time = |key| Some((key, "it is not a time such as 120s".to_owned()));
    match (waits, beats) {
        (Err(()), _) => no_time(timeout),
        (_, Err(())) => no_time(heartbeat),
        (Ok(waits), Ok(beats)) if waits <= beats => {
            let key = if one.text(timeout).is_some() { timeout } else { heartbeat };
            Some((key, format!("{timeout} must be longer than {heartbeat}: {waits} s and {beats} s")))
        }
        _ => None,
    }
}

/// A time as Spark writes it, in seconds: `JavaUtils.timeStringAs`.
fn seconds(text: &str, without_unit: f64) -> Option<f64> {
    let text = text.to_ascii_lowercase();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(text.len());
    let factor = match &text[digits..] {
        "" => without_unit,
        "us" => 0.000_001,
        "ms" => 0.001,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    text[..digits].parse::<i64>().ok().map(|number| number as f64 * factor)
}

/// Numbers among `spark.hadoop.fs.oss.…` that Hadoop fails with; they hold for the whole job.
fn of_hadoop(one: &Configuration) -> Vec<Problem> {
    let mut configuration = HadoopConfiguration::of_instance(&[]);
    for (name, value) in &one.conf {
        if let Some(key) = name.strip_prefix(spark::HADOOP).filter(|key| key.starts_with("fs.oss.")) {
            configuration.set(key, value.clone(), Place::Instance);
        }
    }
    let client = configuration.client();
    let problems = client.problems().chain(client.later.iter().map(|later| &later.problem));
    let number = |problem: &&Problem| {
        matches!(problem.fault, Fault::NotANumber { .. } | Fault::TooSmall { .. } | Fault::TooLarge { .. })
    };
    problems.filter(number).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spark::driver::tests::configuration;

    fn refused(conf: &[(&str, &str)]) -> Vec<String> {
        let mut one = configuration(None, None);
        let property = |(key, value): &(&str, &str)| ((*key).to_owned(), PropertyValue::Clear((*value).to_owned()));
        one.conf = conf.iter().map(property).collect();
        of(&one, true).iter().map(|finding| format!("{} {}", finding.code.name, finding.seen)).collect()
    }

    #[test]
    fn what_spark_does_not_start_with_is_told() {
        for (key, values) in [
            ("spark.executor.memory", &["4 g", "4GiB", "4.5g", "four", "-1g", "4096", "256m", "449m"][..]),
            ("spark.executor.cores", &["0", "1.5", "-1", "two", "99999999999"]),
            ("spark.executor.instances", &["0", "many"]),
            ("spark.port.maxRetries", &["abc", "1.0"]),
            ("spark.network.timeout", &["10s", "5000ms", "ten", "1 m"]),
            ("spark.executor.heartbeatInterval", &["120s", "2m", "5x"]),
            ("spark.hadoop.fs.oss.paging.maximum", &["5000"]),
            ("spark.hadoop.fs.oss.connection.maximum", &["0", "many"]),
        ] {
            for value in values {
                let told = refused(&[(key, value)]);
                assert!(
                    told.len() == 1 && told[0].starts_with("value-refused ") && told[0].contains(key),
                    "{key} {value}: {told:?}"
                );
            }
        }
        assert_eq!(refused(&[("spark.shuffle.service.enabled", "true")]).len(), 1);
    }

    #[test]
    fn what_spark_takes_is_not() {
        for (key, values) in [
            ("spark.executor.memory", &["4g", "4GB", " 4096M ", "471859200", "450m", "2t", ""][..]),
            ("spark.executor.cores", &["1", "16"]),
            ("spark.executor.instances", &["1"]),
            ("spark.port.maxRetries", &["0", "32"]),
            ("spark.network.timeout", &["11", "120s", "10001ms", "5min"]),
            ("spark.executor.heartbeatInterval", &["20000", "119s", "1m"]),
            ("spark.hadoop.fs.oss.paging.maximum", &["1000"]),
            ("spark.shuffle.service.enabled", &["false"]),
        ] {
            for value in values {
                assert_eq!(refused(&[(key, value)]), [""; 0], "{key} {value}");
            }
        }
        assert_eq!(refused(&[("spark.dynamicAllocation.enabled", "true"), ("spark.executor.instances", "0")]), [""; 0]);
        assert_eq!(
            refused(&[("spark.network.timeout", "300s"), ("spark.executor.heartbeatInterval", "200s")]),
            [""; 0]
        );
    }
}
