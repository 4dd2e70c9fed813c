//! Both shapes of DSS's settings, and settings that have neither.

use serde_json::json;

use super::*;
use ackcheck_core::seat::dss::PropertyValue;

fn read(general: &Value) -> Result<Vec<Configuration>, Misshapen> {
    configurations(general, "settings", &Scrubber::default()).map(|found| found.list)
}

#[test]
fn both_shapes_tell_the_same() {
    let until_14 = json!({
        "containerSettings": {"executionConfigs": [{
            "name": "ack", "type": "KUBERNETES", "repositoryURL": "r.example/dss", "kubernetesNamespace": "dss",
            "kubeConfigPath": "/home/dss/kube", "kubeCtlContext": "ack", "imagePullSecretName": "acr",
        }]},
        "sparkSettings": {"executionConfigs": [{
            "name": "spark", "conf": [],
            "kubernetesSettings": {"managedKubernetes": true, "repositoryURL": "r.example/dss", "managedNamespace": "dss"},
        }]},
    });
    let from_15 = json!({
        "containerSettings": {
            "buildConfigs": [
                {"name": "other", "dockerBuilderConfig": {"pushConfigs": [{"repositoryURL": "elsewhere"}]}},
                {"name": "acr", "dkuInClusterBuilderConfig": {"pushConfigs": [{"repositoryURL": "r.example/dss"}]}},
            ],
            "executionConfigs": [{
                "name": "ack", "type": "KUBERNETES", "imageBuildConfig": "acr",
                "kubernetesRuntimeConfig": {
                    "kubernetesNamespace": "dss", "kubeConfigPath": "/home/dss/kube", "kubeCtlContext": "ack",
                    "imagePullSecretName": "acr",
                },
            }],
        },
        "sparkSettings": {"executionConfigs": [{
            "name": "spark", "conf": null, "imageBuildConfig": "acr",
            "kubernetesSettings": {"managedKubernetes": true, "managedNamespace": "dss"},
        }]},
    });
    let told = read(&until_14).unwrap();
    assert_eq!(told, read(&from_15).unwrap());
    assert_eq!(told[0].repositories, ["r.example/dss"]);
    assert_eq!(told[0].kubeconfig.as_deref(), Some("/home/dss/kube"));
    assert_eq!((told[0].context.as_deref(), told[0].pull_secret.as_deref()), (Some("ack"), Some("acr")));
    assert!(told.iter().all(|one| one.managed && one.namespace.as_deref() == Some("dss")), "{told:?}");
}

#[test]
fn what_pushes_instead_of_docker_is_told() {
    let told = read(&json!({"containerSettings": {
        "buildConfigs": [
            {"name": "local", "imageBuilderType": "DOCKER", "dockerBuilderConfig": {"pushConfigs": [{"repositoryURL": "r"}]}},
            {"name": "pod", "imageBuilderType": "DKU_IN_CLUSTER", "dkuInClusterBuilderConfig": {"pushConfigs": []}},
            {"name": "aws", "dockerBuilderConfig": {"pushConfigs": [{"repositoryURL": "r", "prePushMode": "ECR"}]}},
        ],
        "executionConfigs": [
            {"repositoryURL": "r", "prePushMode": "NONE"},
            {"repositoryURL": "r", "prePushMode": "CUSTOM"},
            {"imageBuildConfig": "local"},
            {"imageBuildConfig": "pod"},
            {"imageBuildConfig": "aws"},
        ],
    }}));
    let ways: Vec<Option<String>> = told.unwrap().into_iter().map(|one| one.pushed_with).collect();
    let way = |text: &str| Some(text.to_owned());
    assert_eq!(ways, [None, way("CUSTOM"), None, way("DKU_IN_CLUSTER"), way("ECR")]);
}

#[test]
fn what_is_empty_or_not_there_is_none() {
    let told = read(&json!({"containerSettings": {"executionConfigs": [
        {"name": "a", "type": "DOCKER", "repositoryURL": "", "kubernetesNamespace": " ", "kubeConfigPath": null},
        {"imageBuildConfig": "gone"},
    ]}}));
    let told = told.unwrap();
    assert!(told.iter().all(|one| one.repositories.is_empty() && one.namespace.is_none() && one.kubeconfig.is_none()));
    assert_eq!((told[0].managed, told[1].managed), (false, true));
    assert_eq!(read(&json!({})).unwrap(), []);
}

#[test]
fn settings_of_another_shape_are_not_taken_for_none() {
    for general in [
        json!({"containerSettings": {"executionConfigs": {"ack": {}}}}),
        json!({"sparkSettings": {"executionConfigs": [{"name": "a", "conf": [{"value": "1"}]}]}}),
        json!({"containerSettings": {"executionConfigs": [{"imageBuildConfig": "a"}], "buildConfigs": "a"}}),
    ] {
        assert!(read(&general).is_err(), "{general}");
    }
}

#[test]
fn secrets_among_sparks_properties_stay_here() {
    let general = json!({"sparkSettings": {"executionConfigs": [{"name": "a", "conf": [
        {"key": "spark.hadoop.fs.oss.accessKeySecret", "value": "CANARYsparkSecretA1b2C3d4"},
        {"key": "spark.hadoop.fs.oss.accessKeySecret.x", "value": "e:AES:AAAA", "secret": true},
        {"key": "spark.ssl.keyPassword", "value": "CANARYsslPassword"},
        {"key": "spark.my.own", "value": "CANARYofSomebody"},
        {"key": "spark.hadoop.fs.oss.endpoint", "value": "oss-cn-hangzhou.aliyuncs.com"},
        {"key": "spark.master", "value": "k8s://https://me:CANARYuserInfo@10.0.0.1:6443"},
        {"key": "spark.driver.host", "value": "${host}"},
    ]}]}});
    let scrubber = Scrubber::default();
    let told = configurations(&general, "settings", &scrubber).unwrap();
    let spark = &told.list[0];
    assert!(!format!("{told:?} {told}").contains("CANARY"), "{told}");
    assert_eq!(spark.property("spark.hadoop.fs.oss.accessKeySecret"), Some(&PropertyValue::ClearSecret));
    assert_eq!(spark.property("spark.my.own"), Some(&PropertyValue::Unread));
    assert_eq!(spark.text("spark.hadoop.fs.oss.endpoint"), Some("oss-cn-hangzhou.aliyuncs.com"));
    assert_eq!(spark.text("spark.driver.host"), None);
    assert_eq!(scrubber.scrub("CANARYsparkSecretA1b2C3d4").find("CANARY"), None);
}
