//! The probe pod: what it asks of its node and what it may. Clean under the `restricted` Pod Security Standard.

use k8s_openapi::api::core::v1 as core;
use serde_json::json;

use crate::probe::{HOLD, PATH};
use crate::verdict::Broken;

/// The label every object of ackcheck has, with its value.
pub(super) const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "ackcheck");
/// The label with the run's id.
pub(super) const RUN: &str = "ackcheck-run";
/// The only container.
pub(super) const CONTAINER: &str = "probe";
/// A pod whose ackcheck was killed ends by itself after this, in seconds.
const LIVES: i64 = 1800;

/// What the pods of one run have in common.
pub(super) struct Common<'a> {
    pub(super) run: &'a str,
    pub(super) namespace: &'a str,
    pub(super) image: &'a str,
    /// `[cluster] pull_secret`. Without one the pod has what the namespace gives every pod, as DSS's own pods have.
    pub(super) pull_secret: Option<&'a str>,
}

/// The name of the pod on a node: the run, and a number that tells nodes apart whatever their names hold.
pub(super) fn name(run: &str, node: &str) -> String {
    // FNV-1a: short, stable, and two nodes of one cluster do not meet.
    let hash = node
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("ackcheck-{run}-{hash:016x}")
}

/// The pod for a node. It is bound by affinity and not by `nodeName`, so that the scheduler has its say: taints,
/// cordons and room are part of what is asked.
pub(super) fn pod(common: &Common<'_>, node: &str) -> Result<core::Pod, Broken> {
    let mut pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name(common.run, node),
            "namespace": common.namespace,
            "labels": {
                MANAGED_BY.0: MANAGED_BY.1,
                "app.kubernetes.io/name": "ackcheck-probe",
                RUN: common.run,
            },
            // A mesh's sidecar would answer for the network in the probe's stead.
            "annotations": { "sidecar.istio.io/inject": "false", "linkerd.io/inject": "disabled" },
        },
        "spec": {
            "restartPolicy": "Never",
            "activeDeadlineSeconds": LIVES,
            "terminationGracePeriodSeconds": 1,
            "automountServiceAccountToken": false,
            "enableServiceLinks": false,
            "affinity": { "nodeAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [{
                    "matchFields": [{ "key": "metadata.name", "operator": "In", "values": [node] }],
                }],
            } } },
            // Tainted pools are nodes that DSS may be told to use; a node that is being emptied is not.
            "tolerations": [{ "operator": "Exists", "effect": "NoSchedule" }],
            "securityContext": {
                "runAsNonRoot": true,
                "runAsUser": 65_532,
                "runAsGroup": 65_532,
                "seccompProfile": { "type": "RuntimeDefault" },
            },
            "containers": [{
                "name": CONTAINER,
                "image": common.image,
                // The tag is derived from the content, so what is there is right; but asking the registry is the check.
                "imagePullPolicy": "Always",
                // Where the program does not start, what the runtime printed is then in the state.
                "terminationMessagePolicy": "FallbackToLogsOnError",
                "command": [PATH, HOLD],
                "resources": {
                    "requests": { "cpu": "10m", "memory": "32Mi" },
                    "limits": { "cpu": "1", "memory": "128Mi" },
                },
                "securityContext": {
                    "allowPrivilegeEscalation": false,
                    "readOnlyRootFilesystem": true,
                    "capabilities": { "drop": ["ALL"] },
                },
            }],
        },
    });
    if let Some(secret) = common.pull_secret {
        pod["spec"]["imagePullSecrets"] = json!([{ "name": secret }]);
    }
    serde_json::from_value(pod).map_err(|error| Broken::Internal(format!("the probe pod: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_what_a_restricted_namespace_takes_and_the_scheduler_places() {
        let common = Common { run: "abcdefgh", namespace: "dss", image: "r/ns/ackcheck-probe:1", pull_secret: None };
        let pod = pod(&common, "cn-hangzhou.10.0.1.11").unwrap();
        let spec = pod.spec.unwrap();
        assert_eq!(spec.node_name, None, "the scheduler speaks");
        assert!(spec.host_network.is_none() && spec.volumes.is_none());
        assert_eq!(spec.automount_service_account_token, Some(false));
        assert!(spec.image_pull_secrets.is_none(), "what the namespace gives");
        let security = spec.containers[0].security_context.clone().unwrap();
        assert_eq!(security.allow_privilege_escalation, Some(false));
        assert_eq!(security.capabilities.unwrap().drop.unwrap(), ["ALL"]);
        assert!(name("abcdefgh", "cn-hangzhou.10.0.1.11").len() <= 63);
        assert_ne!(name("a", "n1"), name("a", "n2"));
    }
}
