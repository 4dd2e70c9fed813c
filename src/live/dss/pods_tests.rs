//! What people write into the fields of DSS that end in a pod.

use serde_json::json;

use super::*;

const UNTIL_14: [&str; 2] = ["", "/kubernetesRuntimeConfig"];

fn container(config: &Value) -> PodSettings {
    settings(ConfigurationKind::Container, config, UNTIL_14)
}

#[test]
fn resources_that_are_not_set_are_minus_one() {
    let unset = json!({"kubernetesResources": {
        "memRequestMB": -1, "memLimitMB": -1, "cpuRequest": -1.0, "cpuLimit": -1.0, "customRequests": [],
    }});
    assert_eq!(container(&unset), PodSettings::default());
    let set = json!({"kubernetesRuntimeConfig": {"createNamespace": true, "kubernetesResources": {
        "memRequestMB": 2048, "memLimitMB": 4096, "cpuRequest": 0.5, "cpuLimit": -1.0,
        "customLimits": [{"key": "nvidia.com/gpu", "value": "1"}],
    }}});
    let told = container(&set);
    assert!(told.creates_namespace);
    let requests: Vec<_> = told.placement.requests.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(requests, ["cpu=0.5", "memory=2048Mi", "nvidia.com/gpu=1"]);
    assert_eq!(told.limits["memory"], "4096Mi");
}

#[test]
fn yaml_is_taken_with_and_without_its_own_key() {
    for tolerations in [
        "- key: pool\n  operator: Equal\n  value: dss\n  effect: NoSchedule\n",
        "tolerations:\n- key: pool\n  operator: Equal\n  value: dss\n  effect: NoSchedule\n",
    ] {
        let told = container(&json!({"tolerations": tolerations, "nodeSelector": "pool: dss\nspot: true"}));
        let [pool] = told.placement.tolerations.as_slice() else { panic!("{told:?}") };
        assert_eq!((pool.key.as_str(), pool.value.as_str(), pool.effect.as_str()), ("pool", "dss", "NoSchedule"));
        assert_eq!(told.placement.node_selector["spot"], "true", "a label is text");
        assert!(told.unclear.is_empty(), "{told:?}");
    }
    let affinity = "nodeAffinity:\n  requiredDuringSchedulingIgnoredDuringExecution:\n    nodeSelectorTerms:\n    \
                    - matchExpressions:\n      - {key: pool, operator: In, values: [dss]}\n";
    let told = container(&json!({"affinity": affinity}));
    assert_eq!(told.placement.affinity.unwrap()[0].expressions[0].values, ["dss"]);
}

#[test]
fn a_pod_template_of_spark_is_read() {
    let template =
        "apiVersion: v1\nkind: Pod\nspec:\n  nodeSelector:\n    pool: spark\n  tolerations:\n  - operator: Exists\n";
    let config = json!({"kubernetesSettings": {"executorPodTemplate": template}});
    let told = settings(ConfigurationKind::Spark, &config, ["/kubernetesSettings", "/kubernetesRuntimeConfig"]);
    assert_eq!(told.placement.node_selector["pool"], "spark");
    assert_eq!(told.placement.tolerations[0].operator, "Exists");
}

#[test]
fn what_cannot_be_read_is_unclear() {
    for config in [
        json!({"nodeSelector": "pool: ${pool}"}),
        json!({"tolerations": "key: pool"}),
        json!({"nodeSelector": "a: [b"}),
    ] {
        assert_eq!(container(&config).unclear.len(), 1, "{config}");
    }
}
