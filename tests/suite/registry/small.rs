//! A registry of a page, for what the lab's does not do: it holds requests back and answers some as a test says.

use std::collections::BTreeMap;
use std::sync::Mutex;

use ackcheck_lab::http::{Request, Response, response};
use ackcheck_lab::service::Service;
use tokio::sync::Semaphore;

use super::stage::Stage;

/// Which requests: by their method, and how their path ends.
pub(super) type Which = (&'static str, String);

/// Answers a request as a test says, or leaves it to the registry.
type Own = Box<dyn Fn(&str, &Request) -> Option<Response> + Send + Sync>;

/// What it was given, and when it waits.
pub(super) struct Small {
    /// Each request as `METHOD host/path`, once it is answered.
    pub(super) answered: Mutex<Vec<String>>,
    /// What each tag or digest names.
    pub(super) manifests: Mutex<BTreeMap<String, (String, String)>>,
    blobs: Mutex<Vec<String>>,
    own: Own,
    held: Mutex<Option<Which>>,
    /// One permit for each request that is held.
    arrived: Semaphore,
    /// One permit for each that may go on.
    released: Semaphore,
}

impl Small {
    pub(super) fn new(own: impl Fn(&str, &Request) -> Option<Response> + Send + Sync + 'static) -> Small {
        Small {
            answered: Mutex::default(),
            manifests: Mutex::default(),
            blobs: Mutex::default(),
            own: Box::new(own),
            held: Mutex::default(),
            arrived: Semaphore::new(0),
            released: Semaphore::new(0),
        }
    }

    /// Holds the next request of this kind back.
    pub(super) fn hold(&self, method: &'static str, ends: impl Into<String>) {
        *self.held.lock().unwrap() = Some((method, ends.into()));
    }

    /// Once a request is held.
    pub(super) async fn holds_one(&self) {
        self.arrived.acquire().await.unwrap().forget();
    }

    pub(super) fn release(&self) {
        self.released.add_permits(1);
    }

    /// What was answered so far whose line begins so.
    pub(super) fn count(&self, begins: &str) -> usize {
        self.answered.lock().unwrap().iter().filter(|line| line.starts_with(begins)).count()
    }

    /// The digest that a tag names.
    pub(super) fn named(&self, tag: &str) -> Option<String> {
        self.manifests.lock().unwrap().get(tag).map(|(_, bytes)| ackcheck_live::image::digest(bytes.as_bytes()))
    }

    /// The tag of the image that a stage pushes to it.
    pub(super) fn tag_of(stage: &Stage) -> String {
        stage.image.tag()
    }

    fn serve(&self, request: &Request) -> Response {
        let path = request.uri().path().to_owned();
        let query = request.uri().query().unwrap_or_default().to_owned();
        let (_, last) = path.rsplit_once('/').unwrap();
        let with = |mut answer: Response, name: &'static str, value: String| {
            answer.headers_mut().insert(name, value.parse().unwrap());
            answer
        };
        match request.method().as_str() {
            "GET" if path == "/v2/" => response(200, "application/json", "{}"),
            "PATCH" => with(response(202, "text/plain", ""), "location", format!("{path}?state=b")),
            "POST" => with(response(202, "text/plain", ""), "location", format!("{path}1?state=a")),
            "PUT" if path.contains("/uploads/") => {
                let digest = query.rsplit_once("digest=").unwrap().1.to_owned();
                self.blobs.lock().unwrap().push(digest);
                response(201, "text/plain", "")
            }
            "DELETE" => response(204, "text/plain", ""),
            "HEAD" if path.contains("/blobs/") => {
                let there = self.blobs.lock().unwrap().iter().any(|blob| blob == last);
                response(if there { 200 } else { 404 }, "text/plain", "")
            }
            "PUT" => {
                let media_type = request.headers()["content-type"].to_str().unwrap().to_owned();
                let digest = ackcheck_live::image::digest(request.body());
                let manifest = (media_type, String::from_utf8(request.body().to_vec()).unwrap());
                let mut manifests = self.manifests.lock().unwrap();
                manifests.insert(digest, manifest.clone());
                manifests.insert(last.to_owned(), manifest);
                response(201, "text/plain", "")
            }
            "GET" | "HEAD" => match self.manifests.lock().unwrap().get(last) {
                Some((media_type, bytes)) => {
                    let digest = ackcheck_live::image::digest(bytes.as_bytes());
                    with(response(200, media_type, bytes.clone()), "docker-content-digest", digest)
                }
                None => response(404, "application/json", "{}"),
            },
            _ => response(405, "text/plain", ""),
        }
    }
}

#[async_trait::async_trait]
impl Service for Small {
    fn serves(&self, _: &str) -> bool {
        true
    }

    async fn answer(&self, host: &str, request: Request) -> Response {
        let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
        let held = {
            let mut held = self.held.lock().unwrap();
            let meant = held.as_ref().is_some_and(|(of, ends)| *of == method && path.ends_with(ends.as_str()));
            if meant { held.take() } else { None }
        };
        if held.is_some() {
            self.arrived.add_permits(1);
            self.released.acquire().await.unwrap().forget();
        }
        let answer = (self.own)(host, &request).unwrap_or_else(|| self.serve(&request));
        self.answered.lock().unwrap().push(format!("{method} {host}{path}"));
        answer
    }
}
