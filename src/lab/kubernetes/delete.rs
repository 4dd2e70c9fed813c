//! How the API answers `delete` and `deletecollection`.

use http::{HeaderValue, header};
use serde_json::{Value, json};

use super::deletion::{Cascade, cascade};
use super::kinds::Kind;
use super::objects::Objects;
use super::path::ResourcePath;
use super::query::Query;
use super::words::{Status, answer, whole};
use crate::http::Response;

/// What the API server adds to the answer where a job is deleted and the request does not say what becomes of what it owns.
const PRESERVED: &str = "299 - \"child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning\"";

/// What a request says of how to delete: in its body (`DeleteOptions`), or in its query.
pub(super) struct Deletion {
    /// `propagationPolicy`; empty if it says nothing.
    policy: String,
    /// Seconds.
    grace: Option<u64>,
    /// The uid that the object must have.
    uid: Option<String>,
}

impl Deletion {
    /// Parses it; what cannot be parsed counts as not said.
    pub(super) fn of(query: &Query, body: &[u8]) -> Deletion {
        let options: Value = serde_json::from_slice(body).unwrap_or_default();
        let policy = options["propagationPolicy"].as_str().unwrap_or_else(|| query.first("propagationPolicy"));
        Deletion {
            policy: policy.to_owned(),
            grace: options["gracePeriodSeconds"].as_u64().or_else(|| query.first("gracePeriodSeconds").parse().ok()),
            uid: options.pointer("/preconditions/uid").and_then(Value::as_str).map(str::to_owned),
        }
    }

    fn cascade(&self, path: &ResourcePath) -> Result<Cascade, Status> {
        Ok(match self.policy.as_str() {
            "Background" => Cascade::Background,
            "Foreground" => Cascade::Foreground,
            "Orphan" => Cascade::Orphan,
            // As it was before there was a garbage collector.
            "" if path.kind == Kind::Job => Cascade::Orphan,
            "" => Cascade::Background,
            other => {
                let known = "must be \"Background\", \"Foreground\", \"Orphan\", or nil";
                let what = format!("Invalid value: \"{other}\": {known}");
                let causes = [("propagationPolicy".to_owned(), "FieldValueInvalid", what)];
                return Err(Status::invalid(path.kind, &path.name, &causes));
            }
        })
    }
}

/// Answers `delete` of one object.
pub(super) fn one(objects: &Objects, path: &ResourcePath, deletion: &Deletion) -> Result<Response, Status> {
    let kind = path.kind;
    let uid = objects.get(kind, &path.namespace, &path.name)?.uid.clone();
    if deletion.uid.as_ref().is_some_and(|wanted| *wanted != uid) {
        return Err(Status::conflict(kind, &path.name));
    }
    let last = cascade(objects, kind, &path.namespace, &path.name, deletion.grace, deletion.cascade(path)?)?;
    let mut response = if kind == Kind::Pod || last.foreground {
        whole(200, "application/json", last.body.clone())
    } else {
        gone(path, &uid)
    };
    if deletion.policy.is_empty() && kind == Kind::Job {
        response.headers_mut().insert(header::WARNING, HeaderValue::from_static(PRESERVED));
    }
    Ok(response)
}

/// Answers `deletecollection`: each object as if it were deleted by itself.
pub(super) fn all(
    objects: &Objects,
    path: &ResourcePath,
    deletion: &Deletion,
    names: Vec<String>,
) -> Result<(), Status> {
    for name in names {
        let path = ResourcePath { kind: path.kind, namespace: path.namespace.clone(), name, below: String::new() };
        match one(objects, &path, deletion) {
            // It went by itself in the meantime.
            Err(status) if status.code != 404 => return Err(status),
            _ => {}
        }
    }
    Ok(())
}

/// What is said of an object that is gone at once.
fn gone(path: &ResourcePath, uid: &str) -> Response {
    let kind = path.kind;
    let mut details = json!({"name": path.name, "kind": kind.plural(), "uid": uid});
    if !kind.group().is_empty() {
        details["group"] = json!(kind.group());
    }
    let status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details});
    answer(200, &status)
}
