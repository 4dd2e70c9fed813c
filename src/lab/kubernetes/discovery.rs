//! The discovery documents: what the API serves, as kubectl looks it up before anything else. The product's own client
//! names its paths itself.

use serde_json::{Value, json};

use super::kinds::{Groups, Kind, Verb, version_of};

/// `GET /api`.
pub(crate) fn core_versions(server: &str) -> Value {
    let server = json!([{"clientCIDR": "0.0.0.0/0", "serverAddress": server}]);
    json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": server})
}

/// `GET /apis`.
pub(crate) fn groups(served: &Groups) -> Value {
    let groups: Vec<Value> = served.names().iter().map(|name| group(name)).collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

/// `GET /apis/GROUP`, without its own kind and version.
pub(crate) fn group(name: &str) -> Value {
    let version = version_of(name);
    let version = json!({"groupVersion": format!("{name}/{version}"), "version": version});
    json!({"name": name, "versions": [version], "preferredVersion": version})
}

/// `GET /api/v1` and `GET /apis/GROUP/VERSION`.
pub(crate) fn resources(group: &str) -> Value {
    let mut resources = Vec::new();
    for kind in Kind::ALL.iter().filter(|kind| kind.group() == group) {
        let verbs: &[Verb] = if kind.is_review() { &[Verb::Create] } else { &Verb::ALL };
        let mut resource = json!({
            "name": kind.plural(), "singularName": kind.name().to_lowercase(), "namespaced": kind.is_namespaced(),
            "kind": kind.name(), "verbs": names(verbs),
        });
        if !kind.short_names().is_empty() {
            resource["shortNames"] = json!(kind.short_names());
        }
        resources.push(resource);
        for below in kind.below() {
            resources.push(json!({
                "name": format!("{}/{}", kind.plural(), below.name), "singularName": "",
                "namespaced": kind.is_namespaced(), "kind": below.kind, "verbs": names(below.verbs),
            }));
        }
    }
    let version = if group.is_empty() { "v1".to_owned() } else { format!("{group}/{}", version_of(group)) };
    json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources})
}

fn names(verbs: &[Verb]) -> Vec<&'static str> {
    verbs.iter().map(|verb| verb.name()).collect()
}

/// `GET /openapi/v3`: where the document of each group is.
pub(crate) fn openapi_index(served: &Groups) -> Value {
    let mut paths = serde_json::Map::new();
    for group in [""].iter().chain(served.names()) {
        let version = version_of(group);
        let path = if group.is_empty() { "api/v1".to_owned() } else { format!("apis/{group}/{version}") };
        let at = format!("/openapi/v3/{path}?hash=1AB");
        paths.insert(path, json!({"serverRelativeURL": at}));
    }
    json!({"paths": paths})
}

/// `GET /openapi/v3/...`: one group's paths. It says of each kind that the server itself validates the fields of what is
/// sent (`fieldValidation`), which is what makes clients leave the validation to it.
pub(crate) fn openapi(group: &str, release: &str) -> Value {
    let version = version_of(group);
    let root = if group.is_empty() { "/api/v1".to_owned() } else { format!("/apis/{group}/{version}") };
    let mut paths = serde_json::Map::new();
    for kind in Kind::ALL.iter().filter(|kind| kind.group() == group && !kind.is_review()) {
        let namespace = if kind.is_namespaced() { "/namespaces/{namespace}" } else { "" };
        let of = json!({"group": group, "version": version, "kind": kind.name()});
        let parameter =
            |name: &str| json!({"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": true}});
        let operation = |verb: &str| {
            json!({
                "operationId": format!("{verb}{}", kind.name()), "x-kubernetes-action": verb,
                "x-kubernetes-group-version-kind": of, "responses": {"200": {"description": "OK"}},
                "parameters": [parameter("dryRun"), parameter("fieldManager"), parameter("fieldValidation")],
            })
        };
        paths.insert(format!("{root}{namespace}/{}", kind.plural()), json!({"post": operation("post")}));
        let one = json!({"patch": operation("patch"), "put": operation("put")});
        paths.insert(format!("{root}{namespace}/{}/{{name}}", kind.plural()), one);
    }
    json!({"openapi": "3.0.0", "info": {"title": "Kubernetes", "version": release}, "paths": paths, "components": {"schemas": {}}})
}
