//! How objects are deleted: pods on a node by their kubelet, owners with, after or without what they own.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Response, header};
use serde_json::{Value, json};

use super::api::Api;
use super::kinds::{JOBS, KINDS, PODS};
use super::objects::{Object, Objects, now};
use super::place::Place;
use super::query::Query;
use super::status::{Body, Status, answer, whole};

/// `propagationPolicy`: what becomes of what a deleted object owns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cascade {
    /// It goes afterwards.
    Background,
    /// It goes first.
    Foreground,
    /// It stays, and is owned no more.
    Orphan,
}

/// What the API server adds to the answer where a job is deleted without a word on what it owns.
const PRESERVED: &str = "299 - \"child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning\"";

/// Deletes an object, whatever it owns. A pod on a node is first marked and then ended by its kubelet, unless it is to go
/// at once. Returns its last state.
pub(crate) fn remove(
    objects: &Objects,
    kind: usize,
    namespace: &str,
    name: &str,
    grace: Option<u64>,
) -> Result<Arc<Object>, Status> {
    if kind == PODS {
        let value = objects.get(kind, namespace, name)?.value();
        let grace = grace.or(value["spec"]["terminationGracePeriodSeconds"].as_u64()).unwrap_or(30);
        let phase = value["status"]["phase"].as_str().unwrap_or_default();
        let on_a_node = value["spec"]["nodeName"].is_string() && matches!(phase, "Pending" | "Running");
        if grace > 0 && on_a_node {
            return objects.update(PODS, namespace, name, |pod| {
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
    kind: usize,
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

impl Api {
    /// Answers `delete` of one object.
    pub(super) fn delete(&self, place: &Place, query: &Query, options: &[u8]) -> Result<Response<Body>, Status> {
        let options: Value =
            if options.is_empty() { Value::Null } else { serde_json::from_slice(options).unwrap_or_default() };
        let kind = &KINDS[place.kind];
        let uid = self.objects.get(place.kind, &place.namespace, &place.name)?.uid.clone();
        let precondition = options.pointer("/preconditions/uid").and_then(Value::as_str);
        if precondition.is_some_and(|wanted| wanted != uid) {
            return Err(Status::conflict(kind, &place.name));
        }
        let policy = options["propagationPolicy"].as_str().unwrap_or_else(|| query.first("propagationPolicy"));
        let how = match policy {
            "Background" => Cascade::Background,
            "Foreground" => Cascade::Foreground,
            "Orphan" => Cascade::Orphan,
            // As it was before there was a garbage collector.
            "" if place.kind == JOBS => Cascade::Orphan,
            "" => Cascade::Background,
            other => {
                let known = "must be \"Background\", \"Foreground\", \"Orphan\", or nil";
                let what = format!("Invalid value: \"{other}\": {known}");
                let causes = [("propagationPolicy".to_owned(), "FieldValueInvalid", what)];
                return Err(Status::invalid(kind, &place.name, &causes));
            }
        };
        let asked = options["gracePeriodSeconds"].as_u64().or_else(|| query.first("gracePeriodSeconds").parse().ok());
        let last = cascade(&self.objects, place.kind, &place.namespace, &place.name, asked, how)?;
        let mut response = if place.kind == PODS || last.foreground {
            whole(200, "application/json", last.body.clone())
        } else {
            gone(place, &uid)
        };
        if policy.is_empty() && place.kind == JOBS {
            response.headers_mut().insert(header::WARNING, HeaderValue::from_static(PRESERVED));
        }
        Ok(response)
    }

    /// Answers `deletecollection`: each object as if it were deleted by itself.
    pub(super) fn delete_all(
        &self,
        place: &Place,
        query: &Query,
        options: &Bytes,
        names: Vec<String>,
    ) -> Result<(), Status> {
        for name in names {
            let one = Place { name, below: String::new(), namespace: place.namespace.clone(), kind: place.kind };
            match self.delete(&one, query, options) {
                // It went by itself in the meantime.
                Err(status) if status.code != 404 => return Err(status),
                _ => {}
            }
        }
        Ok(())
    }
}

/// What is said of an object that is gone at once.
fn gone(place: &Place, uid: &str) -> Response<Body> {
    let kind = &KINDS[place.kind];
    let mut details = json!({"name": place.name, "kind": kind.plural, "uid": uid});
    if !kind.group.is_empty() {
        details["group"] = json!(kind.group);
    }
    let status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details});
    answer(200, &status)
}
