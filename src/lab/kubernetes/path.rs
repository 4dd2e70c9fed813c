//! From a request's path and method to what it names and the verb of RBAC.

use http::Method;

use super::kinds::{Groups, Kind, Verb};
use super::query::Query;
use super::words::Status;

/// What a path names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ResourcePath {
    pub(super) kind: Kind,
    /// Empty where it names none.
    pub(super) namespace: String,
    /// Empty for a collection.
    pub(super) name: String,
    /// What hangs below the object: `exec`; empty for the object itself.
    pub(super) below: String,
}

/// Parses a path: an object or a collection of the API; none for a document; an error for an unknown resource.
pub(super) fn parse(path: &str, served: &Groups) -> Result<Option<ResourcePath>, Status> {
    let decode = |part: &str| percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned();
    let parts: Vec<String> = path.trim_matches('/').split('/').map(decode).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let (group, rest) = match parts.as_slice() {
        ["api", "v1", rest @ ..] if !rest.is_empty() => ("", rest),
        ["apis", group, version, rest @ ..] if !rest.is_empty() && served.serve(group, version) => (*group, rest),
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
    let kind = Kind::of_plural(group, resource).ok_or_else(Status::no_such_resource)?;
    let [namespace, name, below] = [namespace, name, below].map(str::to_owned);
    Ok(Some(ResourcePath { kind, namespace, name, below }))
}

/// The verb of a request.
pub(super) fn verb(method: &Method, path: &ResourcePath, query: &Query) -> Result<Verb, Status> {
    let one = !path.name.is_empty();
    let watch = matches!(query.first("watch"), "true" | "1") && path.below.is_empty();
    Ok(match (method.as_str(), one) {
        ("GET" | "HEAD", _) if watch => Verb::Watch,
        ("GET" | "HEAD", true) => Verb::Get,
        ("GET" | "HEAD", false) => Verb::List,
        ("POST", false) => Verb::Create,
        ("POST", true) if !path.below.is_empty() => Verb::Create,
        ("PUT", true) => Verb::Update,
        ("PATCH", true) => Verb::Patch,
        ("DELETE", true) => Verb::Delete,
        ("DELETE", false) => Verb::DeleteCollection,
        _ => return Err(Status::method_not_allowed()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_paths() {
        let served = Groups::with(&["cilium.io".to_owned()]);
        let at =
            |path: &str| parse(path, &served).expect("known").map(|p| (p.kind.plural(), p.namespace, p.name, p.below));
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
        assert_eq!(parse("/api/v1/doors", &served).expect_err("unknown").code, 404);
        let clusterwide = "ciliumclusterwidenetworkpolicies";
        assert_eq!(at(&format!("/apis/cilium.io/v2/{clusterwide}")), Some((clusterwide, text(""), text(""), text(""))));
        assert_eq!(at(&format!("/apis/cilium.io/v1/{clusterwide}")), None);
        assert_eq!(at("/apis/crd.projectcalico.org/v1/tiers"), None);
    }
}
