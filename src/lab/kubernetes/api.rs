//! The API itself: from a request's path and verb to what is done with the objects.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use http::{Method, Request, Response, header};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use serde_json::{Value, json};

use super::access::{Access, Attributes, open_to_all};
use super::exec::Nodes;
use super::kinds::{self, KINDS, NAMESPACES, PODS};
use super::lists;
use super::objects::Objects;
use super::place::{Place, place, verb};
use super::query::Query;
use super::status::{Body, Status, answer, whole};
use super::world::{Account, DeploymentWorld, KubernetesWorld};

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
                self.delete_all(&place, &query, &options, doomed)?;
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
        let mut what = Attributes { verb, group: kind.group, resource: &resource, namespace, name: &place.name };
        if place.kind == NAMESPACES && !self.access.may(who, what) {
            what.namespace = "";
        }
        self.access.check(who, kind, what)?;
        // From 1.35 on a WebSocket, which opens with GET, is asked for the right to create as well.
        match (verb, place.below.as_str()) {
            ("get", "exec") if minor(&self.world.version) >= 35 => {
                self.access.check(who, kind, Attributes { verb: "create", ..what })
            }
            _ => Ok(()),
        }
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
}

/// 32 of `v1.32.1-aliyun.1`.
fn minor(version: &str) -> u32 {
    version.split('.').nth(1).and_then(|minor| minor.parse().ok()).unwrap_or_default()
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

async fn body(request: Request<Incoming>) -> Result<Bytes, Status> {
    match Limited::new(request.into_body(), LONGEST_BODY).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(Status::too_large()),
        Err(error) => Err(Status::bad_request(error.to_string())),
    }
}
