//! What a pod must be to be admitted: valid, within its namespace's quota and pod security, not refused by a webhook; and
//! what is filled in for it.

use k8s_openapi::api::core::v1 as core;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::kinds::Kind;
use super::limits;
use super::mutation;
use super::objects::Objects;
use super::quantity::milli;
use super::security;
use super::words::Status;
use super::world::{KubernetesWorld, about};
use crate::world::Deployment;

/// Makes of what was sent the pod that is kept, or refuses it.
pub(crate) fn admit(
    objects: &Objects,
    world: &KubernetesWorld,
    deployment: &Deployment,
    mut pod: Value,
    strict: bool,
) -> Result<Value, Status> {
    let typed: core::Pod = self::typed(Kind::Pod, &pod, strict)?;
    let namespace = typed.metadata.namespace.clone().unwrap_or_default();
    let name = typed.metadata.name.clone().or(typed.metadata.generate_name.clone()).unwrap_or_default();
    let kind = Kind::Pod;
    if world.terminating.contains(&namespace) {
        let why = format!("unable to create new content in namespace {namespace} because it is being terminated");
        return Err(Status::forbidden(kind, Some(&name), &why));
    }
    service_account(objects, world, deployment, &mut pod, &namespace)?;
    mutation::mutate(world, &mut pod, &namespace)?;
    let typed: core::Pod = self::typed(Kind::Pod, &pod, false)?;
    let spec = typed.spec.clone().unwrap_or_default();
    limits::within(world, &namespace, &spec).map_err(|why| Status::forbidden(kind, Some(&name), &why))?;
    if let Some(refusal) = world.refusals.iter().find(|refusal| about(&refusal.namespace, &namespace)) {
        return Err(Status::forbidden_by_webhook(&refusal.webhook, &refusal.message));
    }
    let enforced = world.pod_security.iter().find(|enforced| about(&enforced.namespace, &namespace));
    if let Some(enforced) = enforced {
        security::check(enforced.level, &spec).map_err(|why| Status::forbidden(kind, Some(&name), &why))?;
    }
    valid(&typed, &name)?;
    quota(objects, &namespace, &spec).map_err(|why| Status::forbidden(kind, Some(&name), &why))?;
    defaults(&mut pod, &spec);
    Ok(pod)
}

/// Parses what was sent as the type of its kind. Fields that the type does not have are refused where `fieldValidation=Strict`.
pub(super) fn typed<T: DeserializeOwned + Serialize>(kind: Kind, sent: &Value, strict: bool) -> Result<T, Status> {
    let refused = |why: String| {
        let (kind, version) = (kind.name(), kind.api_version());
        Status::bad_request(format!("{kind} in version \"{version}\" cannot be handled as a {kind}: {why}"))
    };
    let typed: T = serde_json::from_value(sent.clone()).map_err(|error| refused(format!("json: {error}")))?;
    let mut unknown = Vec::new();
    if strict {
        compare("", sent, &serde_json::to_value(&typed).unwrap_or_default(), &mut unknown);
    }
    if unknown.is_empty() {
        return Ok(typed);
    }
    let said: Vec<String> = unknown.iter().map(|field| format!("unknown field \"{field}\"")).collect();
    Err(refused(format!("strict decoding error: {}", said.join(", "))))
}

fn compare(at: &str, sent: &Value, known: &Value, unknown: &mut Vec<String>) {
    match (sent, known) {
        (Value::Object(sent), Value::Object(known)) => {
            for (key, value) in sent {
                let at = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
                match known.get(key) {
                    Some(known) => compare(&at, value, known, unknown),
                    // A known field whose value is empty is not written back.
                    None if is_empty(value) || key == "status" || key == "managedFields" => {}
                    None => unknown.push(at),
                }
            }
        }
        (Value::Array(sent), Value::Array(known)) => {
            for (number, (sent, known)) in sent.iter().zip(known).enumerate() {
                compare(&format!("{at}[{number}]"), sent, known, unknown);
            }
        }
        _ => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// The service account must be there; a pod without pull secrets of its own is given those of its account, and ACK's
/// credential helper serves the accounts it watches.
fn service_account(
    objects: &Objects,
    world: &KubernetesWorld,
    deployment: &Deployment,
    pod: &mut Value,
    namespace: &str,
) -> Result<(), Status> {
    let name = pod.pointer("/spec/serviceAccountName").and_then(Value::as_str).unwrap_or("default").to_owned();
    let account = objects.get(Kind::ServiceAccount, namespace, &name).map_err(|_| {
        let why = format!("error looking up service account {namespace}/{name}: serviceaccount \"{name}\" not found");
        Status::forbidden(Kind::Pod, pod.pointer("/metadata/name").and_then(Value::as_str), &why)
    })?;
    pod["spec"]["serviceAccountName"] = json!(name);
    pod["spec"]["serviceAccount"] = json!(name);
    if pod.pointer("/spec/imagePullSecrets").is_some_and(|own| !is_empty(own)) {
        return Ok(());
    }
    let mut secrets = account.value()["imagePullSecrets"].as_array().cloned().unwrap_or_default();
    let helper = &world.credential_helper;
    let serves = helper.watch_namespaces.iter().any(|watched| watched == "all" || watched == namespace)
        && helper.service_accounts.iter().any(|served| about(served, &name));
    if serves {
        let own = "acr-credential-helper";
        let user = &deployment.registry_user;
        let secret = super::seed::pull_secret(namespace, own, &deployment.repository, &user.name, &user.password);
        if objects.get(Kind::Secret, namespace, own).is_err() {
            objects.create(Kind::Secret, secret)?;
        }
        secrets.push(json!({"name": own}));
    }
    if !secrets.is_empty() {
        pod["spec"]["imagePullSecrets"] = json!(secrets);
    }
    Ok(())
}

fn valid(pod: &core::Pod, name: &str) -> Result<(), Status> {
    let mut causes = Vec::new();
    let mut cause = |field: String, reason: &'static str, what: String| causes.push((field, reason, what));
    if name.is_empty() {
        cause(
            "metadata.name".to_owned(),
            "FieldValueRequired",
            "Required value: name or generateName is required".to_owned(),
        );
    } else if pod.metadata.name.is_some() && !is_subdomain(name) {
        let what = format!(
            "Invalid value: \"{name}\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, \
             '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for \
             validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
        );
        cause("metadata.name".to_owned(), "FieldValueInvalid", what);
    }
    for (key, value) in pod.metadata.labels.iter().flatten() {
        if value.len() > 63 {
            let what = format!("Invalid value: \"{value}\": must be no more than 63 bytes");
            cause("metadata.labels".to_owned(), "FieldValueInvalid", what);
        }
        if key.is_empty() {
            let what = "Invalid value: \"\": name part must be non-empty".to_owned();
            cause("metadata.labels".to_owned(), "FieldValueInvalid", what);
        }
    }
    let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
    if pod.spec.as_ref().is_none_or(|spec| spec.containers.is_empty()) {
        cause("spec.containers".to_owned(), "FieldValueRequired", "Required value".to_owned());
    }
    for (number, container) in containers.enumerate() {
        if container.name.is_empty() {
            cause(format!("spec.containers[{number}].name"), "FieldValueRequired", "Required value".to_owned());
        }
        if container.image.as_deref().unwrap_or_default().is_empty() {
            cause(format!("spec.containers[{number}].image"), "FieldValueRequired", "Required value".to_owned());
        }
    }
    if causes.is_empty() { Ok(()) } else { Err(Status::invalid(Kind::Pod, name, &causes)) }
}

/// Whether a name is a DNS subdomain, as object names must be.
pub(crate) fn is_subdomain(name: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    name.len() <= 253 && name.split('.').all(label)
}

/// How much of a resource one pod takes, in thousandths; none if it does not say.
fn taken(spec: &core::PodSpec, resource: &str) -> Option<i64> {
    let (limits, name) = match resource.split_once('.') {
        Some(("limits", name)) => (true, name),
        Some((_, name)) => (false, name),
        None if resource == "pods" => return Some(1000),
        None => (false, resource),
    };
    let mut total = 0;
    for container in &spec.containers {
        let resources = container.resources.as_ref()?;
        let list =
            if limits { resources.limits.as_ref() } else { resources.requests.as_ref().or(resources.limits.as_ref()) };
        total += milli(&list?.get(name)?.0)?;
    }
    Some(total)
}

/// Refuses what would exceed a quota of the namespace.
fn quota(objects: &Objects, namespace: &str, spec: &core::PodSpec) -> Result<(), String> {
    for quota in objects.list(Kind::ResourceQuota, namespace).0 {
        let hard = quota.value()["spec"]["hard"].as_object().cloned().unwrap_or_default();
        for (resource, hard) in hard {
            let name = resource.strip_prefix("count/").unwrap_or(&resource);
            let hard = hard.as_str().map(str::to_owned).unwrap_or_else(|| hard.to_string());
            let measured = name == "pods" || name.contains("cpu") || name.contains("memory");
            let Some(most) = milli(&hard).filter(|_| measured) else { continue };
            let quota = &quota.name;
            let Some(asked) = taken(spec, name) else {
                return Err(format!("failed quota: {quota}: must specify {name} for: {}", names(spec)));
            };
            let used: i64 = objects
                .list(Kind::Pod, namespace)
                .0
                .iter()
                .filter_map(|pod| serde_json::from_slice::<core::Pod>(&pod.body).ok()?.spec)
                .filter_map(|spec| taken(&spec, name))
                .sum();
            if used + asked > most {
                let text = super::quantity::text;
                return Err(format!(
                    "exceeded quota: {quota}, requested: {resource}={}, used: {resource}={}, limited: {resource}={hard}",
                    text(name, asked),
                    text(name, used)
                ));
            }
        }
    }
    Ok(())
}

fn names(spec: &core::PodSpec) -> String {
    spec.containers.iter().map(|container| container.name.as_str()).collect::<Vec<_>>().join(",")
}

/// What the API server fills in.
fn defaults(pod: &mut Value, typed: &core::PodSpec) {
    let spec = &mut pod["spec"];
    let mut default = |key: &str, value: Value| {
        if spec.get(key).is_none_or(Value::is_null) {
            spec[key] = value;
        }
    };
    default("restartPolicy", json!("Always"));
    default("terminationGracePeriodSeconds", json!(30));
    default("dnsPolicy", json!("ClusterFirst"));
    default("schedulerName", json!("default-scheduler"));
    default("securityContext", json!({}));
    default("enableServiceLinks", json!(true));
    default("preemptionPolicy", json!("PreemptLowerPriority"));
    default("priority", json!(0));
    default("tolerations", json!([]));
    if let Some(tolerations) = spec["tolerations"].as_array_mut() {
        for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
            if !tolerations.iter().any(|toleration| toleration["key"] == key || toleration["key"].is_null()) {
                let toleration =
                    json!({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300});
                tolerations.push(toleration);
            }
        }
    }
    for container in spec["containers"].as_array_mut().into_iter().flatten() {
        let image = container["image"].as_str().unwrap_or_default();
        let latest = image.ends_with(":latest") || !image.rsplit('/').next().unwrap_or_default().contains([':', '@']);
        for (key, value) in [
            ("imagePullPolicy", json!(if latest { "Always" } else { "IfNotPresent" })),
            ("resources", json!({})),
            ("terminationMessagePath", json!("/dev/termination-log")),
            ("terminationMessagePolicy", json!("File")),
        ] {
            if container.get(key).is_none_or(Value::is_null) {
                container[key] = value;
            }
        }
    }
    let guaranteed = typed.containers.iter().all(|container| {
        let limits = container.resources.as_ref().and_then(|resources| resources.limits.as_ref());
        let requests = container.resources.as_ref().and_then(|resources| resources.requests.as_ref());
        limits.is_some_and(|limits| limits.len() >= 2) && requests.is_none_or(|requests| Some(requests) == limits)
    });
    let none = typed.containers.iter().all(|container| container.resources.is_none());
    let class = if none {
        "BestEffort"
    } else if guaranteed {
        "Guaranteed"
    } else {
        "Burstable"
    };
    pod["status"] = json!({"phase": "Pending", "qosClass": class});
}

#[cfg(test)]
#[path = "admission_tests.rs"]
mod tests;
