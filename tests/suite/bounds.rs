//! Where there is more than ackcheck looks at, what it did not look at is not said to be good.

use ackcheck_core::catalogue::Selection;
use ackcheck_core::fault::{Fault, LabFile};
use ackcheck_core::record::Ending;
use ackcheck_lab::LabOptions;

use crate::support::whole_run::run_on;

const GENERAL: LabFile = LabFile::Data("config/general-settings.json");

/// How a check ends on a lab with these faults.
fn ending(check: &str, faults: Vec<Fault>) -> Ending {
    let options = LabOptions { faults, ..LabOptions::default() };
    let selection = Selection { only: vec![check.to_owned()], ..Selection::default() };
    let report = run_on(&options, &selection).unwrap();
    report.cases.into_iter().find(|case| case.id.check == check).unwrap().ending
}

/// So many more kinds of executors, each with a memory of its own, of which the last selects a label of no node.
fn executors(many: usize) -> Vec<Fault> {
    let one = |place: usize| {
        let property = match place + 1 == many {
            true => r#"{"key": "spark.kubernetes.node.selector.pool", "value": "none"}"#.to_owned(),
            false => format!(r#"{{"key": "spark.executor.memory", "value": "{}m"}}"#, 1024 + place),
        };
        let configuration = format!(
            r#"{{"name": "more-{place}", "conf": [{{"key": "spark.master", "value": "k8s://https://lab"}},
                {{"key": "spark.kubernetes.namespace", "value": "dss"}}, {property}]}}"#
        );
        Fault::AddIn(GENERAL, "/sparkSettings/executionConfigs", configuration.leak())
    };
    (0..many).map(one).collect()
}

#[test]
fn kinds_of_pods_beyond_the_most_are_not_passed() {
    let few = ending("dss-pods-schedulable", executors(20));
    assert!(matches!(&few, Ending::Fail(finding) if finding.code == "selector-matches-none"), "{few:?}");
    let beyond = ending("dss-pod-admitted", executors(70));
    assert!(matches!(&beyond, Ending::Broken { why } if why.contains("ackcheck tries 64")), "{beyond:?}");
}

#[test]
fn folders_beyond_the_most_are_not_passed() {
    let root = format!("\"{}dss/managed\"", "a/".repeat(20));
    let deep = ending("oss-parents", vec![Fault::Set("/deployment/bucket/prefix", root.leak())]);
    assert!(matches!(&deep, Ending::Broken { why } if why.contains("asks about no more")), "{deep:?}");
}
