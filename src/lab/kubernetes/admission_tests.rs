//! Pods that are admitted, and pods that are refused, in the API server's words.

use serde_json::{Value, json};

use super::*;
use crate::kubernetes::seed;
use crate::world::World;
use ackcheck_core::fault::Fault;

/// Admits a pod in a cluster with these faults: what is kept, or the status and message of the refusal.
fn admitted(faults: &[Fault], pod: Value) -> Result<Value, (u16, String)> {
    let mut world = World::healthy().expect("a world");
    for fault in faults {
        world.apply(fault).expect("a fault");
    }
    let kubernetes: KubernetesWorld = world.section().expect("it");
    let deployment = world.deployment().expect("it");
    let objects = Objects::new();
    seed::seed(&objects, &kubernetes, &deployment).expect("a cluster");
    admit(&objects, &kubernetes, &deployment, pod, true).map_err(|status| (status.code, status.message))
}

fn pod() -> Value {
    let resources = json!({"cpu": "10m", "memory": "8Mi"});
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "dss"},
        "spec": {
            "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [{
                "name": "probe", "image": "r.example/ns/probe:1", "resources": {"requests": resources, "limits": resources},
                "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
            }],
        },
    })
}

const RESTRICTED: Fault = Fault::Add("/kubernetes/pod_security", r#"{"namespace": "dss", "level": "restricted"}"#);

#[test]
fn a_pod_is_completed() {
    let kept = admitted(&[RESTRICTED], pod()).expect("taken");
    assert_eq!(kept["spec"]["imagePullSecrets"], json!([{"name": "acr-login"}]));
    assert_eq!(kept["spec"]["serviceAccountName"], "default");
    assert_eq!(kept["status"], json!({"phase": "Pending", "qosClass": "Guaranteed"}));
}

#[test]
fn pod_security_names_what_it_wants() {
    let mut open = pod();
    open["spec"]["securityContext"] = json!({});
    open["spec"]["containers"][0]["securityContext"] = json!({});
    let (code, said) = admitted(&[RESTRICTED], open.clone()).expect_err("refused");
    assert_eq!(code, 403);
    assert_eq!(
        said,
        "pods \"p\" is forbidden: violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false (container \
         \"probe\" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container \"probe\" \
         must set securityContext.capabilities.drop=[\"ALL\"]), runAsNonRoot != true (pod or container \"probe\" must set \
         securityContext.runAsNonRoot=true), seccompProfile (pod or container \"probe\" must set \
         securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")"
    );
    assert!(admitted(&[], open).is_ok());
}

#[test]
fn a_quota_counts() {
    let none = Fault::Add("/kubernetes/quotas", r#"{"namespace": "dss", "name": "few", "hard": {"pods": "0"}}"#);
    let (code, said) = admitted(&[none], pod()).expect_err("refused");
    let words = "pods \"p\" is forbidden: exceeded quota: few, requested: pods=1, used: pods=0, limited: pods=0";
    assert_eq!((code, said.as_str()), (403, words));
    let memory =
        Fault::Add("/kubernetes/quotas", r#"{"namespace": "dss", "name": "m", "hard": {"limits.memory": "4Mi"}}"#);
    let (_, said) = admitted(&[memory], pod()).expect_err("refused");
    assert!(
        said.ends_with("requested: limits.memory=8Mi, used: limits.memory=0, limited: limits.memory=4Mi"),
        "{said}"
    );
    let mut unsaid = pod();
    unsaid["spec"]["containers"][0]["resources"] = json!({});
    let (_, said) = admitted(&[memory], unsaid).expect_err("refused");
    assert!(said.ends_with("failed quota: m: must specify limits.memory for: probe"), "{said}");
}

#[test]
fn others_refuse_too() {
    let webhook = r#"{"namespace": "*", "webhook": "policy.example", "message": "not here"}"#;
    let (code, said) = admitted(&[Fault::Add("/kubernetes/refusals", webhook)], pod()).expect_err("refused");
    let words = "admission webhook \"policy.example\" denied the request: not here";
    assert_eq!((code, said.as_str()), (403, words));
    let mut unknown = pod();
    unknown["spec"]["nodename"] = json!("x");
    let (code, said) = admitted(&[], unknown).expect_err("refused");
    assert!(code == 400 && said.contains("unknown field \"spec.nodename\""), "{said}");
    let mut account = pod();
    account["spec"]["serviceAccountName"] = json!("nobody");
    let (_, said) = admitted(&[], account).expect_err("refused");
    assert!(said.contains("serviceaccount \"nobody\" not found"), "{said}");
    let mut name = pod();
    name["metadata"]["name"] = json!("P_");
    assert_eq!(admitted(&[], name).expect_err("refused").0, 422);
}
