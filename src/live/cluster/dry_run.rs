//! A pod as DSS would create it, which the API is asked to admit and not to keep.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::core::v1 as core;
use kube::Api;
use kube::api::PostParams;
use serde_json::{Value, json};

use super::{Kubernetes, Refusal, Silence};
use crate::dss::pods::{term, toleration};
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::right::{KubernetesRight, Scope};
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::cluster::admission::{Admission, Admitted, Refused, Trial, own_container};
use ackcheck_core::seat::cluster::scheduling::{Placement, Requirement, Resources, Term, largest, sum};
use ackcheck_core::seat::dss::containers::ConfigurationKind;
use ackcheck_core::verdict::{Broken, Unseen};

/// The longest that Kubernetes lets a webhook take for its answer. One that says nothing is told by the API after it.
const SLOWEST_WEBHOOK: Duration = Duration::from_secs(30);

/// Asks for the pod.
pub(super) async fn dry_run(kubernetes: &Kubernetes, trial: Trial<'_>, journal: &Journal) -> Seen<Admission> {
    let sent = pod(trial);
    let typed: core::Pod = serde_json::from_value(sent.clone())
        .map_err(|error| Broken::Internal(format!("the pod of {}: {error}", trial.pod.of)))?;
    let namespace = trial.namespace.to_owned();
    let request = |client: kube::Client| {
        let (api, pod): (Api<core::Pod>, _) = (Api::namespaced(client, &namespace), typed.clone());
        async move { api.create(&PostParams { dry_run: true, ..PostParams::default() }, &pod).await }
    };
    let admitted = |pod: &core::Pod| admission(trial, &sent, pod);
    let asked = format!(
        "POST {}/api/v1/namespaces/{namespace}/pods?dryRun=All, a pod as {} has it{}",
        kubernetes.server(),
        trial.pod.of,
        if trial.confined { ", with a security context" } else { "" }
    );
    let limit = kubernetes.limits().request + SLOWEST_WEBHOOK;
    let told = |pod: &core::Pod| admitted(pod).to_string();
    match kubernetes.ask_within(limit, journal, Vantage::Cluster, &asked, request, told).await {
        Ok(pod) => Ok(admitted(&pod)),
        Err(Silence::Status { refusal: Refusal::Authorization, said, .. }) => {
            let scope = Scope::Namespace(namespace.clone().into());
            let create = KubernetesRight { scope, group: "", resource: "pods", name: None, verb: "create" };
            Err(Unseen::denied([create.into()], said))
        }
        Err(Silence::Status { code, said, .. }) => Ok(Admission::Refused(Refused { code, said })),
        Err(silence) => Err(silence.unseen(&format!("a dry run in {namespace}"), [])),
    }
}

/// The pod as DSS or its Spark writes it, with what its configuration sets.
fn pod(trial: Trial<'_>) -> Value {
    let Trial { namespace, pod, image, confined } = trial;
    let (labels, mut container, volumes) = match pod.kind {
        ConfigurationKind::Container => of_dss(),
        ConfigurationKind::Spark => of_spark(),
    };
    container["name"] = json!(own_container(pod.kind));
    container["image"] = json!(image);
    container["imagePullPolicy"] = json!("IfNotPresent");
    container["resources"] = json!({ "requests": pod.settings.placement.requests, "limits": pod.settings.limits });
    if confined {
        container["securityContext"] = json!({
            "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] }, "readOnlyRootFilesystem": true,
        });
    }
    let mut spec = json!({ "restartPolicy": "Never", "containers": [container], "volumes": volumes });
    if confined {
        spec["securityContext"] = json!({ "runAsNonRoot": true, "seccompProfile": { "type": "RuntimeDefault" } });
    }
    let Placement { node_selector, affinity, tolerations, .. } = &pod.settings.placement;
    if !node_selector.is_empty() {
        spec["nodeSelector"] = json!(node_selector);
    }
    if let Some(terms) = affinity {
        let one = |one: &Requirement| json!({ "key": one.key, "operator": one.operator, "values": one.values });
        let all = |all: &[Requirement]| all.iter().map(one).collect::<Vec<_>>();
        let term =
            |term: &Term| json!({ "matchExpressions": all(&term.expressions), "matchFields": all(&term.fields) });
        let terms: Vec<Value> = terms.iter().map(term).collect();
        spec["affinity"] = json!({ "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": { "nodeSelectorTerms": terms },
        } });
    }
    if !tolerations.is_empty() {
        let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let all = tolerations.iter().map(|one| core::Toleration {
            key: given(&one.key),
            operator: given(&one.operator),
            value: given(&one.value),
            effect: given(&one.effect),
            ..core::Toleration::default()
        });
        spec["tolerations"] = json!(all.collect::<Vec<_>>());
    }
    if let Some(account) = &pod.service_account {
        spec["serviceAccountName"] = json!(account);
    }
    if let Some(secret) = &pod.pull_secret {
        spec["imagePullSecrets"] = json!([{ "name": secret }]);
    }
    // Nobody's: it is never created.
    let metadata = json!({ "name": "ackcheck-dry-run", "namespace": namespace, "labels": labels });
    json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec })
}

/// A pod of DSS's own jobs: labels, container and volumes.
fn of_dss() -> (Value, Value, Value) {
    (
        json!({ "job-name": "dataiku-exec-ackcheck", "dataiku.com/dku-execution-id": "ackcheck" }),
        json!({
            "args": ["ackcheck"],
            "volumeMounts": [{ "name": "dkusecret", "mountPath": "/opt/dataiku/secret", "readOnly": true }],
        }),
        json!([{ "name": "dkusecret", "secret": { "secretName": "dkusecret-ackcheck" } }]),
    )
}

/// A pod of an executor.
fn of_spark() -> (Value, Value, Value) {
    (
        json!({ "spark-role": "executor", "spark-app-selector": "spark-ackcheck", "spark-exec-id": "1" }),
        json!({
            "args": ["executor"],
            "ports": [{ "name": "blockmanager", "containerPort": 7079, "protocol": "TCP" }],
            "env": [{ "name": "SPARK_EXECUTOR_ID", "value": "1" }],
            "volumeMounts": [
                { "name": "spark-local-dir-1", "mountPath": "/var/data/spark-local" },
                { "name": "spark-conf-volume-exec", "mountPath": "/opt/spark/conf" },
            ],
        }),
        json!([
            { "name": "spark-local-dir-1", "emptyDir": {} },
            { "name": "spark-conf-volume-exec", "configMap": { "name": "spark-exec-ackcheck-conf-map" } },
        ]),
    )
}

/// What admission made of the pod.
fn admission(trial: Trial<'_>, sent: &Value, pod: &core::Pod) -> Admission {
    let own = own_container(trial.pod.kind);
    let spec = pod.spec.clone().unwrap_or_default();
    let init: Vec<core::Container> = spec.init_containers.clone().unwrap_or_default();
    let named = |container: &core::Container| {
        format!("{} ({})", container.name, container.image.as_deref().unwrap_or("no image"))
    };
    let others = init.iter().chain(&spec.containers).filter(|container| container.name != own);
    let image = spec.containers.iter().find(|container| container.name == own);
    Admission::Admitted(Admitted {
        placement: placement(&spec),
        image: image.and_then(|container| container.image.clone()).unwrap_or_default(),
        added: others.map(named).collect(),
        changes: changes(sent, pod),
    })
}

/// What decides where the admitted pod is scheduled.
fn placement(spec: &core::PodSpec) -> Placement {
    let value = serde_json::to_value(spec).unwrap_or_default();
    let terms = value
        .pointer("/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms")
        .and_then(Value::as_array);
    Placement {
        node_selector: spec.node_selector.clone().unwrap_or_default(),
        affinity: terms.map(|terms| terms.iter().map(term).collect()),
        tolerations: value["tolerations"].as_array().into_iter().flatten().map(toleration).collect(),
        requests: requests(spec),
    }
}

/// What the pod requests of a node: its containers together, or its largest init container if that is more, and what its
/// runtime class adds.
fn requests(spec: &core::PodSpec) -> Resources {
    let of = |container: &core::Container| -> Resources {
        let requests = container.resources.as_ref().and_then(|resources| resources.requests.as_ref());
        requests.into_iter().flatten().map(|(name, asked)| (name.clone(), asked.0.clone())).collect()
    };
    let stays = |container: &&core::Container| container.restart_policy.as_deref() == Some("Always");
    let init = spec.init_containers.as_deref().unwrap_or_default();
    let together = sum(spec.containers.iter().chain(init.iter().filter(stays)).map(of));
    let whole = largest(std::iter::once(together).chain(init.iter().map(of)));
    let overhead = spec.overhead.iter().flatten().map(|(name, asked)| (name.clone(), asked.0.clone())).collect();
    sum([whole, overhead])
}

/// What of the pod, besides its containers, admission set otherwise than it was sent. What the API fills in for every pod
/// is left out.
fn changes(sent: &Value, pod: &core::Pod) -> Vec<String> {
    let now = serde_json::to_value(pod).unwrap_or_default();
    let watched: BTreeMap<&str, &str> = BTreeMap::from([
        ("/spec/nodeSelector", "node selector"),
        ("/spec/affinity", "affinity"),
        ("/spec/imagePullSecrets", "pull secrets"),
        ("/spec/runtimeClassName", "runtime class"),
        ("/spec/containers/0/resources", "resources"),
        ("/spec/hostAliases", "host aliases"),
    ]);
    let mut changes: Vec<String> = watched
        .into_iter()
        .filter(|(pointer, _)| now.pointer(pointer).is_some() && now.pointer(pointer) != sent.pointer(pointer))
        .map(|(pointer, what)| format!("{what}: {}", now.pointer(pointer).unwrap_or(&Value::Null)))
        .collect();
    let was: Vec<&Value> = sent.pointer("/spec/tolerations").and_then(Value::as_array).into_iter().flatten().collect();
    let tolerations = now.pointer("/spec/tolerations").and_then(Value::as_array).into_iter().flatten();
    for toleration in tolerations.filter(|one| !was.contains(one)) {
        // Every pod is given these two.
        if !matches!(
            toleration["key"].as_str(),
            Some("node.kubernetes.io/not-ready" | "node.kubernetes.io/unreachable")
        ) {
            changes.push(format!("toleration: {toleration}"));
        }
    }
    changes
}
