//! What the API answers that is not about objects: versions, discovery, schemas, health.

use http::Method;
use serde_json::{Value, json};

use super::access::open_to_all;
use super::discovery;
use super::kinds::Groups;
use super::words::{self, Status, whole};
use super::world::Identity;
use crate::http::{Request, Response};

/// Answers a request that is not about objects. `release` is the cluster's version, `server` the API's own address.
pub(super) fn answer(
    who: &Identity,
    request: &Request,
    served: &Groups,
    release: &str,
    server: &str,
) -> Result<Response, Status> {
    let (path, method) = (request.uri().path(), request.method());
    if !open_to_all(path) {
        let masters = who.groups.iter().any(|group| group == "system:masters");
        if !masters {
            return Err(Status::forbidden_path(&who.name, &method.as_str().to_lowercase(), path));
        }
        return Ok(whole(404, "text/plain; charset=utf-8", "404 page not found\n"));
    }
    if method != Method::GET && method != Method::HEAD {
        return Err(Status::method_not_allowed());
    }
    let is_group = |name: &str| served.names().contains(&name);
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let document = match parts.as_slice() {
        ["healthz" | "livez" | "readyz", ..] => return Ok(whole(200, "text/plain; charset=utf-8", "ok")),
        ["version"] => version(release),
        ["api"] => discovery::core_versions(server),
        ["api", "v1"] => discovery::resources(""),
        ["apis"] => discovery::groups(served),
        ["apis", name] if is_group(name) => {
            let mut document = json!({"kind": "APIGroup", "apiVersion": "v1"});
            if let (Some(document), Value::Object(group)) = (document.as_object_mut(), discovery::group(name)) {
                document.extend(group);
            }
            document
        }
        ["apis", name, version] if is_group(name) && served.serve(name, version) => discovery::resources(name),
        ["openapi", "v3"] => discovery::openapi_index(served),
        ["openapi", "v3", "api", "v1"] => discovery::openapi("", release),
        ["openapi", "v3", "apis", name, version] if is_group(name) && served.serve(name, version) => {
            discovery::openapi(name, release)
        }
        _ => return Ok(whole(404, "text/plain; charset=utf-8", "404 page not found\n")),
    };
    Ok(words::answer(200, &document))
}

/// `GET /version`.
fn version(text: &str) -> Value {
    let mut numbers = text.trim_start_matches('v').split('.');
    let (major, minor) = (numbers.next().unwrap_or("1"), numbers.next().unwrap_or("0"));
    json!({
        "major": major, "minor": format!("{minor}+"), "gitVersion": text,
        "gitCommit": "0000000000000000000000000000000000000000", "gitTreeState": "clean",
        "buildDate": "2025-02-10T02:12:44Z", "goVersion": "go1.23.4", "compiler": "gc", "platform": "linux/amd64",
    })
}
