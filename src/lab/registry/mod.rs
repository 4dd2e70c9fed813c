//! The image registry and its token service: an ACR Enterprise Edition instance, as far as the distribution
//! spec says what its clients see. Where ACR's own words are not known, the spec's are used.
//!
//! Three names stand behind it, as in a real region: the registry, the token service, and the OSS bucket of the layers;
//! each of the first two with its public twin.

use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use http::Method;
use http::header::{HeaderName, HeaderValue};
use serde_json::Value;

use super::http::{Request, Response, response};
use super::service::Service;
use super::world::World;

mod access;
mod answers;
mod base_images;
mod layers;
mod manifests;
mod store;
mod target;
mod uploads;
mod words;
mod world;

use access::Gate;
use ackcheck_core::sync::locked;
use store::Store;
use target::{Target, query};
use words::refusal;
use world::RegistryWorld;

/// The registry, its token service and its layer store.
pub(crate) struct RegistryService {
    world: RegistryWorld,
    region: String,
    gate: Gate,
    store: Mutex<Store>,
}

/// Which of the service's names a request was sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Endpoint {
    Registry { vpc: bool },
    Tokens,
    Layers,
}

impl RegistryService {
    /// The registry of a world, with nothing in it except the repositories it starts with.
    pub(crate) fn new(world: &World) -> anyhow::Result<RegistryService> {
        let deployment = world.deployment()?;
        let world: RegistryWorld = world.section()?;
        let gate = Gate::new(&world, &deployment);
        let mut store = Store::new(&world);
        base_images::push(&mut store, &world, &deployment)?;
        let store = Mutex::new(store);
        Ok(RegistryService { world, region: deployment.region, gate, store })
    }

    fn endpoint(&self, host: &str) -> Option<Endpoint> {
        let RegistryWorld { instance, layer_bucket, .. } = &self.world;
        let region = &self.region;
        let endpoints = [
            (format!("{instance}-registry-vpc.{region}.cr.aliyuncs.com"), Endpoint::Registry { vpc: true }),
            (format!("{instance}-registry.{region}.cr.aliyuncs.com"), Endpoint::Registry { vpc: false }),
            (format!("dockerauth-ee-vpc.{region}.aliyuncs.com"), Endpoint::Tokens),
            (format!("dockerauth-ee.{region}.aliyuncs.com"), Endpoint::Tokens),
            (format!("{layer_bucket}.oss-{region}-internal.aliyuncs.com"), Endpoint::Layers),
            (format!("{layer_bucket}.oss-{region}.aliyuncs.com"), Endpoint::Layers),
        ];
        endpoints.into_iter().find(|(name, _)| name == host).map(|(_, endpoint)| endpoint)
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        locked(&self.store)
    }

    fn registry(&self, vpc: bool, request: &Request) -> Response {
        let realm = format!("https://dockerauth-ee{}.{}.aliyuncs.com/auth", if vpc { "-vpc" } else { "" }, self.region);
        let Some(target) = Target::parse(request.uri().path()) else {
            return refusal(404, "UNSUPPORTED", "there is nothing here", Value::Null);
        };
        if self.world.open_root && target == Target::Root {
            return response(200, "application/json", "{}");
        }
        if let Some(refused) = self.gate.refusal(request, &realm, &target.needs(request.method())) {
            return refused;
        }
        let query = query(request);
        match (request.method(), target) {
            (&Method::GET | &Method::HEAD, Target::Root) => response(200, "application/json", "{}"),
            (&Method::GET, Target::Tags(name)) => manifests::tags(&self.store(), &name, &query),
            (&Method::GET | &Method::HEAD, Target::Blob(name, digest)) => {
                layers::blob(self, vpc, &name, &digest, request)
            }
            (&Method::GET | &Method::HEAD, Target::Manifest(name, reference)) => {
                manifests::get(&self.store(), &name, &reference)
            }
            (&Method::PUT, Target::Manifest(name, reference)) => {
                manifests::put(&mut self.store(), &self.world, &name, &reference, request)
            }
            (&Method::DELETE, Target::Manifest(name, reference)) if self.world.deletes => {
                manifests::delete(&mut self.store(), &name, &reference)
            }
            (&Method::POST, Target::Uploads(name)) => {
                uploads::start(&mut self.store(), &self.world, &name, &query, request)
            }
            (method, Target::Upload(name, id)) => {
                uploads::go_on(&mut self.store(), method, &name, &id, &query, request)
            }
            _ => refusal(405, "UNSUPPORTED", "The operation is unsupported.", Value::Null),
        }
    }
}

#[async_trait]
impl Service for RegistryService {
    fn serves(&self, host: &str) -> bool {
        self.endpoint(host).is_some()
    }

    async fn answer(&self, host: &str, request: Request) -> Response {
        let registry = matches!(self.endpoint(host), Some(Endpoint::Registry { .. }));
        if let Some(own) = registry.then(|| answers::own(&self.world.answers, &request)).flatten() {
            return own;
        }
        let mut answer = match self.endpoint(host) {
            Some(Endpoint::Registry { vpc }) => self.registry(vpc, &request),
            Some(Endpoint::Tokens) => self.gate.give_token(&self.store(), &request),
            Some(Endpoint::Layers) => layers::layer(self, host, &request),
            None => refusal(404, "UNSUPPORTED", "no such host", Value::Null),
        };
        if registry {
            let version = HeaderName::from_static("docker-distribution-api-version");
            answer.headers_mut().insert(version, HeaderValue::from_static("registry/2.0"));
        }
        answer
    }
}

#[cfg(test)]
mod tests;
