//! What the Internet has that images are built from: Docker Hub with its token service, a mirror of it, and the hosts of
//! packages. Nothing of it but what `HEAD` shows.

mod world;

use async_trait::async_trait;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};

use super::http::{Request, Response, response};
use super::service::Service;
use super::world::World;
use world::{Images, SourcesWorld, Throttled};

const HUB: &str = "registry-1.docker.io";
const TOKENS: &str = "auth.docker.io";
const MIRROR: &str = "mirror.corp.example";
/// What the token service gives whoever asks.
const TOKEN: &str = "CANARY-token-of-nobody";

/// The sources.
pub(crate) struct Sources {
    world: SourcesWorld,
}

impl Sources {
    /// As the world has them.
    pub(crate) fn new(world: &World) -> anyhow::Result<Sources> {
        Ok(Sources { world: world.section()? })
    }
}

#[async_trait]
impl Service for Sources {
    fn serves(&self, host: &str) -> bool {
        [HUB, TOKENS, MIRROR].contains(&host) || self.world.hosts.contains_key(host)
    }

    async fn answer(&self, host: &str, request: Request) -> Response {
        match host {
            TOKENS => response(200, "application/json", format!("{{\"token\":\"{TOKEN}\",\"expires_in\":300}}")),
            HUB if !shows_token(&request) => {
                let challenge = format!("Bearer realm=\"https://{TOKENS}/token\",service=\"registry.docker.io\"");
                with(response(401, "application/json", ""), "www-authenticate", &challenge)
            }
            HUB => manifest(&self.world.docker_hub, request.uri().path()),
            MIRROR => manifest(&self.world.mirror, request.uri().path()),
            other => response(self.world.hosts.get(other).copied().unwrap_or(404), "text/html", ""),
        }
    }
}

fn shows_token(request: &Request) -> bool {
    let shown = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    shown == Some(&format!("Bearer {TOKEN}"))
}

/// `/v2/NAME/manifests/TAG`.
fn manifest(images: &Images, path: &str) -> Response {
    let named = path.strip_prefix("/v2/").and_then(|rest| rest.split_once("/manifests/"));
    if images.throttled == Throttled::Refused {
        let body = "{\"errors\":[{\"code\":\"TOOMANYREQUESTS\",\"message\":\"You have reached your unauthenticated pull rate limit.\"}]}";
        return with(response(429, "application/json", body), "ratelimit-remaining", "0;w=21600");
    }
    let Some(digest) = named.and_then(|(name, tag)| images.images.get(name)?.get(tag)) else {
        return response(
            404,
            "application/json",
            "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest unknown\"}]}",
        );
    };
    let there = response(200, "application/vnd.oci.image.index.v1+json", "");
    let there = with(there, "docker-content-digest", digest);
    match images.throttled {
        Throttled::Headers => {
            let limit = with(there, "ratelimit-limit", "100;w=21600");
            with(limit, "ratelimit-remaining", "0;w=21600")
        }
        _ => there,
    }
}

fn with(mut answer: Response, name: &'static str, value: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer.headers_mut().insert(HeaderName::from_static(name), value);
    }
    answer
}
