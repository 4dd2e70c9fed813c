//! One conversation with a registry: its steps, its credentials, and whom they may be shown.

use std::time::Duration;

use http::Method;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::Place;
use super::challenge::{Challenge, trustworthy};
use super::token::{self, TokenReply};
use crate::image::Blob;
use crate::wire::{Wire, authorization};
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::registry::{Conversation, RegistryAct, RegistryHost, RegistryStep};
use ackcheck_core::seat::{Heard, HttpReply, NoReply};
use ackcheck_core::secret::Secret;

/// The step that was just written down stopped the conversation.
#[derive(Debug)]
pub(super) struct Stopped;

/// The longest token used, in bytes: more than a header line takes is no token.
const LONGEST_TOKEN: usize = 32 << 10;

/// How often a request that only looks is sent in all.
const TRIES: u32 = 3;
/// The wait before it is sent again.
const PAUSE: Duration = Duration::from_millis(250);

/// A conversation under way.
pub(super) struct Talk {
    wire: Wire,
    journal: Journal,
    /// Cancelled once nobody waits for the answers any more.
    stop: CancellationToken,
    place: Place,
    user: String,
    password: Secret,
    /// Shown to the registry's own host alone.
    authorization: Option<HeaderValue>,
    granted: Option<Vec<String>>,
    steps: Vec<RegistryStep>,
}

impl Talk {
    pub(super) fn new(wire: Wire, journal: Journal, place: Place, credentials: (String, Secret)) -> Talk {
        let (user, password) = credentials;
        let stop = CancellationToken::new();
        Talk { wire, journal, stop, place, user, password, authorization: None, granted: None, steps: Vec::new() }
    }

    /// The same, which ends early once `stop` is cancelled.
    pub(super) fn until(self, stop: CancellationToken) -> Talk {
        Talk { stop, ..self }
    }

    /// Where nothing is half done: goes on only while somebody waits.
    pub(super) fn may_go_on(&self) -> Result<(), Stopped> {
        if self.stop.is_cancelled() { Err(Stopped) } else { Ok(()) }
    }

    /// The conversation as it went.
    pub(super) fn end(self, done: bool) -> Conversation {
        Conversation { steps: self.steps, done, granted: self.granted }
    }

    /// The probe's repository.
    pub(super) fn repository(&self) -> &str {
        &self.place.repository
    }

    /// `https://host/v2/<path>`.
    pub(super) fn url(&self, path: &str) -> Result<Url, NoReply> {
        let text = format!("https://{}/v2/{path}", self.place.host);
        Url::parse(&text).map_err(|error| NoReply::Garbled { said: format!("{text} is no URL: {error}") })
    }

    /// `https://host/v2/<repository>/<path>`.
    pub(super) fn repository_url(&self, path: &str) -> Result<Url, NoReply> {
        self.url(&format!("{}/{path}", self.place.repository))
    }

    /// Gets in: the challenge, the token where one is asked for, and `GET /v2/` with it. `actions` on the probe's
    /// repository are asked for by name: `pull,push`.
    pub(super) async fn log_in(&mut self, actions: Option<&str>) -> Result<(), Stopped> {
        let what = format!("ask {} how to log in", self.place.host);
        let (act, method) = (RegistryAct::Challenge, Method::GET);
        let url = self.url("");
        let speaks = |reply: &HttpReply| reply.status == 401 || reply.status == 200 && is_registry_answer(reply);
        let reply = self.ask(act, what, method, url, None, speaks).await?;
        if reply.status == 200 {
            // An open registry: whoever can reach it may use it, and no password is needed or sent.
            return Ok(());
        }
        match reply.header("www-authenticate").and_then(Challenge::parse) {
            None => return self.spoil(),
            Some(Challenge::Basic) => self.authorization = Some(self.basic()),
            Some(Challenge::Bearer { realm, service }) => {
                self.fetch_token(&realm, service.as_deref(), actions).await?;
            }
        }
        let what = format!("log in to {} as {}", self.place.host, self.user);
        let url = self.url("");
        let entered = |reply: &HttpReply| reply.status == 200 && is_registry_answer(reply);
        self.ask(RegistryAct::Enter, what, Method::GET, url, None, entered).await?;
        Ok(())
    }

    /// Asks one thing of the registry and writes the step down; what it brings where `enough` holds.
    pub(super) async fn ask(
        &mut self,
        act: RegistryAct,
        what: String,
        method: Method,
        url: Result<Url, NoReply>,
        body: Option<&Blob>,
        enough: impl FnOnce(&HttpReply) -> bool,
    ) -> Result<HttpReply, Stopped> {
        let url = match url {
            Ok(url) => url,
            Err(no_reply) => {
                let url = format!("https://{}", self.place.host);
                return self.write_down(act, what, RegistryHost::Registry, url, Err(no_reply), false);
            }
        };
        let host = if self.is_registry(&url) { RegistryHost::Registry } else { RegistryHost::BlobStore };
        let shown = shown(&url);
        let mut request = reqwest::Request::new(method, url);
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static(ACCEPTED));
        if let Some(blob) = body {
            let media_type = if act == RegistryAct::Upload { "application/octet-stream" } else { blob.media_type };
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
            *request.body_mut() = Some(blob.bytes.clone().into());
        }
        if let (RegistryHost::Registry, Some(authorization)) = (host, &self.authorization) {
            request.headers_mut().insert(AUTHORIZATION, authorization.clone());
        }
        let heard = self.send(request).await;
        let ok = heard.as_ref().is_ok_and(enough);
        self.write_down(act, what, host, shown, heard, ok)
    }

    /// Sends a request. One that only looks is sent again after an error of the server's own: a registry answers 500 while
    /// another client writes or removes the same tag.
    async fn send(&self, mut request: reqwest::Request) -> Heard<HttpReply> {
        let looks = matches!(*request.method(), Method::GET | Method::HEAD);
        let mut tries_left = if looks { TRIES } else { 1 };
        loop {
            tries_left -= 1;
            let again = request.try_clone().filter(|_| tries_left > 0);
            let heard = self.wire.send(&self.journal, Vantage::Registry, request).await;
            match (heard, again) {
                (Ok(reply), Some(again)) if reply.status >= 500 => {
                    tokio::time::sleep(PAUSE).await;
                    request = again;
                }
                (heard, _) => return heard,
            }
        }
    }

    /// True for the registry's own host, port included: the only one that may see what we log in with.
    fn is_registry(&self, url: &Url) -> bool {
        self.url("").is_ok_and(|own| own.origin() == url.origin())
    }

    fn write_down(
        &mut self,
        act: RegistryAct,
        what: String,
        host: RegistryHost,
        url: String,
        heard: Heard<HttpReply>,
        ok: bool,
    ) -> Result<HttpReply, Stopped> {
        let error = heard.as_ref().ok().and_then(|reply| first_error(&reply.body));
        self.steps.push(RegistryStep { act, what, host, url, heard: heard.clone(), error, ok });
        match heard {
            Ok(reply) if ok => Ok(reply),
            _ => Err(Stopped),
        }
    }

    /// The last step did not bring what it seemed to.
    fn spoil(&mut self) -> Result<(), Stopped> {
        if let Some(step) = self.steps.last_mut() {
            step.ok = false;
        }
        Err(Stopped)
    }

    fn basic(&self) -> HeaderValue {
        authorization("Basic", &self.journal.scrubber().basic(&self.user, self.password.expose()))
    }

    async fn fetch_token(&mut self, realm: &str, service: Option<&str>, actions: Option<&str>) -> Result<(), Stopped> {
        let scope = actions.map(|actions| format!("repository:{}:{actions}", self.place.repository));
        let what = match &scope {
            Some(scope) => format!("get a token for {scope} as {}", self.user),
            None => format!("get a token as {}", self.user),
        };
        let (act, host) = (RegistryAct::Token, RegistryHost::TokenService);
        let mut url = match trustworthy(realm) {
            Ok(url) => url,
            Err(said) => {
                return self
                    .write_down(act, what, host, realm.to_owned(), Err(NoReply::Garbled { said }), false)
                    .map(drop);
            }
        };
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("account", &self.user).append_pair("client_id", "ackcheck");
            if let Some(service) = service {
                query.append_pair("service", service);
            }
            if let Some(scope) = &scope {
                query.append_pair("scope", scope);
            }
        }
        let shown = url.to_string();
        let mut request = reqwest::Request::new(Method::GET, url);
        request.headers_mut().insert(AUTHORIZATION, self.basic());
        // The answer is a secret that is not known yet: it is noted in a journal of its own, which is thrown away.
        let aside = self.journal.aside();
        let mut heard = self.wire.send(&aside, Vantage::Registry, request).await;
        let took = aside.take().iter().map(|evidence| evidence.took).sum();
        let mut ok = false;
        let said = match &mut heard {
            Ok(reply) if reply.status == 200 => {
                let found = self.keep_token(&reply.body, scope.is_some());
                ok = found.is_some();
                let said = found.unwrap_or_else(|| format!("no token in an answer of {} bytes", reply.body.len()));
                reply.body = said.clone();
                format!("200 {said}")
            }
            Ok(reply) => {
                reply.body = self.journal.scrubber().scrub(&reply.body);
                format!("{} {}", reply.status, reply.body)
            }
            Err(no_reply) => no_reply.to_string(),
        };
        self.journal.note(Vantage::Registry, format!("GET {shown}"), said, took);
        self.write_down(act, what, host, shown, heard, ok).map(drop)
    }

    /// Keeps the token of an answer and says what it is good for; never what it is.
    fn keep_token(&mut self, body: &str, scoped: bool) -> Option<String> {
        let reply = TokenReply::parse(body)?;
        let tokens = reply.tokens(self.journal.scrubber());
        let token = tokens.first().filter(|token| token.expose().len() <= LONGEST_TOKEN)?;
        self.authorization = Some(authorization("Bearer", token)).filter(|header| !header.is_empty());
        self.authorization.as_ref()?;
        self.granted = token::granted(token, &self.place.repository);
        let granted = match &self.granted {
            _ if !scoped => "no repository was asked for".to_owned(),
            None => "it does not say what it grants".to_owned(),
            Some(actions) if actions.is_empty() => format!("it grants nothing on {}", self.place.repository),
            Some(actions) => format!("it grants {} on {}", actions.join(","), self.place.repository),
        };
        let lasts = reply.expires_in.map_or_else(String::new, |seconds| format!(" for {seconds} s"));
        Some(format!("a token{lasts}; {granted}"))
    }
}

/// What a Docker daemon asks for, and JSON for error bodies.
const ACCEPTED: &str = "application/vnd.docker.distribution.manifest.list.v2+json, \
     application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.index.v1+json, \
     application/vnd.oci.image.manifest.v1+json, application/json";

/// True for an answer that a registry could give on `/v2/`: a web page that answers 200 to everything is none.
fn is_registry_answer(reply: &HttpReply) -> bool {
    let json = serde_json::from_str::<serde_json::Value>(&reply.body).is_ok();
    reply.header("docker-distribution-api-version").is_some() || reply.body.trim().is_empty() || json
}

/// The URL without its query: upload sessions and signed URLs carry state there that nobody needs to read.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.to_string()
}

/// The first error of a distribution error body: `{"errors":[{"code":…,"message":…}]}`.
fn first_error(body: &str) -> Option<(String, String)> {
    #[derive(Deserialize)]
    struct Errors {
        errors: Vec<One>,
    }
    #[derive(Deserialize)]
    struct One {
        code: String,
        #[serde(default)]
        message: Option<String>,
    }
    let errors: Errors = serde_json::from_str(body).ok()?;
    errors.errors.into_iter().next().map(|one| (one.code, one.message.unwrap_or_default()))
}
