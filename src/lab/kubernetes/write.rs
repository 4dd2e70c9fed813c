//! Creating and changing objects.

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use super::api::Api;
use super::kinds::{self, JOBS, KINDS, NAMESPACES, PODS, SERVICE_ACCOUNTS};
use super::place::Place;
use super::query::Query;
use super::status::{Body, Status, answer, whole};
use super::world::Account;
use super::{admission, jobs, protobuf, seed};

impl Api {
    /// `create`, `update` and `patch`.
    pub(super) fn write(
        &self,
        who: &Account,
        verb: &str,
        place: &Place,
        query: &Query,
        sent: &str,
        body: Bytes,
    ) -> Result<Response<Body>, Status> {
        const PATCHES: &[&str] = &["application/merge-patch+json", "application/strategic-merge-patch+json"];
        let kind = &KINDS[place.kind];
        let media = sent.split(';').next().unwrap_or_default().trim();
        let taken: &[&str] = if verb == "patch" { PATCHES } else { &["application/json"] };
        let protobuf = media == protobuf::MEDIA_TYPE && protobuf::readable(kind.kind) && verb != "patch";
        if !protobuf && !taken.contains(&media) {
            return Err(Status::unsupported_media_type(media, taken));
        }
        let mut object: Value = if protobuf {
            protobuf::object(&body).ok_or_else(|| Status::bad_request("couldn't get version/kind; unexpected EOF"))?
        } else {
            serde_json::from_slice(&body)
                .map_err(|error| Status::bad_request(format!("couldn't get version/kind; json parse error: {error}")))?
        };
        if !object.is_object() {
            return Err(Status::bad_request("couldn't get version/kind; json parse error: not an object"));
        }
        if verb != "patch" {
            conforms(kind, &mut object, &place.namespace)?;
        }
        if kind.review {
            return Ok(answer(201, &self.access.review(who, kind, object)?));
        }
        let dry = query.first("dryRun") == "All";
        match verb {
            "create" => {
                if KINDS[place.kind].namespaced {
                    self.objects.get(NAMESPACES, "", &place.namespace)?;
                }
                let strict = query.first("fieldValidation") == "Strict";
                let object = match place.kind {
                    PODS => admission::admit(&self.objects, &self.world, &self.deployment, object, strict)?,
                    JOBS => jobs::admit(object, strict)?,
                    NAMESPACES => {
                        let name = object["metadata"]["name"].as_str().unwrap_or_default();
                        seed::namespace(name, &self.world)
                    }
                    _ => object,
                };
                named(kind, &object)?;
                if dry {
                    return Ok(answer(201, &object));
                }
                let created = self.objects.create(place.kind, object)?;
                if place.kind == NAMESPACES {
                    let account = json!({"metadata": {"name": "default", "namespace": created.name}});
                    self.objects.create(SERVICE_ACCOUNTS, account)?;
                }
                Ok(whole(201, "application/json", created.body.clone()))
            }
            _ => {
                let updated = self.objects.update(place.kind, &place.namespace, &place.name, |current| {
                    let version = object.pointer("/metadata/resourceVersion").and_then(Value::as_str);
                    if version.is_some_and(|version| version != current["metadata"]["resourceVersion"]) {
                        return Err(Status::conflict(kind, &place.name));
                    }
                    let metadata = current["metadata"].clone();
                    if verb == "patch" {
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
        }
    }
}

/// What is sent must be of the kind and in the namespace that the path names.
fn conforms(kind: &kinds::Kind, object: &mut Value, namespace: &str) -> Result<(), Status> {
    let sent = (object["apiVersion"].as_str().unwrap_or_default(), object["kind"].as_str().unwrap_or_default());
    if sent != (kind.api_version().as_str(), kind.kind) && sent != ("", "") {
        let message = format!(
            "{} in version \"{}\" cannot be handled as a {}: no kind \"{}\" is registered for version \"{}\"",
            sent.1, sent.0, kind.kind, sent.1, sent.0
        );
        return Err(Status::bad_request(message));
    }
    if !object["metadata"].is_object() {
        object["metadata"] = json!({});
    }
    if kind.namespaced {
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
fn named(kind: &kinds::Kind, object: &Value) -> Result<(), Status> {
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
