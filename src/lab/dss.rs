//! DSS's own HTTP answers: what its backend tells whoever asks, before any login.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::json;

use super::gateway::{Request, Response, Service, response};
use super::tree;
use super::world::World;

/// `/host/backend`: what answers on the backend's port.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BackendWorld {
    answers: Answers,
    /// The version it tells; that of the release where null.
    version: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Answers {
    /// DSS.
    Dss,
    /// DSS, not up yet.
    Starting,
    /// A web server that knows nothing of DSS.
    OtherProgram,
}

/// The backend.
pub struct Backend {
    host: String,
    answers: Answers,
    version: String,
}

impl Backend {
    /// As the world has it.
    pub fn new(world: &World) -> anyhow::Result<Backend> {
        let backend: BackendWorld = world.at("/host/backend")?;
        let release: String = world.at("/deployment/dss/release")?;
        let version = match backend.version {
            Some(version) => version,
            None => tree::product_version(&release)?,
        };
        Ok(Backend { host: world.at("/deployment/host/name")?, answers: backend.answers, version })
    }
}

const JSON: &str = "application/json;charset=utf-8";
const HTML: &str = "text/html";

#[async_trait]
impl Service for Backend {
    fn serves(&self, host: &str) -> bool {
        host == self.host
    }

    async fn answer(&self, _host: &str, request: Request) -> Response {
        let not_found = || response(404, HTML, "<html><head><title>404 Not Found</title></head></html>");
        match (self.answers, request.uri().path()) {
            (Answers::Starting, _) => response(503, HTML, "Service Unavailable"),
            (Answers::OtherProgram, _) => not_found(),
            (Answers::Dss, "/dip/api/ping") => response(200, JSON, "{}"),
            (Answers::Dss, "/dip/api/get-configuration") => {
                let told = json!({ "version": { "product_version": self.version }, "loggedIn": false });
                response(200, JSON, told.to_string())
            }
            (Answers::Dss, _) => not_found(),
        }
    }
}
