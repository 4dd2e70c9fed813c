//! How objects are deleted: pods on a node by their kubelet, owners with, after or without what they own.

use std::sync::Arc;

use serde_json::json;

use super::kinds::Kind;
use super::objects::{Object, Objects, now};
use super::words::Status;

/// `propagationPolicy`: what becomes of what a deleted object owns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cascade {
    /// It goes afterwards.
    Background,
    /// It goes first.
    Foreground,
    /// It stays, without its owner.
    Orphan,
}

/// Deletes an object, whatever it owns. A pod on a node is first marked and then ended by its kubelet, unless it goes
/// at once. Returns its last state.
pub(crate) fn remove(
    objects: &Objects,
    kind: Kind,
    namespace: &str,
    name: &str,
    grace: Option<u64>,
) -> Result<Arc<Object>, Status> {
    if kind == Kind::Pod {
        let value = objects.get(kind, namespace, name)?.value();
        let grace = grace.or(value["spec"]["terminationGracePeriodSeconds"].as_u64()).unwrap_or(30);
        let phase = value["status"]["phase"].as_str().unwrap_or_default();
        let on_a_node = value["spec"]["nodeName"].is_string() && matches!(phase, "Pending" | "Running");
        if grace > 0 && on_a_node {
            return objects.update(Kind::Pod, namespace, name, |pod| {
                if pod["metadata"]["deletionTimestamp"].is_null() {
                    pod["metadata"]["deletionTimestamp"] = json!(now());
                    pod["metadata"]["deletionGracePeriodSeconds"] = json!(grace);
                }
                Ok(())
            });
        }
    }
    objects.delete(kind, namespace, name)
}

/// Deletes an object, and what it owns as `cascade` says; the garbage collector does the rest.
pub(crate) fn cascade(
    objects: &Objects,
    kind: Kind,
    namespace: &str,
    name: &str,
    grace: Option<u64>,
    cascade: Cascade,
) -> Result<Arc<Object>, Status> {
    let object = objects.get(kind, namespace, name)?;
    let owned = objects.owned_by(&object.uid);
    if cascade == Cascade::Orphan {
        for (kind, (namespace, name)) in &owned {
            let freed = objects.update(*kind, namespace, name, |value| {
                if let Some(owners) = value["metadata"]["ownerReferences"].as_array_mut() {
                    owners.retain(|owner| owner["uid"] != object.uid.as_str());
                }
                Ok(())
            });
            if let Err(status) = freed
                && status.code != 404
            {
                return Err(status);
            }
        }
    }
    if cascade != Cascade::Foreground || owned.is_empty() {
        return remove(objects, kind, namespace, name, grace);
    }
    let marked = objects.update(kind, namespace, name, |value| {
        if value["metadata"]["deletionTimestamp"].is_null() {
            value["metadata"]["deletionTimestamp"] = json!(now());
            value["metadata"]["deletionGracePeriodSeconds"] = json!(0);
            value["metadata"]["finalizers"] = json!(["foregroundDeletion"]);
        }
        Ok(())
    })?;
    objects.suspect_owned_by(&marked.uid);
    Ok(marked)
}
