//! DSS's public REST API, read only. The key goes as the user name of HTTP Basic, which every release takes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http::header::AUTHORIZATION;
use serde_json::Value;
use tokio::sync::OnceCell;
use url::Url;

use crate::json::not_json;
use crate::wire::{Wire, authorization};
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::right::{DssRight, Right};
use ackcheck_core::seat::{HttpReply, Seen};
use ackcheck_core::secret::Secret;
use ackcheck_core::sync::locked;
use ackcheck_core::verdict::Unseen;

/// What DSS answers on one path, kept for the run: several checks read the same settings.
#[derive(Clone)]
struct Answer {
    document: Seen<Option<Value>>,
    /// For the journal: the body may hold secrets and is not written there.
    said: String,
    took: Duration,
}

/// The REST API of one instance.
pub(super) struct Api {
    wire: Wire,
    base: Url,
    key: Secret,
    answers: Mutex<HashMap<&'static str, Arc<OnceCell<Answer>>>>,
}

impl Api {
    /// The API of the instance at `base`, asked with `key`.
    pub(super) fn new(wire: Wire, base: Url, key: Secret) -> Api {
        Api { wire, base, key, answers: Mutex::default() }
    }

    /// `GET` of a path; none where DSS has no such path (404).
    ///
    /// # Errors
    /// Where no JSON came: no answer, a redirect, an error, a page. A refusal names the right that is missing.
    pub(super) async fn get(&self, journal: &Journal, path: &'static str, right: DssRight) -> Seen<Option<Value>> {
        let cell = {
            let mut answers = locked(&self.answers);
            answers.entry(path).or_default().clone()
        };
        let url = self.url(path);
        let answer = cell.get_or_init(|| self.ask(journal, &url, right)).await;
        journal.note(Vantage::Dss, format!("GET {url}"), &answer.said, answer.took);
        answer.document.clone()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base.as_str().trim_end_matches('/'))
    }

    async fn ask(&self, journal: &Journal, url: &str, right: DssRight) -> Answer {
        let began = Instant::now();
        // DSS takes its key as the user of HTTP Basic, without a password.
        let basic = journal.scrubber().basic(self.key.expose(), "");
        let request = self.wire.client().get(url).header(AUTHORIZATION, authorization("Basic", &basic)).build();
        let request = match request {
            Ok(request) => request,
            Err(error) => {
                let document = Err(Unseen::unreadable(url, error.to_string()));
                return Answer { document, said: error.to_string(), took: began.elapsed() };
            }
        };
        // Noted elsewhere: settings come with secrets that nobody has learnt yet.
        let aside = journal.aside();
        let (document, said) = match self.wire.send(&aside, Vantage::Dss, request).await {
            Err(no_reply) => {
                (Err(Unseen::unreadable(format!("GET {url}"), no_reply.to_string())), no_reply.to_string())
            }
            Ok(reply) => (document(url, right, &reply), described(&reply)),
        };
        Answer { document, said, took: began.elapsed() }
    }
}

/// The JSON of an answer, or why there is none.
fn document(url: &str, right: DssRight, reply: &HttpReply) -> Seen<Option<Value>> {
    let asked = format!("GET {url}");
    match reply.status {
        200..=299 => match serde_json::from_str(&reply.body) {
            Ok(document) => Ok(Some(document)),
            Err(error) if reply.body.trim_start().starts_with(['{', '[']) => {
                Err(Unseen::unreadable(asked, format!("the body is {}", not_json(&error))))
            }
            Err(_) => Err(Unseen::unreadable(asked, format!("{}, no JSON", described(reply)))),
        },
        401 => Err(Unseen::denied([Right::Dss(DssRight::AnyKey)], told(reply))),
        403 => Err(Unseen::denied([Right::Dss(right)], told(reply))),
        404 => Ok(None),
        300..=399 => {
            let to = reply.header("location").map_or("nowhere", |to| to.split(['?', '#']).next().unwrap_or(to));
            let why = format!("{} redirects to {to}: give `url` in `[dss]` the address that answers", reply.status);
            Err(Unseen::unreadable(asked, why))
        }
        _ => Err(Unseen::unreadable(asked, told(reply))),
    }
}

/// The status, size and kind of an answer; of its body only how a page starts.
fn described(reply: &HttpReply) -> String {
    let kind = reply.header("content-type").unwrap_or("of no type");
    let start: String = reply.body.trim_start().chars().take(40).collect();
    let start = start.split_whitespace().collect::<Vec<_>>().join(" ");
    let page = if start.starts_with('<') { format!(", starting with {start}") } else { String::new() };
    format!("{}, {} bytes {kind}{page}", reply.status, reply.body.len())
}

/// What DSS says of an error: its `message`, or else what came.
fn told(reply: &HttpReply) -> String {
    let said = serde_json::from_str::<Value>(&reply.body)
        .ok()
        .and_then(|body| body.get("message").and_then(Value::as_str).map(str::to_owned));
    match said {
        Some(message) => format!("{} {}", reply.status, message.chars().take(300).collect::<String>()),
        None => described(reply),
    }
}
