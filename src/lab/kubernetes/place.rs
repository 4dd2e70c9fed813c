//! From a request's path and method to what it names and the verb that RBAC knows.

use http::Method;

use super::kinds;
use super::query::Query;
use super::status::Status;

/// What a path names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) kind: usize,
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) below: String,
}

/// Reads a path: an object or a collection of the API; none for a document; an error for an unknown resource.
pub(super) fn place(path: &str) -> Result<Option<Place>, Status> {
    let decode = |part: &str| percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned();
    let parts: Vec<String> = path.trim_matches('/').split('/').map(decode).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let (group, rest) = match parts.as_slice() {
        ["api", "v1", rest @ ..] if !rest.is_empty() => ("", rest),
        ["apis", group, "v1", rest @ ..] if !rest.is_empty() && kinds::has_group(group) => (*group, rest),
        _ => return Ok(None),
    };
    let (namespace, rest) = match rest {
        ["namespaces", _] | ["namespaces", _, "status" | "finalize"] => ("", rest),
        ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (*namespace, rest),
        rest => ("", rest),
    };
    let (resource, name, below) = match rest {
        [resource] => (*resource, "", ""),
        [resource, name] => (*resource, *name, ""),
        [resource, name, below] => (*resource, *name, *below),
        _ => return Err(Status::no_such_resource()),
    };
    let kind = kinds::find(group, resource).ok_or_else(Status::no_such_resource)?;
    let place = |text: &str| text.to_owned();
    Ok(Some(Place { kind, namespace: place(namespace), name: place(name), below: place(below) }))
}

/// The verb as RBAC knows it.
pub(super) fn verb(method: &Method, place: &Place, query: &Query) -> Result<&'static str, Status> {
    let one = !place.name.is_empty();
    let watch = matches!(query.first("watch"), "true" | "1") && place.below.is_empty();
    Ok(match (method.as_str(), one) {
        ("GET" | "HEAD", _) if watch => "watch",
        ("GET" | "HEAD", true) => "get",
        ("GET" | "HEAD", false) => "list",
        ("POST", false) => "create",
        ("POST", true) if !place.below.is_empty() => "create",
        ("PUT", true) => "update",
        ("PATCH", true) => "patch",
        ("DELETE", true) => "delete",
        ("DELETE", false) => "deletecollection",
        _ => return Err(Status::method_not_allowed()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubernetes::kinds::KINDS;

    #[test]
    fn reads_paths() {
        let at = |path: &str| place(path).expect("known").map(|p| (KINDS[p.kind].plural, p.namespace, p.name, p.below));
        let text = |s: &str| s.to_owned();
        assert_eq!(at("/api/v1/namespaces/dss"), Some(("namespaces", text(""), text("dss"), text(""))));
        let exec = "/api/v1/namespaces/dss/pods/p/exec";
        assert_eq!(at(exec), Some(("pods", text("dss"), text("p"), text("exec"))));
        assert_eq!(at("/apis/batch/v1/jobs"), Some(("jobs", text(""), text(""), text(""))));
        assert_eq!(
            at("/api/v1/nodes/cn-hangzhou.10.0.1.11"),
            Some(("nodes", text(""), text("cn-hangzhou.10.0.1.11"), text("")))
        );
        assert_eq!(at("/version"), None);
        assert_eq!(place("/api/v1/doors").expect_err("unknown").code, 404);
    }
}
