//! One conversation with a registry: its steps, its credentials, and whom they may be shown.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use http::Method;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::Place;
use super::challenge::Challenge;
use super::patience::Patience;
use super::words::{errors, shown};
use crate::image::Blob;
use crate::wire::Wire;
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::registry::{Conversation, RegistryAct, RegistryHost, RegistryStep};
use ackcheck_core::seat::{Heard, HttpReply, NoReply};
use ackcheck_core::secret::Secret;

mod login;

/// The step that was just written down stopped the conversation.
#[derive(Debug)]
pub(super) struct Stopped;

/// The most redirects that one request follows; Go's client, which Docker has, follows ten.
const MOST_REDIRECTS: usize = 5;

/// What a request carries.
#[derive(Debug, Clone)]
pub(super) enum Payload {
    Bytes {
        media_type: &'static str,
        bytes: Bytes,
    },
    /// So many zeros, made as they are sent, which may take longer than other requests.
    Zeros {
        bytes: u64,
        within: Duration,
    },
}

/// How much of [`Payload::Zeros`] is in memory.
static ZEROS: [u8; 256 << 10] = [0; 256 << 10];

impl Payload {
    /// A blob, as uploads take it.
    pub(super) fn octets(blob: &Blob) -> Payload {
        Payload::Bytes { media_type: OCTETS, bytes: blob.bytes.clone() }
    }

    /// A manifest, under its own type.
    pub(super) fn manifest(blob: &Blob) -> Payload {
        Payload::Bytes { media_type: blob.media_type, bytes: blob.bytes.clone() }
    }
}

/// What is to be asked.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) act: RegistryAct,
    pub(super) what: String,
    pub(super) method: Method,
    pub(super) url: Result<Url, NoReply>,
    pub(super) payload: Option<Payload>,
}

impl Question {
    /// One without a body.
    pub(super) fn bare(
        act: RegistryAct,
        what: impl Into<String>,
        method: Method,
        url: Result<Url, NoReply>,
    ) -> Question {
        Question { act, what: what.into(), method, url, payload: None }
    }
}

/// A conversation under way.
pub(super) struct Talk {
    wire: Wire,
    pub(super) journal: Journal,
    /// Cancelled once nobody waits for the answers any more.
    stop: CancellationToken,
    place: Place,
    user: String,
    password: Secret,
    /// Shown to the registry's own host alone.
    authorization: Option<HeaderValue>,
    granted: Option<Vec<String>>,
    /// What is asked of token services for the probe's repository: `pull,push`.
    actions: Option<&'static str>,
    patience: Patience,
    steps: Vec<RegistryStep>,
}

impl Talk {
    pub(super) fn new(wire: Wire, journal: Journal, place: Place, credentials: (String, Secret)) -> Talk {
        let (user, password) = credentials;
        Talk {
            wire,
            journal,
            stop: CancellationToken::new(),
            place,
            user,
            password,
            authorization: None,
            granted: None,
            actions: None,
            patience: Patience::default(),
            steps: Vec::new(),
        }
    }

    /// The same, which ends early once `stop` is cancelled.
    pub(super) fn until(self, stop: CancellationToken) -> Talk {
        Talk { stop, ..self }
    }

    /// Where nothing is half done: goes on only while somebody waits.
    pub(super) fn may_go_on(&self) -> Result<(), Stopped> {
        if self.stop.is_cancelled() { Err(Stopped) } else { Ok(()) }
    }

    /// The conversation as it went; what follows is another one, with the login of this.
    pub(super) fn end(&mut self, done: bool) -> Conversation {
        Conversation { steps: std::mem::take(&mut self.steps), done, granted: self.granted.clone() }
    }

    /// What was asked since the conversation began, or the last one ended.
    pub(super) fn steps(&self) -> &[RegistryStep] {
        &self.steps
    }

    /// The last of these that was not about clearing up.
    pub(super) fn last_step(&self) -> Option<&RegistryStep> {
        self.steps.iter().rev().find(|step| !matches!(step.act, RegistryAct::Tags | RegistryAct::TidyUp))
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

    /// Asks one thing of the registry and writes the step down; what it brings where `enough` holds. Where the registry
    /// asks for a login, or for another one, it gets it, and is asked again.
    pub(super) async fn ask(
        &mut self,
        question: Question,
        enough: impl Fn(&HttpReply) -> bool,
    ) -> Result<HttpReply, Stopped> {
        self.ask_at(question, enough).await.map(|(_, reply)| reply)
    }

    /// The same, with the URL that answered in the end.
    pub(super) async fn ask_at(
        &mut self,
        question: Question,
        enough: impl Fn(&HttpReply) -> bool,
    ) -> Result<(Url, HttpReply), Stopped> {
        let first = self.send(&question).await;
        // At the door a login is a step of its own, and what follows a refusal is not worth another one.
        let as_it_is = matches!(
            question.act,
            RegistryAct::Challenge | RegistryAct::Enter | RegistryAct::Tags | RegistryAct::TidyUp
        );
        let challenge = match &first {
            Ok((url, reply)) if reply.status == 401 && !as_it_is && self.is_registry(url) => Challenge::of(reply),
            _ => None,
        };
        let Some(challenge) = challenge.filter(|challenge| self.is_news(challenge)) else {
            return self.conclude(&question, first, enough);
        };
        let _ = self.conclude(&question, first, |_| false);
        self.take_up(&challenge).await?;
        let second = self.send(&question).await;
        self.conclude(&question, second, enough)
    }

    /// Writes a step down as it ended.
    fn conclude(
        &mut self,
        question: &Question,
        ended: Result<(Url, HttpReply), (Option<Url>, NoReply)>,
        enough: impl Fn(&HttpReply) -> bool,
    ) -> Result<(Url, HttpReply), Stopped> {
        let (url, heard) = match ended {
            Ok((url, reply)) => (Some(url), Ok(reply)),
            Err((url, no_reply)) => (url, Err(no_reply)),
        };
        let ours = url.as_ref().is_none_or(|url| self.is_registry(url));
        let host = if ours { RegistryHost::Registry } else { RegistryHost::BlobStore };
        let told = url.as_ref().map_or_else(|| format!("https://{}", self.place.host), shown);
        let ok = heard.as_ref().is_ok_and(enough);
        let reply = self.write_down(question.act, question.what.clone(), host, told, heard, ok)?;
        // A step without a URL has no answer.
        url.map(|url| (url, reply)).ok_or(Stopped)
    }

    /// Sends a request and follows where it is redirected to. Brings the URL that answered, or did not.
    async fn send(&mut self, question: &Question) -> Result<(Url, HttpReply), (Option<Url>, NoReply)> {
        let mut url = question.url.clone().map_err(|no_reply| (None, no_reply))?;
        let mut redirects = 0;
        loop {
            let request = self.request(question, &url);
            let journal = self.journal.clone();
            let reply = self.insist(&journal, request).await.map_err(|no_reply| (Some(url.clone()), no_reply))?;
            match self.redirected(question, &url, &reply).filter(|_| redirects < MOST_REDIRECTS) {
                Some(next) => url = next,
                None => return Ok((url, reply)),
            }
            redirects += 1;
        }
    }

    fn request(&self, question: &Question, url: &Url) -> reqwest::Request {
        let mut request = reqwest::Request::new(question.method.clone(), url.clone());
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static(ACCEPTED));
        if let Some(authorization) = self.authorization.as_ref().filter(|_| self.is_registry(url)) {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        match &question.payload {
            Some(Payload::Bytes { media_type, bytes }) => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
                *request.body_mut() = Some(bytes.clone().into());
            }
            Some(Payload::Zeros { bytes, within }) => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static(OCTETS));
                headers.insert(CONTENT_LENGTH, HeaderValue::from(*bytes));
                *request.body_mut() = Some(reqwest::Body::wrap_stream(zeros(*bytes)));
                *request.timeout_mut() = Some(*within);
            }
            // Some proxies refuse a POST that does not say that it has no body.
            None if question.method == Method::POST => {
                headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
            }
            None => {}
        }
        request
    }

    /// Sends a request, again where the answer says to come back later and this conversation's patience lasts.
    async fn insist(&mut self, journal: &Journal, mut request: reqwest::Request) -> Heard<HttpReply> {
        let looks = matches!(*request.method(), Method::GET | Method::HEAD);
        let mut tries = 0;
        loop {
            tries += 1;
            let again = request.try_clone();
            let reply = self.wire.send(journal, Vantage::Registry, request).await?;
            let wait = self.patience.again_after(&reply, tries, looks, jiff::Timestamp::now());
            let (Some(again), Some(wait)) = (again, wait) else { return Ok(reply) };
            tokio::select! {
                () = tokio::time::sleep(wait) => request = again,
                // What is half done is finished without it.
                () = self.stop.cancelled() => return Ok(reply),
            }
        }
    }

    /// Where an answer sends a request on to. What asks whether something is there takes a redirect for a yes; how to
    /// log in only the registry's own host may say, since Docker shows no other one the password.
    fn redirected(&self, question: &Question, from: &Url, reply: &HttpReply) -> Option<Url> {
        let keeps_method = matches!(reply.status, 307 | 308);
        let as_it_was = keeps_method || question.method == Method::GET && matches!(reply.status, 301..=303);
        let next = from.join(reply.header("location")?).ok().filter(|_| as_it_was)?;
        let entering = matches!(question.act, RegistryAct::Challenge | RegistryAct::Enter);
        let may = match question.act {
            RegistryAct::Look => false,
            _ => next.scheme() == "https" && (!entering || self.is_registry(&next)),
        };
        may.then_some(next)
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
        let errors = heard.as_ref().map(|reply| errors(&reply.body)).unwrap_or_default();
        self.steps.push(RegistryStep { act, what, host, url, heard: heard.clone(), errors, ok });
        match heard {
            Ok(reply) if ok => Ok(reply),
            _ => Err(Stopped),
        }
    }

    /// The last step did not bring what it seemed to.
    pub(super) fn spoil(&mut self) -> Result<(), Stopped> {
        if let Some(step) = self.steps.last_mut() {
            step.ok = false;
        }
        Err(Stopped)
    }
}

const OCTETS: &str = "application/octet-stream";

/// A body of zeros, one piece at a time.
fn zeros(bytes: u64) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static {
    futures_util::stream::unfold(bytes, |left| async move {
        let piece = usize::try_from(left).unwrap_or(usize::MAX).min(ZEROS.len());
        (piece > 0).then(|| (Ok(Bytes::from_static(&ZEROS[..piece])), left - piece as u64))
    })
}

/// What a Docker daemon asks for, and JSON for error bodies.
const ACCEPTED: &str = "application/vnd.docker.distribution.manifest.list.v2+json, \
     application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.index.v1+json, \
     application/vnd.oci.image.manifest.v1+json, application/json";
