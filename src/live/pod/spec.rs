//! The probe pod: what it asks of its node and what it may. Clean under the `restricted` Pod Security Standard.

use std::time::Duration;

use k8s_openapi::api::batch::v1 as batch;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use serde_json::json;

use ackcheck_core::config::{Toleration, asks_virtual_nodes};
use ackcheck_core::verdict::Broken;
use ackcheck_probe_protocol::{ASK, HOLD, PATH};

/// The label every object of ackcheck has, with its value.
pub(super) const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "ackcheck");
/// The label with the run's id.
pub(super) const RUN: &str = "ackcheck-run";
/// The only container.
pub(super) const CONTAINER: &str = "probe";
/// A pod whose ackcheck was killed ends by itself when the run would have been over, clean-up included, for this long.
const OUTLIVES: Duration = Duration::from_secs(60);

/// The label of pods that stay on their node: where the scheduler chooses the nodes, these avoid each other.
const STAYS: &str = "ackcheck-stays";
/// A finished owner is removed after this, in seconds, and all that hangs on it.
const KEPT_WHEN_FINISHED: i32 = 30;

/// What the pods of one run have in common.
#[derive(Clone, Copy)]
pub(super) struct Common<'a> {
    pub(super) run: &'a str,
    pub(super) namespace: &'a str,
    pub(super) image: &'a str,
    /// `[cluster] probe_image`: the image is on the nodes already.
    pub(super) preloaded: bool,
    /// `[cluster] pull_secret`. Without one the pod has what the namespace gives every pod, as DSS's own pods have.
    pub(super) pull_secret: Option<&'a str>,
    /// `[cluster] tolerations`, besides those that every probe pod has.
    pub(super) tolerations: &'a [Toleration],
    pub(super) owner: Option<&'a OwnerReference>,
    /// `[limits] run` and `clean_up`.
    pub(super) run_lasts: Duration,
}

impl Common<'_> {
    /// `activeDeadlineSeconds`, which Kubernetes takes up to 2^31 - 1.
    fn lives(&self) -> i32 {
        i32::try_from(self.run_lasts.saturating_add(OUTLIVES).as_secs()).unwrap_or(i32::MAX)
    }
}

/// The name of the pod on a node: the run, and a number that tells nodes apart whatever their names hold.
pub(super) fn name(run: &str, node: &str) -> String {
    // FNV-1a: short, stable, and two nodes of one cluster do not meet.
    let hash = node
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("ackcheck-{run}-{hash:016x}")
}

/// Selects what belongs to a run.
pub(super) fn selector(run: &str) -> String {
    format!("{RUN}={run}")
}

/// The pod for a node. It is bound by affinity and not by `nodeName`, so that the scheduler has its say: taints,
/// cordons and room are part of what is asked.
pub(super) fn pod(common: &Common<'_>, node: &str) -> Result<core::Pod, Broken> {
    finish(common, &name(common.run, node), &[HOLD], Place::On(node))
}

/// A second pod for a node, where the first says nothing sure about the pull.
pub(super) fn pod_again(common: &Common<'_>, node: &str) -> Result<core::Pod, Broken> {
    finish(common, &format!("{}-again", name(common.run, node)), &[HOLD], Place::AgainOn(node))
}

/// A pod for whichever node has none of this run yet.
pub(super) fn anywhere(common: &Common<'_>, number: usize) -> Result<core::Pod, Broken> {
    finish(common, &format!("ackcheck-{}-any-{number}", common.run), &[HOLD], Place::Anywhere)
}

/// A pod that answers one ask on a node and ends.
pub(super) fn one_shot(common: &Common<'_>, node: &str, number: usize, ask: &str) -> Result<core::Pod, Broken> {
    finish(common, &format!("{}-{number}", name(common.run, node)), &[ASK, ask], Place::AskedOn(node))
}

/// The name of the run's owner.
pub(super) fn owner_name(run: &str) -> String {
    format!("ackcheck-{run}")
}

/// The owner: a Job that starts no pod, with a deadline and a time to live after it.
pub(super) fn owner(common: &Common<'_>) -> Result<batch::Job, Broken> {
    let mut template = serde_json::to_value(finish(common, "", &[HOLD], Place::Anywhere)?).map_err(no_spec)?;
    template["metadata"] = json!({ "labels": labels(common) });
    let job = json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": owner_name(common.run), "namespace": common.namespace, "labels": labels(common),
        },
        "spec": {
            "parallelism": 0,
            "backoffLimit": 0,
            "activeDeadlineSeconds": common.lives(),
            "ttlSecondsAfterFinished": KEPT_WHEN_FINISHED,
            "template": { "metadata": template["metadata"], "spec": template["spec"] },
        },
    });
    serde_json::from_value(job).map_err(no_spec)
}

fn labels(common: &Common<'_>) -> serde_json::Value {
    json!(labels_of(common.run))
}

/// The labels of every pod of a run.
pub(super) fn labels_of(run: &str) -> std::collections::BTreeMap<String, String> {
    [(MANAGED_BY.0, MANAGED_BY.1), ("app.kubernetes.io/name", "ackcheck-probe"), (RUN, run)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

fn no_spec(error: serde_json::Error) -> Broken {
    Broken::Internal(format!("the probe pod: {error}"))
}

/// Where a pod is to run.
#[derive(Clone, Copy)]
enum Place<'a> {
    /// On this node, and stay.
    On(&'a str),
    /// On this node, besides the one that stays.
    AskedOn(&'a str),
    /// The same, and its image is asked for anew.
    AgainOn(&'a str),
    /// On a node that has none that stays.
    Anywhere,
}

fn affinity(common: &Common<'_>, place: Place<'_>) -> serde_json::Value {
    match place {
        Place::On(node) | Place::AskedOn(node) | Place::AgainOn(node) => {
            json!({ "nodeAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [{
                    "matchFields": [{ "key": "metadata.name", "operator": "In", "values": [node] }],
                }],
            } } })
        }
        Place::Anywhere => {
            let mut affinity = json!({ "podAntiAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": [{
                "labelSelector": { "matchLabels": { RUN: common.run, STAYS: "true" } },
                "topologyKey": "kubernetes.io/hostname",
            }] } });
            if !asks_virtual_nodes(common.tolerations) {
                // By the label that virtual nodes have.
                affinity["nodeAffinity"] = json!({ "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [{
                        "matchExpressions": [{ "key": "type", "operator": "NotIn", "values": ["virtual-kubelet"] }],
                    }],
                } });
            }
            affinity
        }
    }
}

fn finish(common: &Common<'_>, name: &str, arguments: &[&str], place: Place<'_>) -> Result<core::Pod, Broken> {
    let mut command = vec![PATH];
    command.extend(arguments);
    let mut pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": common.namespace,
            "labels": labels(common),
            // A mesh's sidecar would answer for the network in the probe's stead.
            "annotations": { "sidecar.istio.io/inject": "false", "linkerd.io/inject": "disabled" },
        },
        "spec": {
            "restartPolicy": "Never",
            "activeDeadlineSeconds": common.lives(),
            "terminationGracePeriodSeconds": 1,
            "automountServiceAccountToken": false,
            "enableServiceLinks": false,
            "affinity": affinity(common, place),
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
                "imagePullPolicy": if common.preloaded { "IfNotPresent" } else { "Always" },
                // Where the program does not start, what the runtime printed is then in the state.
                "terminationMessagePolicy": "FallbackToLogsOnError",
                "command": command,
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
    match place {
        Place::On(_) | Place::Anywhere => pod["metadata"]["labels"][STAYS] = json!("true"),
        Place::AgainOn(_) => {}
        // It is there already: the node pulled it for the pod that stays.
        Place::AskedOn(_) => pod["spec"]["containers"][0]["imagePullPolicy"] = json!("IfNotPresent"),
    }
    if let Some(secret) = common.pull_secret {
        pod["spec"]["imagePullSecrets"] = json!([{ "name": secret }]);
    }
    let mut pod: core::Pod = serde_json::from_value(pod).map_err(no_spec)?;
    pod.metadata.owner_references = common.owner.map(|owner| vec![owner.clone()]);
    if let Some(tolerations) = pod.spec.as_mut().and_then(|spec| spec.tolerations.as_mut()) {
        tolerations.extend(common.tolerations.iter().map(toleration));
    }
    Ok(pod)
}

/// A taint of the site file, tolerated.
fn toleration(taint: &Toleration) -> core::Toleration {
    core::Toleration {
        key: Some(taint.key.clone()),
        operator: Some(if taint.value.is_some() { "Equal" } else { "Exists" }.to_owned()),
        value: taint.value.clone(),
        effect: taint.effect.clone(),
        ..core::Toleration::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_what_a_restricted_namespace_takes_and_the_scheduler_places() {
        let common = Common {
            run: "abcdefgh",
            namespace: "dss",
            image: "r/ns/ackcheck-probe:1",
            preloaded: false,
            pull_secret: None,
            tolerations: &[Toleration { key: "gpu".to_owned(), value: None, effect: Some("NoExecute".to_owned()) }],
            owner: None,
            run_lasts: Duration::from_secs(4000),
        };
        let pod = pod(&common, "cn-hangzhou.10.0.1.11").unwrap();
        let spec = pod.spec.unwrap();
        assert_eq!(spec.node_name, None, "the scheduler speaks");
        assert!(spec.host_network.is_none() && spec.volumes.is_none());
        assert_eq!(spec.automount_service_account_token, Some(false));
        assert!(spec.image_pull_secrets.is_none(), "what the namespace gives");
        let security = spec.containers[0].security_context.clone().unwrap();
        assert_eq!(security.allow_privilege_escalation, Some(false));
        assert_eq!(security.capabilities.unwrap().drop.unwrap(), ["ALL"]);
        let tolerated: Vec<_> = spec.tolerations.iter().flatten().map(|taint| taint.effect.as_deref()).collect();
        assert_eq!(tolerated, [Some("NoSchedule"), Some("NoExecute")]);
        let asked = one_shot(&common, "cn-hangzhou.10.0.1.11", 12, "{}").unwrap();
        assert!(!asked.metadata.labels.unwrap().contains_key(STAYS), "it keeps no other pod away");
        assert!(asked.metadata.name.unwrap().len() <= 63);
        let job = owner(&common).unwrap().spec.unwrap();
        assert_eq!((job.parallelism, job.active_deadline_seconds), (Some(0), Some(4060)), "it starts nothing");
        assert!(name("abcdefgh", "cn-hangzhou.10.0.1.11").len() <= 63);
        assert_ne!(name("a", "n1"), name("a", "n2"));
    }
}
