//! DSS's own HTTP: the backend's port, and nginx before it on the base port, answered from the host's files.

mod public_api;
mod words;
pub(crate) mod world;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use http::header::HOST;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use self::words::{BAD_GATEWAY, HOME, NGINX, NO_PAGE, answer, error};
use self::world::{BackendState, DssWorld};
use super::http::{Connection, Request, Response, response};
use super::listen;
use super::service::{Opened, Reach, Service};
use super::tree::Tree;
use super::world::{Deployment, World};

/// DSS, by its names and addresses.
pub(crate) struct Dss {
    world: DssWorld,
    deployment: Deployment,
    data: PathBuf,
    install: PathBuf,
}

/// The longest request body read, in bytes.
const LONGEST_BODY: usize = 1 << 20;

impl Dss {
    /// As the world has it, with the host's data and install directories.
    pub(crate) fn new(world: &World, tree: &Tree) -> anyhow::Result<Dss> {
        let (data, install) = (tree.data.clone(), tree.install.clone());
        Ok(Dss { world: world.section()?, deployment: world.deployment()?, data, install })
    }

    fn on_port(&self, port: u16, request: &Request) -> Response {
        let base = self.deployment.dss.base_port;
        let path = request.uri().path().to_owned();
        if port == base {
            return match path.strip_prefix("/public/api") {
                Some(rest) if rest.is_empty() || rest.starts_with('/') => {
                    self.proxied(&format!("/dip/publicapi{rest}"), request)
                }
                _ if path.starts_with("/dip/") => self.proxied(&path, request),
                _ => response(200, "text/html", HOME),
            };
        }
        if port != base + 1 {
            return response(404, "text/html", NO_PAGE);
        }
        match self.world.backend.answers {
            BackendState::Nginx => response(404, "text/html", NGINX),
            _ => self.backend(&path, request),
        }
    }

    /// What nginx sends on to the backend.
    fn proxied(&self, path: &str, request: &Request) -> Response {
        match self.world.backend.answers {
            BackendState::Refused => response(502, "text/html", BAD_GATEWAY),
            BackendState::Nginx => response(404, "text/html", NGINX),
            BackendState::Dss => self.backend(path, request),
        }
    }

    fn backend(&self, path: &str, request: &Request) -> Response {
        match path {
            "/dip/api/ping" => response(200, "application/json;charset=utf-8", "{}"),
            "/dip/api/get-configuration" => {
                let mut configuration =
                    json!({"nodeType": "DESIGN", "installId": self.deployment.dss.install_id, "loggedIn": false});
                // The real answer has the settings of the whole user interface.
                configuration["uiCustomization"] = json!({"hideHomeHelp": false, "themeId": "x".repeat(2048)});
                if !self.world.backend.hides_version {
                    configuration["version"] = self.version_file();
                }
                answer(200, &configuration)
            }
            _ => match path.strip_prefix("/dip/publicapi") {
                Some(path) => self.public(path, request),
                None => error(404, "com.dataiku.dip.exceptions.NotFoundException", "No such path"),
            },
        }
    }

    fn version_file(&self) -> Value {
        let of_files = || {
            let install = std::fs::read(self.install.join("dss-version.json")).ok();
            self.read("dss-version.json").ok().or_else(|| serde_json::from_slice(&install?).ok())
        };
        let mut file = of_files().filter(Value::is_object).unwrap_or_else(|| json!({}));
        if let Some(version) = &self.world.backend.version {
            file["product_version"] = json!(version);
        }
        file
    }

    fn version(&self) -> String {
        self.version_file()["product_version"].as_str().unwrap_or_default().to_owned()
    }

    fn at_least(&self, wanted: [u32; 2]) -> bool {
        let version = self.version();
        let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
        [parts.next().unwrap_or(0), parts.next().unwrap_or(0)] >= wanted
    }

    /// A JSON file of the data directory, as it is now.
    fn read(&self, name: &str) -> Result<Value, String> {
        let file = self.data.join(name);
        let text = std::fs::read(&file).map_err(|error| format!("{name}: {error}"))?;
        serde_json::from_slice(&text).map_err(|error| format!("{name}: {error}"))
    }
}

#[async_trait]
impl Service for Dss {
    fn serves(&self, host: &str) -> bool {
        let own = &self.deployment.host;
        host == own.name || host == own.short_name || host.parse().is_ok_and(|address| own.addresses.contains(&address))
    }

    async fn answer(&self, _: &str, request: Request) -> Response {
        let host = request.headers().get(HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let port = match request.extensions().get::<Connection>() {
            // The port of its own stands for the base port.
            Some(_) => self.deployment.dss.base_port,
            None => host.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(80),
        };
        self.on_port(port, &request)
    }

    fn longest_body(&self) -> usize {
        LONGEST_BODY
    }

    fn too_long(&self) -> Response {
        response(413, "text/html", "413 Request Entity Too Large")
    }

    /// The base port on a loopback port, for clients that know nothing of the lab: `curl http://127.0.0.1:PORT/`.
    async fn open(self: Arc<Self>, _: &Path, stop: &CancellationToken) -> anyhow::Result<Opened> {
        let (listener, local) = listen::bind("DSS").await?;
        listen::accept(listener, stop.clone(), move |stream| {
            listen::serve(self.clone(), Connection { local, certificate: None }, stream)
        });
        let how = format!("curl http://{local}/dip/api/get-configuration");
        Ok(Opened { site: Vec::new(), reach: vec![Reach { service: "DSS", how }] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use http::header::AUTHORIZATION;
    use http_body_util::BodyExt as _;

    use ackcheck_core::fault::Fault;

    fn dss(root: &std::path::Path, faults: &[Fault]) -> Dss {
        let mut world = World::healthy().expect("a world");
        for fault in faults {
            world.apply(fault).expect("a fault");
        }
        let tree = crate::tree::write(&world, root).expect("a tree");
        Dss::new(&world, &tree).expect("DSS")
    }

    async fn get(dss: &Dss, port: u16, path: &str, authorization: &str) -> (u16, String) {
        let request = http::Request::get(path).header(HOST, format!("dss.lab.internal:{port}"));
        let request = request.header(AUTHORIZATION, authorization).body(bytes::Bytes::new()).expect("a request");
        let answer = dss.answer("dss.lab.internal", request).await;
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        (parts.status.as_u16(), String::from_utf8_lossy(&body).into_owned())
    }

    fn basic(user: &str, password: &str) -> String {
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}")))
    }

    const KEY: &str = "CANARYdssApiKeyN4o5P6q7R8s9";

    #[tokio::test]
    async fn answers_as_dss_does() {
        let root = tempfile::tempdir().expect("a folder");
        let dss = dss(root.path(), &[]);
        assert_eq!(get(&dss, 11201, "/dip/api/ping", "").await.0, 200);
        let (_, told) = get(&dss, 11200, "/dip/api/get-configuration", "").await;
        assert!(told.contains("14.2.0"), "{told}");
        for path in ["/public/api/instance-info", "/dip/publicapi/instance-info"] {
            assert_eq!(get(&dss, 11200, path, "").await.0, 401);
            assert_eq!(get(&dss, 11200, path, &basic("other", "")).await.0, 401);
            for authorization in [basic(KEY, ""), basic("", KEY), format!("Bearer {KEY}")] {
                let (status, told) = get(&dss, 11200, path, &authorization).await;
                assert!(status == 200 && told.contains("dssVersion"), "{told}");
            }
        }
        let (status, told) = get(&dss, 11200, "/public/api/admin/connections/", &basic(KEY, "")).await;
        assert!(status == 200 && told.contains("oss_managed") && told.contains("\"name\":\"oss_managed\""), "{told}");
        assert_eq!(get(&dss, 11200, "/public/api/admin/connections/none", &basic(KEY, "")).await.0, 404);
    }

    #[tokio::test]
    async fn is_broken_as_the_world_says() {
        let root = tempfile::tempdir().expect("a folder");
        let faults = [
            Fault::Set("/dss/backend/answers", "\"nginx\""),
            Fault::Set("/deployment/dss/release", "\"8.0.4\""),
            Fault::Set("/dss/api_key/admin", "false"),
        ];
        let dss = dss(root.path(), &faults);
        let (status, told) = get(&dss, 11201, "/dip/api/ping", "").await;
        assert!(status == 404 && told.contains("nginx"), "{told}");
        let root = tempfile::tempdir().expect("a folder");
        let dss = self::dss(root.path(), &faults[1..]);
        assert_eq!(get(&dss, 11200, "/public/api/instance-info", &basic(KEY, "")).await.0, 404);
        assert_eq!(get(&dss, 11200, "/public/api/auth/info", &format!("Bearer {KEY}")).await.0, 401);
        assert_eq!(get(&dss, 11200, "/public/api/admin/general-settings", &basic(KEY, "")).await.0, 403);
    }
}
