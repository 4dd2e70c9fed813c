//! What the cluster holds from the start: namespaces, nodes, service accounts, pull secrets, quotas.

use base64::Engine as _;
use serde_json::{Value, json};

use super::kinds::Kind;
use super::objects::{Objects, now};
use super::words::Status;
use super::world::{KubernetesWorld, Level, UnreadyReason, about};
use crate::world::{Deployment, Node};

/// Fills an empty cluster.
pub(crate) fn seed(objects: &Objects, world: &KubernetesWorld, deployment: &Deployment) -> Result<(), Status> {
    for name in &world.namespaces {
        objects.create(Kind::Namespace, namespace(name, world))?;
        let authority = json!({"metadata": {"name": "kube-root-ca.crt", "namespace": name}, "data": {"ca.crt": ""}});
        objects.create(Kind::ConfigMap, authority)?;
        service_account(objects, world, name)?;
    }
    for node in &deployment.nodes {
        objects.create(Kind::Node, self::node(node, world, deployment))?;
    }
    for secret in world.pull_secrets.iter().filter(|secret| !secret.absent) {
        let user = secret.username.as_deref().unwrap_or(&deployment.registry_user.name);
        let password = secret.password.as_deref().unwrap_or(&deployment.registry_user.password);
        let location = secret.location.as_deref().unwrap_or(&deployment.repository);
        let mut made = pull_secret(&secret.namespace, &secret.name, location, user, password);
        if let Some(auth) = &secret.auth {
            let host = location.split('/').next().unwrap_or_default();
            let config = json!({"auths": {host: {"auth": auth}}}).to_string();
            let encoded = base64::engine::general_purpose::STANDARD.encode(config);
            made["data"][".dockerconfigjson"] = json!(encoded);
        }
        if let Some(kind) = &secret.kind {
            made["type"] = json!(kind);
        }
        objects.create(Kind::Secret, made)?;
    }
    let helper = &world.credential_helper;
    if !helper.watch_namespaces.is_empty() {
        let data = json!({
            "watch-namespace": helper.watch_namespaces.join(","), "service-account": helper.service_accounts.join(","),
            "acr-api-version": "2018-12-01", "expiring-threshold": "15m",
        });
        let metadata = json!({"namespace": "kube-system", "name": "acr-configuration"});
        objects.create(Kind::ConfigMap, json!({"metadata": metadata, "data": data}))?;
    }
    for quota in &world.quotas {
        objects.create(
            Kind::ResourceQuota,
            json!({
                "metadata": {"namespace": quota.namespace, "name": quota.name}, "spec": {"hard": quota.hard},
                "status": {"hard": quota.hard, "used": {}},
            }),
        )?;
    }
    for policy in &world.network_policies {
        let text = |key: &str| policy[key].as_str().unwrap_or_default();
        let kind = Kind::of_object(text("apiVersion"), text("kind")).unwrap_or(Kind::NetworkPolicy);
        objects.create(kind, policy.clone())?;
    }
    for range in &world.limit_ranges {
        let limits = json!([{"type": "Container", "min": range.min, "max": range.max, "default": range.default}]);
        let metadata = json!({"namespace": range.namespace, "name": range.name});
        objects.create(Kind::LimitRange, json!({"metadata": metadata, "spec": {"limits": limits}}))?;
    }
    Ok(())
}

/// The default service account of a namespace, with the pull secrets that are attached to it.
fn service_account(objects: &Objects, world: &KubernetesWorld, namespace: &str) -> Result<(), Status> {
    let attached = world.pull_secrets.iter().filter(|secret| {
        secret.namespace == namespace && secret.service_accounts.iter().any(|account| about(account, "default"))
    });
    let attached: Vec<Value> = attached.map(|secret| json!({"name": secret.name})).collect();
    let mut account = json!({"metadata": {"name": "default", "namespace": namespace}});
    if !attached.is_empty() {
        account["imagePullSecrets"] = json!(attached);
    }
    objects.create(Kind::ServiceAccount, account).map(|_| ())
}

/// A namespace object; what it enforces on pods is a label.
pub(crate) fn namespace(name: &str, world: &KubernetesWorld) -> Value {
    let mut labels = json!({"kubernetes.io/metadata.name": name});
    for enforced in world.pod_security.iter().filter(|enforced| about(&enforced.namespace, name)) {
        let level = match enforced.level {
            Level::Baseline => "baseline",
            Level::Restricted => "restricted",
        };
        labels["pod-security.kubernetes.io/enforce"] = json!(level);
    }
    let phase = if world.terminating.iter().any(|gone| gone == name) { "Terminating" } else { "Active" };
    json!({"metadata": {"name": name, "labels": labels}, "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": phase}})
}

/// A `kubernetes.io/dockerconfigjson` secret for the registry of a repository.
pub(crate) fn pull_secret(namespace: &str, name: &str, repository: &str, user: &str, password: &str) -> Value {
    let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let host = repository.split('/').next().unwrap_or_default();
    let auth = encode(&format!("{user}:{password}"));
    let config = json!({"auths": {host: {"username": user, "password": password, "auth": auth}}});
    json!({
        "metadata": {"namespace": namespace, "name": name}, "type": "kubernetes.io/dockerconfigjson",
        "data": {".dockerconfigjson": encode(&config.to_string())},
    })
}

/// A node as the API has it on ACK: names, labels and `providerID` as the cloud controller manager gives them.
fn node(node: &Node, world: &KubernetesWorld, deployment: &Deployment) -> Value {
    let name = &node.name;
    let unready = world.unready.iter().find(|unready| about(&unready.node, name));
    let architecture = world.architecture(name).name();
    let mut taints: Vec<Value> = world
        .taints
        .iter()
        .filter(|taint| about(&taint.node, name))
        .map(|taint| json!({"key": taint.key, "value": taint.value, "effect": taint.effect}))
        .collect();
    let mut conditions = Vec::new();
    for (kind, reason, message) in [
        ("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ] {
        conditions.push(condition(kind, "False", reason, message));
    }
    match unready {
        None => conditions.push(condition("Ready", "True", "KubeletReady", "kubelet is posting ready status")),
        Some(unready) => {
            let silent = unready.reason == UnreadyReason::NodeStatusUnknown;
            let status = if silent { "Unknown" } else { "False" };
            conditions.push(condition("Ready", status, unready.reason.name(), &unready.message));
            // The node life-cycle controller marks them, so that nothing is scheduled there.
            let key = if silent { "node.kubernetes.io/unreachable" } else { "node.kubernetes.io/not-ready" };
            taints.push(json!({"key": key, "effect": "NoSchedule"}));
            taints.push(json!({"key": key, "effect": "NoExecute", "timeAdded": now()}));
        }
    }
    let mut spec = json!({"podCIDR": node.pod_range.to_string(), "providerID": format!("{}.{}", deployment.region, node.instance)});
    if world.cordoned.iter().any(|cordoned| about(cordoned, name)) {
        spec["unschedulable"] = json!(true);
        taints.push(json!({"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule", "timeAdded": now()}));
    }
    if !taints.is_empty() {
        spec["taints"] = json!(taints);
    }
    let capacity = json!({"cpu": world.capacity.cpu, "memory": world.capacity.memory, "pods": world.capacity.pods});
    let mut described = json!({
        "metadata": {"name": name, "labels": {
            "kubernetes.io/arch": architecture, "kubernetes.io/hostname": name, "kubernetes.io/os": "linux",
            "node.kubernetes.io/instance-type": "ecs.g7.2xlarge", "topology.kubernetes.io/region": deployment.region,
            "topology.kubernetes.io/zone": node.zone, "ack.aliyun.com": deployment.cluster.id,
        }},
        "spec": spec,
        "status": {
            "addresses": [{"type": "InternalIP", "address": node.address}, {"type": "Hostname", "address": name}],
            "allocatable": capacity, "capacity": capacity, "conditions": conditions,
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "nodeInfo": {
                "architecture": architecture, "bootID": "", "containerRuntimeVersion": "containerd://1.6.38",
                "kernelVersion": "5.10.134-18.al8.x86_64", "kubeProxyVersion": world.version,
                "kubeletVersion": world.version, "machineID": node.instance, "operatingSystem": "linux",
                "osImage": "Alibaba Cloud Linux 3 (OpenAnolis Edition)", "systemUUID": "",
            },
        },
    });
    // As ACK's virtual nodes have it, besides their taint.
    if world.taints.iter().any(|taint| about(&taint.node, name) && taint.key.starts_with("virtual-kubelet.io/")) {
        described["metadata"]["labels"]["type"] = json!("virtual-kubelet");
    }
    described
}

fn condition(kind: &str, status: &str, reason: &str, message: &str) -> Value {
    json!({
        "type": kind, "status": status, "lastHeartbeatTime": now(), "lastTransitionTime": now(), "reason": reason,
        "message": message,
    })
}
