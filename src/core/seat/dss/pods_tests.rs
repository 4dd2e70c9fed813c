//! What Spark asks of Kubernetes for an executor.

use super::*;

fn executor_of(conf: &[(&str, &str)]) -> PodSettings {
    let conf: Vec<(String, PropertyValue)> =
        conf.iter().map(|(key, value)| ((*key).to_owned(), PropertyValue::Clear((*value).to_owned()))).collect();
    executor(&conf, PodSettings::default())
}

#[test]
fn the_overhead_of_an_executors_memory_counts() {
    for (conf, memory) in [
        (vec![], "1408Mi"),
        (vec![("spark.executor.memory", "8g")], "9011Mi"),
        (vec![("spark.executor.memory", "8192")], "9011Mi"),
        (vec![("spark.executor.memory", "8g"), ("spark.executor.memoryOverhead", "2g")], "10240Mi"),
        (vec![("spark.executor.memory", "10g"), ("spark.kubernetes.memoryOverheadFactor", "0.4")], "14336Mi"),
        (
            vec![
                ("spark.executor.memory", "10g"),
                ("spark.kubernetes.memoryOverheadFactor", "0.4"),
                ("spark.executor.memoryOverheadFactor", "0.2"),
            ],
            "12288Mi",
        ),
        (vec![("spark.memory.offHeap.enabled", "true"), ("spark.memory.offHeap.size", "1073741824")], "2432Mi"),
    ] {
        let told = executor_of(&conf);
        assert_eq!(told.placement.requests["memory"], memory, "{conf:?}");
        assert_eq!(told.limits["memory"], memory, "Spark limits it to the same");
        assert!(told.unclear.is_empty(), "{told:?}");
    }
}

#[test]
fn cores_gpus_and_selectors_are_read() {
    let told = executor_of(&[
        ("spark.executor.cores", "4"),
        ("spark.kubernetes.executor.request.cores", "3500m"),
        ("spark.executor.resource.gpu.amount", "2"),
        ("spark.kubernetes.node.selector.pool", "dss"),
        ("spark.kubernetes.executor.node.selector.zone", "h"),
    ]);
    let requests = &told.placement.requests;
    assert_eq!((requests["cpu"].as_str(), requests["nvidia.com/gpu"].as_str()), ("3500m", "2"));
    assert_eq!(told.limits.get("cpu"), None, "Spark sets no limit unless it is told");
    let selector: Vec<_> = told.placement.node_selector.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(selector, ["pool=dss", "zone=h"]);
}

#[test]
fn what_cannot_be_read_is_not_guessed() {
    for conf in [
        vec![("spark.executor.memory", "lots")],
        vec![("spark.kubernetes.executor.podTemplateFile", "/etc/template.yaml")],
    ] {
        assert!(!executor_of(&conf).unclear.is_empty(), "{conf:?}");
    }
    let variable = PropertyValue::Variables { text: "${m}".to_owned(), names: vec!["m".to_owned()], secret: false };
    let told = executor(&[("spark.executor.memory".to_owned(), variable)], PodSettings::default());
    assert_eq!(told.unclear.len(), 1, "{told:?}");
}
