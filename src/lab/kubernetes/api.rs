//! The API itself: who sent a request, whether RBAC allows it, and which handler answers it.

use std::sync::atomic::{AtomicU32, Ordering};

use http::header;

use super::access::Attributes;
use super::cluster::Cluster;
use super::delete::{self, Deletion};
use super::kinds::{Groups, Kind, Verb};
use super::lists::Reading;
use super::path::ResourcePath;
use super::query::Query;
use super::words::Status;
use super::world::Identity;
use super::write::{self, Write};
use super::{documents, path, pods};
use crate::http::{Request, Response};

/// The API server behind its connections.
pub(crate) struct Api {
    cluster: Cluster,
    /// How many requests are still answered 429.
    throttled: AtomicU32,
}

impl Api {
    /// The API of a cluster.
    pub(crate) fn new(cluster: Cluster) -> Api {
        Api { throttled: AtomicU32::new(cluster.world.throttled_requests), cluster }
    }

    /// Answers one request of a client whose certificate is `holder`'s, or that has none. `server` is the address the
    /// client connected to.
    pub(crate) fn answer(&self, request: Request, holder: Option<Identity>, server: &str) -> Response {
        self.handle(request, holder, server).unwrap_or_else(|status| status.response())
    }

    fn handle(&self, mut request: Request, holder: Option<Identity>, server: &str) -> Result<Response, Status> {
        let who = self.authenticate(&request, holder)?;
        if self.throttled.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            return Err(Status::too_many_requests());
        }
        let query = Query::parse(request.uri().query().unwrap_or_default());
        let served = Groups::with(&self.cluster.world.policy_groups);
        let Some(path) = path::parse(request.uri().path(), &served)? else {
            return documents::answer(&who, &request, &served, &self.cluster.world.version, server);
        };
        let verb = path::verb(request.method(), &path, &query)?;
        self.authorize(&who, verb, &path)?;
        if !path.below.is_empty() && !path.kind.below().iter().any(|below| below.name == path.below) {
            return Err(Status::no_such_resource());
        }
        match (path.kind, path.below.as_str()) {
            (Kind::Pod, "exec") => {
                let upgrade = hyper::upgrade::on(&mut request);
                return pods::exec(&self.cluster, &path, &query, request.headers(), upgrade);
            }
            (Kind::Pod, "log") => return pods::log(&self.cluster, &path, &query),
            _ => {}
        }
        let text = |name: header::HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
        let accept = text(header::ACCEPT).unwrap_or_default();
        let (objects, body) = (&self.cluster.objects, request.body().as_ref());
        let reading = Reading { kind: path.kind, namespace: &path.namespace, query: &query, accept };
        match verb {
            Verb::List => reading.list(objects),
            Verb::Watch => reading.watch(objects.clone(), &path.name),
            Verb::Get => reading.get(objects, &path.name),
            Verb::Delete => delete::one(objects, &path, &Deletion::of(&query, body)),
            Verb::DeleteCollection => {
                let (doomed, answer) = reading.collection(objects)?;
                delete::all(objects, &path, &Deletion::of(&query, body), doomed)?;
                Ok(answer)
            }
            Verb::Create | Verb::Update | Verb::Patch => {
                let sent = text(header::CONTENT_TYPE).unwrap_or("application/json");
                let write = Write { who: &who, verb, path: &path, query: &query, content_type: sent, body };
                write::answer(&self.cluster, &write)
            }
        }
    }

    fn authenticate(&self, request: &Request, holder: Option<Identity>) -> Result<Identity, Status> {
        if let Some(account) = holder {
            return Ok(account);
        }
        let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|header| header.strip_prefix("Bearer ")).map(str::trim);
        let known = self.cluster.world.tokens.iter().find(|known| Some(known.token.as_str()) == token);
        known.map(|known| known.account.clone()).ok_or_else(Status::unauthorized)
    }

    fn authorize(&self, who: &Identity, verb: Verb, path: &ResourcePath) -> Result<(), Status> {
        let (kind, access) = (path.kind, &self.cluster.access);
        let resource = match path.below.as_str() {
            "" => kind.plural().to_owned(),
            below => format!("{}/{below}", kind.plural()),
        };
        // A request for a namespace is one within itself.
        let within = kind == Kind::Namespace && verb != Verb::Create;
        let namespace = if within { &path.name } else { &path.namespace };
        let verb = verb.name();
        let mut what = Attributes { verb, group: kind.group(), resource: &resource, namespace, name: &path.name };
        if kind == Kind::Namespace && !access.allows(who, what) {
            what.namespace = "";
        }
        access.check(who, kind, what)?;
        // From 1.35 on a WebSocket, which opens with GET, needs the right to create as well.
        if verb == Verb::Get.name() && path.below == "exec" && minor(&self.cluster.world.version) >= 35 {
            return access.check(who, kind, Attributes { verb: Verb::Create.name(), ..what });
        }
        Ok(())
    }
}

/// 32 of `v1.32.1-aliyun.1`.
fn minor(version: &str) -> u32 {
    version.split('.').nth(1).and_then(|minor| minor.parse().ok()).unwrap_or_default()
}
