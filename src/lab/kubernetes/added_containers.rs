//! Containers that a mutating webhook adds to pods by their labels, whatever their annotations ask for.

use serde_json::{Value, json};

use super::world::{KubernetesWorld, about};

/// Adds those for a pod of a namespace.
pub(super) fn add(world: &KubernetesWorld, namespace: &str, pod: &mut Value) {
    let labels = pod["metadata"]["labels"].clone();
    let added = world.added_containers.iter();
    let added = added.filter(|added| about(&added.namespace, namespace) && !labels[&added.with_label].is_null());
    let added = added.map(|added| json!({"name": added.name, "image": added.image}));
    if let Some(containers) = pod["spec"]["containers"].as_array_mut() {
        containers.extend(added);
    }
}
