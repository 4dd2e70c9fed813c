//! What webhooks do to a pod before it is judged: sidecars, other images; and one that does not answer.

use serde_json::{Value, json};

use super::limits;
use super::words::Status;
use super::world::{KubernetesWorld, Sidecar, about};

/// Changes the pod as the webhooks of its namespace do.
pub(super) fn mutate(world: &KubernetesWorld, pod: &mut Value, namespace: &str) -> Result<(), Status> {
    if let Some(silent) = world.silent_webhooks.iter().find(|silent| about(&silent.namespace, namespace)) {
        let webhook = &silent.webhook;
        return Err(Status::internal(format!(
            "failed calling webhook \"{webhook}\": failed to call webhook: Post \
             \"https://{webhook}:443/validate?timeout=10s\": context deadline exceeded"
        )));
    }
    let left_alone = pod.pointer("/metadata/annotations/sidecar.istio.io~1inject") == Some(&json!("false"));
    let labels = pod["metadata"]["labels"].clone();
    let wanted = |sidecar: &&Sidecar| match &sidecar.with_label {
        Some(label) => !labels[label].is_null(),
        None => !left_alone,
    };
    let here = world.sidecars.iter().filter(|sidecar| about(&sidecar.namespace, namespace));
    for sidecar in here.filter(wanted) {
        let list = if sidecar.init { "initContainers" } else { "containers" };
        if !pod["spec"][list].is_array() {
            pod["spec"][list] = json!([]);
        }
        if let Some(all) = pod["spec"][list].as_array_mut() {
            all.push(json!({"name": sidecar.name, "image": sidecar.image}));
        }
    }
    for rewrite in world.image_rewrites.iter().filter(|rewrite| about(&rewrite.namespace, namespace)) {
        for container in pod["spec"]["containers"].as_array_mut().into_iter().flatten() {
            let image = container["image"].as_str().unwrap_or_default().to_owned();
            if let Some((_, rest)) = image.split_once('/').filter(|(_, rest)| rest.contains(&rewrite.image)) {
                container["image"] = json!(format!("{}/{rest}", rewrite.registry));
            }
        }
    }
    limits::default(world, pod, namespace);
    Ok(())
}
