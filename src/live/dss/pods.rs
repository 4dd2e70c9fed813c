//! What a container or Spark configuration says of its pods: resources as numbers, and node selector, tolerations and
//! affinity as YAML that DSS copies into the pod.

use serde_json::Value;

use super::settings::{list, text};
use ackcheck_core::seat::cluster::scheduling::{Requirement, Resources, Term, Toleration};
use ackcheck_core::seat::dss::containers::ConfigurationKind;
use ackcheck_core::seat::dss::pods::PodSettings;

/// A text longer than this is not read: what DSS copies into a pod is short.
const LONGEST_YAML: usize = 64 * 1024;

/// What the configuration says, in the objects that hold what is of Kubernetes.
pub(super) fn settings(kind: ConfigurationKind, config: &Value, holders: [&str; 2]) -> PodSettings {
    let mut settings = PodSettings::default();
    let at = |key: &str| holders.iter().find_map(|holder| config.pointer(&format!("{holder}/{key}")));
    settings.creates_namespace = at("createNamespace") == Some(&Value::Bool(true));
    if let Some(resources) = at("kubernetesResources") {
        settings.placement.requests =
            amounts(resources, "memRequestMB", "cpuRequest", "customRequests", &mut settings.unclear);
        settings.limits = amounts(resources, "memLimitMB", "cpuLimit", "customLimits", &mut settings.unclear);
        // The API requests what a container is limited to where it requests nothing.
        for (resource, most) in &settings.limits {
            settings.placement.requests.entry(resource.clone()).or_insert_with(|| most.clone());
        }
    }
    let mut spec = serde_json::Map::new();
    if kind == ConfigurationKind::Spark
        && let Some(template) = text(at("executorPodTemplate"))
    {
        match yaml("executorPodTemplate", &template, &mut settings.unclear) {
            Some(Value::Object(pod)) => match pod.get("spec") {
                Some(Value::Object(of_pod)) => spec = of_pod.clone(),
                None | Some(Value::Null) => {}
                Some(_) => settings.unclear.push("executorPodTemplate has a spec that is not a map".to_owned()),
            },
            None | Some(Value::Null) => {}
            Some(_) => settings.unclear.push("executorPodTemplate is not a map".to_owned()),
        }
    }
    for key in ["nodeSelector", "tolerations", "affinity"] {
        let written = match at(key) {
            Some(Value::String(written)) => yaml(key, written, &mut settings.unclear),
            other => other.cloned(),
        };
        // As it stands in a pod, or with its own key above it.
        let inner = written.as_ref().and_then(|value| value.get(key)).cloned();
        if let Some(value) = inner.or(written).filter(|value| !value.is_null()) {
            spec.insert(key.to_owned(), value);
        }
    }
    of_spec(&spec, &mut settings);
    settings
}

/// Reads YAML that DSS copies. With variables in it, or where it is none, that is unclear.
fn yaml(key: &str, written: &str, unclear: &mut Vec<String>) -> Option<Value> {
    if written.trim().is_empty() {
        return None;
    }
    if written.contains("${") || written.contains("%{") {
        unclear.push(format!("{key} has variables"));
        return None;
    }
    let parsed = (written.len() <= LONGEST_YAML).then(|| serde_saphyr::from_str::<Value>(written));
    match parsed {
        Some(Ok(value)) => Some(value),
        _ => {
            unclear.push(format!("{key} is not YAML that can be read"));
            None
        }
    }
}

/// Memory in MiB and cores; a negative number, or none, is not set.
fn amounts(resources: &Value, memory: &str, cpu: &str, custom: &str, unclear: &mut Vec<String>) -> Resources {
    let mut amounts = Resources::new();
    let number = |key: &str| resources.get(key).and_then(Value::as_f64).filter(|number| *number > 0.0);
    amounts.extend(number(memory).map(|number| ("memory".to_owned(), format!("{number}Mi"))));
    amounts.extend(number(cpu).map(|number| ("cpu".to_owned(), number.to_string())));
    match list(resources, &format!("/{custom}")) {
        Ok(entries) => amounts.extend(entries.iter().filter_map(|entry| {
            let (key, value) = (text(entry.get("key"))?, text(entry.get("value"))?);
            (!key.trim().is_empty() && !value.trim().is_empty())
                .then(|| (key.trim().to_owned(), value.trim().to_owned()))
        })),
        Err(_) => unclear.push(format!("{custom} is not a list")),
    }
    amounts
}

/// What of a pod's specification decides where it is scheduled.
fn of_spec(spec: &serde_json::Map<String, Value>, settings: &mut PodSettings) {
    let unclear = &mut settings.unclear;
    match spec.get("nodeSelector") {
        None => {}
        Some(Value::Object(labels)) => settings
            .placement
            .node_selector
            .extend(labels.iter().map(|(label, value)| (label.clone(), text(Some(value)).unwrap_or_default()))),
        Some(_) => unclear.push("nodeSelector is not a map".to_owned()),
    }
    match spec.get("tolerations") {
        None => {}
        Some(Value::Array(all)) => settings.placement.tolerations.extend(all.iter().map(toleration)),
        Some(_) => unclear.push("tolerations is not a list".to_owned()),
    }
    let terms = spec
        .get("affinity")
        .and_then(|it| it.pointer("/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms"));
    settings.placement.affinity = terms.and_then(Value::as_array).map(|terms| terms.iter().map(term).collect());
}

/// A toleration as JSON has it.
pub(crate) fn toleration(value: &Value) -> Toleration {
    let of = |key: &str| text(value.get(key)).unwrap_or_default();
    Toleration { key: of("key"), operator: of("operator"), value: of("value"), effect: of("effect") }
}

/// A term of a node affinity as JSON has it.
pub(crate) fn term(value: &Value) -> Term {
    let of = |key: &str| value.get(key).and_then(Value::as_array).into_iter().flatten().map(requirement).collect();
    Term { expressions: of("matchExpressions"), fields: of("matchFields") }
}

fn requirement(value: &Value) -> Requirement {
    Requirement {
        key: text(value.get("key")).unwrap_or_default(),
        operator: text(value.get("operator")).unwrap_or_default(),
        values: value
            .get("values")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|one| text(Some(one)))
            .collect(),
    }
}

#[cfg(test)]
#[path = "pods_tests.rs"]
mod tests;
