//! Creating and changing objects.

use serde_json::{Value, json};

use super::cluster::Cluster;
use super::kinds::{Kind, Verb};
use super::path::ResourcePath;
use super::query::Query;
use super::words::{self, Status, whole};
use super::world::Identity;
use super::{admission, jobs, protobuf, seed};
use crate::http::Response;

/// The media types of patches; a strategic merge patch is applied as a merge patch, which is the same for the fields
/// that clients of the lab patch.
const PATCHES: &[&str] = &["application/merge-patch+json", "application/strategic-merge-patch+json"];

/// A request that creates or changes an object.
pub(super) struct Write<'a> {
    pub(super) who: &'a Identity,
    /// `create`, `update` or `patch`.
    pub(super) verb: Verb,
    pub(super) path: &'a ResourcePath,
    pub(super) query: &'a Query,
    pub(super) content_type: &'a str,
    pub(super) body: &'a [u8],
}

/// Does it, and answers with the object.
pub(super) fn answer(cluster: &Cluster, write: &Write<'_>) -> Result<Response, Status> {
    let object = write.object()?;
    if write.path.kind.is_review() {
        return Ok(words::answer(201, &cluster.access.review(write.who, write.path.kind, object)?));
    }
    match write.verb {
        Verb::Create => create(cluster, write, object),
        _ => change(cluster, write, object),
    }
}

impl Write<'_> {
    /// What was sent, if it is an object that fits the path.
    fn object(&self) -> Result<Value, Status> {
        let (kind, patch) = (self.path.kind, self.verb == Verb::Patch);
        let media = self.content_type.split(';').next().unwrap_or_default().trim();
        let taken: &[&str] = if patch { PATCHES } else { &["application/json"] };
        let protobuf = media == protobuf::MEDIA_TYPE && protobuf::readable(kind.name()) && !patch;
        if !protobuf && !taken.contains(&media) {
            return Err(Status::unsupported_media_type(media, taken));
        }
        let unreadable = |why: String| Status::bad_request(format!("couldn't get version/kind; {why}"));
        let mut object: Value = if protobuf {
            protobuf::object(self.body).ok_or_else(|| unreadable("unexpected EOF".to_owned()))?
        } else {
            serde_json::from_slice(self.body).map_err(|error| unreadable(format!("json parse error: {error}")))?
        };
        if !object.is_object() {
            return Err(unreadable("json parse error: not an object".to_owned()));
        }
        if !patch {
            conforms(kind, &mut object, &self.path.namespace)?;
        }
        Ok(object)
    }
}

fn create(cluster: &Cluster, write: &Write<'_>, object: Value) -> Result<Response, Status> {
    let (kind, objects) = (write.path.kind, &cluster.objects);
    if kind.is_namespaced() {
        objects.get(Kind::Namespace, "", &write.path.namespace)?;
    }
    let strict = write.query.first("fieldValidation") == "Strict";
    let object = match kind {
        Kind::Pod => admission::admit(objects, &cluster.world, &cluster.deployment, object, strict)?,
        Kind::Job => jobs::admit(object, strict)?,
        Kind::Namespace => {
            let name = object["metadata"]["name"].as_str().unwrap_or_default();
            seed::namespace(name, &cluster.world)
        }
        _ => object,
    };
    named(kind, &object)?;
    if write.query.first("dryRun") == "All" {
        return Ok(words::answer(201, &object));
    }
    let created = match kind {
        Kind::Job => objects.create_completed(kind, object, jobs::select_own)?,
        _ => objects.create(kind, object)?,
    };
    if kind == Kind::Namespace {
        let account = json!({"metadata": {"name": "default", "namespace": created.name}});
        objects.create(Kind::ServiceAccount, account)?;
    }
    Ok(whole(201, "application/json", created.body.clone()))
}

fn change(cluster: &Cluster, write: &Write<'_>, object: Value) -> Result<Response, Status> {
    let ResourcePath { kind, namespace, name, .. } = write.path;
    let updated = cluster.objects.update(*kind, namespace, name, |current| {
        let version = object.pointer("/metadata/resourceVersion").and_then(Value::as_str);
        if version.is_some_and(|version| version != current["metadata"]["resourceVersion"]) {
            return Err(Status::conflict(*kind, name));
        }
        let metadata = current["metadata"].clone();
        if write.verb == Verb::Patch {
            merge(current, &object);
        } else {
            *current = object;
        }
        for own in ["name", "namespace", "uid", "creationTimestamp", "resourceVersion"] {
            current["metadata"][own] = metadata[own].clone();
        }
        if metadata["namespace"].is_null()
            && let Some(map) = current["metadata"].as_object_mut()
        {
            map.shift_remove("namespace");
        }
        Ok(())
    })?;
    Ok(whole(200, "application/json", updated.body.clone()))
}

/// What is sent must be of the kind and in the namespace that the path names.
fn conforms(kind: Kind, object: &mut Value, namespace: &str) -> Result<(), Status> {
    let sent = (object["apiVersion"].as_str().unwrap_or_default(), object["kind"].as_str().unwrap_or_default());
    if sent != (kind.api_version().as_str(), kind.name()) && sent != ("", "") {
        let message = format!(
            "{} in version \"{}\" cannot be handled as a {}: no kind \"{}\" is registered for version \"{}\"",
            sent.1,
            sent.0,
            kind.name(),
            sent.1,
            sent.0
        );
        return Err(Status::bad_request(message));
    }
    if !object["metadata"].is_object() {
        object["metadata"] = json!({});
    }
    if kind.is_namespaced() {
        let own = object["metadata"]["namespace"].as_str().unwrap_or(namespace);
        if own != namespace {
            return Err(Status::bad_request(format!(
                "the namespace of the provided object does not match the namespace sent on the request (\"{own}\" != \"{namespace}\")"
            )));
        }
        object["metadata"]["namespace"] = json!(namespace);
    }
    Ok(())
}

/// Every object needs a name, or the start of one.
fn named(kind: Kind, object: &Value) -> Result<(), Status> {
    let given = |key: &str| !object["metadata"][key].as_str().unwrap_or_default().is_empty();
    if given("name") || given("generateName") {
        return Ok(());
    }
    let what = "Required value: name or generateName is required".to_owned();
    Err(Status::invalid(kind, "", &[("metadata.name".to_owned(), "FieldValueRequired", what)]))
}

/// Merges a patch (RFC 7396).
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    for (key, value) in patch {
        match (value, target.as_object_mut()) {
            (Value::Null, Some(map)) => {
                map.shift_remove(key);
            }
            (value, Some(map)) => merge(map.entry(key).or_insert(Value::Null), value),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merges_patches() {
        let mut target = json!({"spec": {"unschedulable": true, "taints": [1]}, "keep": 1});
        merge(&mut target, &json!({"spec": {"unschedulable": null, "taints": [2]}}));
        assert_eq!(target, json!({"spec": {"taints": [2]}, "keep": 1}));
    }
}
