//! The API itself: from a request's path and verb to what is done with the objects.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use http::{Method, Request, Response, header};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use serde_json::{Value, json};

use super::access::{Access, Attributes, open_to_all};
use super::exec::{self, Nodes, Streams, Target};
use super::kinds::{self, KINDS, NAMESPACES, PODS, SERVICE_ACCOUNTS};
use super::objects::{Objects, now};
use super::query::Query;
use super::status::{Body, Status, answer, whole};
use super::world::{Account, DeploymentWorld, KubernetesWorld};
use super::{admission, lists, protobuf, seed};

/// The longest body taken, as the API server's.
const LONGEST_BODY: usize = 3 << 20;

/// The API server behind its connections.
pub(crate) struct Api {
    pub(crate) world: KubernetesWorld,
    pub(crate) deployment: DeploymentWorld,
    pub(crate) objects: Arc<Objects>,
    pub(crate) nodes: Arc<dyn Nodes>,
    pub(crate) access: Access,
    /// How many requests are still answered 429.
    pub(crate) throttled: AtomicU32,
    /// `127.0.0.1:PORT`.
    pub(crate) address: String,
}

/// What a path names.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    kind: usize,
    namespace: String,
    name: String,
    below: String,
}

impl Api {
    /// Answers one request of a client that showed a certificate of `holder`, or none.
    pub(crate) async fn answer(&self, request: Request<Incoming>, holder: Option<Account>) -> Response<Body> {
        match self.handle(request, holder).await {
            Ok(response) => response,
            Err(status) => status.response(),
        }
    }

    async fn handle(&self, mut request: Request<Incoming>, holder: Option<Account>) -> Result<Response<Body>, Status> {
        let who = self.authenticate(&request, holder)?;
        if self.throttled.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            return Err(Status::too_many_requests());
        }
        let path = request.uri().path().to_owned();
        let query = Query::parse(request.uri().query().unwrap_or_default());
        let place = match place(&path) {
            Ok(Some(place)) => place,
            Ok(None) => return self.document(&who, &path, request.method()),
            Err(status) => return Err(status),
        };
        let verb = verb(request.method(), &place, &query)?;
        self.authorize(&who, verb, &place)?;
        if !place.below.is_empty() && !KINDS[place.kind].has_below(&place.below) {
            return Err(Status::no_such_resource());
        }
        match (place.kind, place.below.as_str()) {
            (PODS, "exec") => {
                let upgrade = hyper::upgrade::on(&mut request);
                return self.exec(&place, &query, request.headers(), upgrade);
            }
            (PODS, "log") => return self.log(&place, &query),
            _ => {}
        }
        let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
        let accept = accept.unwrap_or_default().to_owned();
        let list = lists::Ask { kind: place.kind, namespace: &place.namespace, query: &query, accept: &accept };
        match verb {
            "list" => list.list(&self.objects),
            "watch" => list.watch(self.objects.clone(), &place.name),
            "get" => list.get(&self.objects, &place.name),
            "delete" => {
                let options = body(request).await?;
                self.delete(&place, &query, &options)
            }
            "deletecollection" => {
                let options = body(request).await?;
                let (doomed, answer) = list.collection(&self.objects)?;
                for name in doomed {
                    let one =
                        Place { name, below: String::new(), namespace: place.namespace.clone(), kind: place.kind };
                    match self.delete(&one, &query, &options) {
                        Err(status) if status.code != 404 => return Err(status),
                        _ => {}
                    }
                }
                Ok(answer)
            }
            _ => {
                let sent = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
                let sent = sent.unwrap_or("application/json").to_owned();
                let object = body(request).await?;
                self.write(&who, verb, &place, &query, &sent, object)
            }
        }
    }

    fn authenticate(&self, request: &Request<Incoming>, holder: Option<Account>) -> Result<Account, Status> {
        if let Some(account) = holder {
            return Ok(account);
        }
        let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|header| header.strip_prefix("Bearer ")).map(str::trim);
        let known = self.world.tokens.iter().find(|known| Some(known.token.as_str()) == token);
        known.map(|known| known.account.clone()).ok_or_else(Status::unauthorized)
    }

    fn authorize(&self, who: &Account, verb: &str, place: &Place) -> Result<(), Status> {
        let kind = &KINDS[place.kind];
        let resource = match place.below.as_str() {
            "" => kind.plural.to_owned(),
            below => format!("{}/{below}", kind.plural),
        };
        // A namespace is asked for within itself.
        let namespace = if place.kind == NAMESPACES && verb != "create" { &place.name } else { &place.namespace };
        let mut what = Attributes { verb, group: kind.group, resource: &resource, namespace };
        if place.kind == NAMESPACES && !self.access.may(who, what) {
            what.namespace = "";
        }
        self.access.check(who, kind, Some(&place.name), what)
    }

    /// What is not about objects: versions, discovery, schemas, health.
    fn document(&self, who: &Account, path: &str, method: &Method) -> Result<Response<Body>, Status> {
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
        let group = |name: &str| kinds::has_group(name).then(|| name.to_owned());
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let document = match parts.as_slice() {
            ["healthz" | "livez" | "readyz", ..] => return Ok(whole(200, "text/plain; charset=utf-8", "ok")),
            ["version"] => version(&self.world.version),
            ["api"] => kinds::core_versions(&self.address),
            ["api", "v1"] => kinds::resources(""),
            ["apis"] => kinds::groups(),
            ["apis", name] if group(name).is_some() => {
                let mut document = json!({"kind": "APIGroup", "apiVersion": "v1"});
                if let (Some(document), Value::Object(group)) = (document.as_object_mut(), kinds::group(name)) {
                    document.extend(group);
                }
                document
            }
            ["apis", name, "v1"] if group(name).is_some() => kinds::resources(name),
            ["openapi", "v3"] => kinds::openapi_index(),
            ["openapi", "v3", "api", "v1"] => kinds::openapi("", &self.world.version),
            ["openapi", "v3", "apis", name, "v1"] if group(name).is_some() => kinds::openapi(name, &self.world.version),
            _ => return Ok(whole(404, "text/plain; charset=utf-8", "404 page not found\n")),
        };
        Ok(answer(200, &document))
    }

    /// `create`, `update` and `patch`.
    fn write(
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

    /// Deletes one object. A pod on a node is first marked and then ended by its kubelet, unless it is to go at once.
    fn delete(&self, place: &Place, query: &Query, options: &[u8]) -> Result<Response<Body>, Status> {
        let options: Value =
            if options.is_empty() { Value::Null } else { serde_json::from_slice(options).unwrap_or_default() };
        let object = self.objects.get(place.kind, &place.namespace, &place.name)?;
        let value = object.value();
        let precondition = options.pointer("/preconditions/uid").and_then(Value::as_str);
        if precondition.is_some_and(|uid| uid != value["metadata"]["uid"]) {
            return Err(Status::conflict(&KINDS[place.kind], &place.name));
        }
        if place.kind == PODS {
            let asked =
                options["gracePeriodSeconds"].as_u64().or_else(|| query.first("gracePeriodSeconds").parse().ok());
            let grace = asked.or(value["spec"]["terminationGracePeriodSeconds"].as_u64()).unwrap_or(30);
            let phase = value["status"]["phase"].as_str().unwrap_or_default();
            let on_a_node = value["spec"]["nodeName"].is_string() && matches!(phase, "Pending" | "Running");
            if grace > 0 && on_a_node {
                let marked = self.objects.update(PODS, &place.namespace, &place.name, |pod| {
                    if pod["metadata"]["deletionTimestamp"].is_null() {
                        pod["metadata"]["deletionTimestamp"] = json!(now());
                        pod["metadata"]["deletionGracePeriodSeconds"] = json!(grace);
                    }
                    Ok(())
                })?;
                return Ok(whole(200, "application/json", marked.body.clone()));
            }
        }
        let deleted = self.objects.delete(place.kind, &place.namespace, &place.name)?;
        if place.kind == PODS {
            return Ok(whole(200, "application/json", deleted.body.clone()));
        }
        let kind = &KINDS[place.kind];
        let mut details = json!({"name": place.name, "kind": kind.plural, "uid": value["metadata"]["uid"]});
        if !kind.group.is_empty() {
            details["group"] = json!(kind.group);
        }
        let status =
            json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details});
        Ok(answer(200, &status))
    }

    /// The pod and container that `exec` and `log` are about.
    fn container(&self, place: &Place, query: &Query) -> Result<(Value, String), Status> {
        let pod = self.objects.get(PODS, &place.namespace, &place.name)?.value();
        let names: Vec<&str> =
            pod["spec"]["containers"].as_array().into_iter().flatten().filter_map(|c| c["name"].as_str()).collect();
        let container = match query.first("container") {
            "" if names.len() == 1 => names[0],
            "" => {
                let list = names.join(" ");
                return Err(Status::bad_request(format!(
                    "a container name must be specified for pod {}, choose one of: [{list}]",
                    place.name
                )));
            }
            asked if names.contains(&asked) => asked,
            asked => {
                return Err(Status::bad_request(format!("container {asked} is not valid for pod {}", place.name)));
            }
        };
        let container = container.to_owned();
        Ok((pod, container))
    }

    fn exec(
        &self,
        place: &Place,
        query: &Query,
        headers: &http::HeaderMap,
        upgrade: hyper::upgrade::OnUpgrade,
    ) -> Result<Response<Body>, Status> {
        let (pod, container) = self.container(place, query)?;
        let Some(node) = pod["spec"]["nodeName"].as_str() else {
            return Err(Status::bad_request(format!("pod {} does not have a host assigned", place.name)));
        };
        let phase = pod["status"]["phase"].as_str().unwrap_or_default();
        if matches!(phase, "Succeeded" | "Failed") {
            return Err(Status::bad_request(format!(
                "cannot exec into a container in a completed pod; current phase is {phase}"
            )));
        }
        if pod.pointer("/status/containerStatuses/0/state/running").is_none() {
            return Err(Status::internal(format!(
                "unable to upgrade connection: container not found (\"{container}\")"
            )));
        }
        let command: Vec<String> = query.all("command").map(str::to_owned).collect();
        if command.is_empty() {
            return Err(Status::bad_request("you must specify at least 1 command for the container"));
        }
        let on = |name: &str| matches!(query.first(name), "true" | "1");
        let streams = Streams { stdin: on("stdin"), stdout: on("stdout"), stderr: on("stderr") };
        if !streams.stdin && !streams.stdout && !streams.stderr {
            return Err(Status::bad_request("you must specify at least 1 of stdin, stdout, stderr"));
        }
        let uid = pod["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
        let target = Target { uid, node: node.to_owned() };
        exec::upgrade(headers, upgrade, self.nodes.clone(), target, command, streams)
    }

    fn log(&self, place: &Place, query: &Query) -> Result<Response<Body>, Status> {
        let (pod, container) = self.container(place, query)?;
        let log = self.nodes.log(pod["metadata"]["uid"].as_str().unwrap_or_default());
        let Some(log) = log else {
            let waiting = pod.pointer("/status/containerStatuses/0/state/waiting/reason").and_then(Value::as_str);
            let why = match waiting {
                Some("ErrImagePull" | "ImagePullBackOff") => "trying and failing to pull image",
                Some(reason) => reason,
                None => "ContainerCreating",
            };
            return Err(Status::bad_request(format!(
                "container \"{container}\" in pod \"{}\" is waiting to start: {why}",
                place.name
            )));
        };
        let lines: Vec<&str> = log.split_inclusive('\n').collect();
        let keep = query.first("tailLines").parse().unwrap_or(lines.len()).min(lines.len());
        let mut text = lines[lines.len() - keep..].concat();
        if let Ok(limit) = query.first("limitBytes").parse::<usize>() {
            text.truncate(text.floor_char_boundary(limit));
        }
        Ok(whole(200, "text/plain", text))
    }
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

/// Reads a path: an object or a collection of the API; none for a document; an error for an unknown resource.
fn place(path: &str) -> Result<Option<Place>, Status> {
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
fn verb(method: &Method, place: &Place, query: &Query) -> Result<&'static str, Status> {
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

async fn body(request: Request<Incoming>) -> Result<Bytes, Status> {
    match Limited::new(request.into_body(), LONGEST_BODY).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(Status::too_large()),
        Err(error) => Err(Status::bad_request(error.to_string())),
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

    #[test]
    fn merges_patches() {
        let mut target = json!({"spec": {"unschedulable": true, "taints": [1]}, "keep": 1});
        merge(&mut target, &json!({"spec": {"unschedulable": null, "taints": [2]}}));
        assert_eq!(target, json!({"spec": {"taints": [2]}, "keep": 1}));
    }
}
