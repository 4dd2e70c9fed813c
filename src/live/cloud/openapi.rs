//! Calls to the OpenAPI: signed, sent to the endpoint that answers, tried again only where the account is throttled,
//! and each asked once in a run.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::OnceCell;

use super::answers;
use super::call::{Call, Paging};
use super::metadata::{Metadata, is_word};
use super::refused::read;
use super::sign::{self, Unsigned};
use crate::wire::Wire;
use ackcheck_core::config::AccessKey;
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::{HttpReply, NoReply, Seen};
use ackcheck_core::sync::locked;
use ackcheck_core::verdict::{Broken, Unseen};

/// How often a throttled call is tried in all.
const TRIES: u32 = 4;
/// The longest wait between two tries, whatever the service asks for.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// The most pages read of one list: far more than the largest quota.
const MOST_PAGES: usize = 200;

/// The account, shared by all cases of a run.
pub struct Account {
    wire: Wire,
    pub(super) metadata: Metadata,
    key: OnceCell<Seen<AccessKey>>,
    /// What was answered, as text: parsed, thousands of interfaces are many times as large.
    answers: Mutex<HashMap<String, Arc<OnceCell<Seen<String>>>>>,
    /// The endpoint that answered last, by product and region.
    answering: Mutex<HashMap<(&'static str, String), String>>,
}

impl Account {
    /// The account behind this way out.
    pub fn new(wire: Wire) -> Account {
        Account {
            wire,
            metadata: Metadata::default(),
            key: OnceCell::new(),
            answers: Mutex::default(),
            answering: Mutex::default(),
        }
    }

    /// The way out.
    pub fn wire(&self) -> &Wire {
        &self.wire
    }

    /// The answer to a call, asked once in a run.
    pub async fn call(&self, journal: &Journal, call: &Call) -> Seen<Value> {
        let asked = call.in_words();
        let cell = {
            let mut answers = locked(&self.answers);
            answers.entry(format!("{} {asked}", call.region)).or_default().clone()
        };
        if let Some(answer) = cell.get() {
            let said = match answer {
                Ok(answer) => answer.clone(),
                Err(unseen) => unseen.to_string(),
            };
            journal.note(Vantage::Cloud, format!("{asked} (asked before in this run)"), said, Duration::ZERO);
        }
        let answer = cell.get_or_init(|| async { self.ask(journal, call).await.map(|answer| answer.to_string()) });
        let text = answer.await.as_ref().map_err(Clone::clone)?;
        serde_json::from_str(text).map_err(|error| Unseen::unreadable(call.ram_action(), error.to_string()))
    }

    /// Every entry of a list, over all its pages; `list` is a JSON pointer.
    pub async fn list<T: DeserializeOwned>(
        &self,
        journal: &Journal,
        call: &Call,
        list: &str,
        paging: Paging,
    ) -> Seen<Vec<T>> {
        let mut all: Vec<T> = Vec::new();
        let mut next = String::new();
        for page in 1..=MOST_PAGES {
            let mut call = call.clone();
            match &paging {
                Paging::Token(size, most) => {
                    call = call.with(size, *most);
                    if !next.is_empty() {
                        call = call.with("NextToken", next.as_str());
                    }
                }
                Paging::Number { number, size, .. } => {
                    call = call.with(size.0, size.1).with(number, page.to_string());
                }
            }
            let mut answer = self.call(journal, &call).await?;
            let entries = match answer.pointer_mut(list).map(Value::take) {
                Some(Value::Array(entries)) => entries,
                _ => return Err(Unseen::unreadable(call.ram_action(), format!("the answer has no list {list}"))),
            };
            let came = entries.len();
            all.extend(answers::all::<T>(&call.ram_action(), entries)?);
            match &paging {
                Paging::Token(..) => {
                    let token = answer.get("NextToken").and_then(Value::as_str).unwrap_or_default();
                    if token.is_empty() {
                        return Ok(all);
                    }
                    if token == next {
                        return Err(Unseen::unreadable(
                            call.ram_action(),
                            "the list goes round: a page names itself as next",
                        ));
                    }
                    next = token.to_owned();
                }
                Paging::Number { total, .. } => {
                    let total = answer.pointer(total).and_then(Value::as_u64).unwrap_or(0);
                    if all.len() as u64 >= total {
                        return Ok(all);
                    }
                    if came == 0 {
                        let why = format!("{} of {total} entries came, then an empty page", all.len());
                        return Err(Unseen::unreadable(call.ram_action(), why));
                    }
                }
            }
        }
        Err(Unseen::unreadable(call.ram_action(), format!("the list has more than {MOST_PAGES} pages")))
    }

    async fn ask(&self, journal: &Journal, call: &Call) -> Seen<Value> {
        if !is_word(&call.region) {
            return Err(Unseen::unreadable("the region", format!("{:?} is no region id", call.region)));
        }
        let key = self.key.get_or_init(|| self.find_key(journal)).await.clone()?;
        for attempt in 1.. {
            let (endpoint, reply) = self.exchange(journal, call, &key).await?;
            let error = match read(&reply) {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if !error.is_throttling() || attempt == TRIES {
                return Err(error.unseen(call, &endpoint, &key));
            }
            let asked_for = reply.header("x-acs-retry-after").and_then(|ms| ms.trim().parse().ok());
            let own = Duration::from_millis(200 << attempt);
            tokio::time::sleep(asked_for.map_or(own, Duration::from_millis).min(LONGEST_WAIT)).await;
        }
        Err(Broken::Internal("the tries of a call ran out".to_owned()).into())
    }

    async fn find_key(&self, journal: &Journal) -> Seen<AccessKey> {
        let own = self.wire.config().cloud.as_ref().and_then(|cloud| cloud.access_key.clone());
        match own {
            Some(key) => Ok(key),
            None => self.metadata.role_key(&self.wire, journal).await,
        }
    }

    /// Sends a call to the first endpoint that answers at all.
    async fn exchange(&self, journal: &Journal, call: &Call, key: &AccessKey) -> Seen<(String, HttpReply)> {
        let mut unheard = Vec::new();
        for endpoint in self.endpoints(journal, call).await {
            let request = self.signed(&endpoint, call, key)?;
            let unwritten = journal.aside();
            let began = Instant::now();
            let heard = self.wire.send(&unwritten, Vantage::Cloud, request).await;
            let said = match &heard {
                Ok(reply) => format!("{} {}", reply.status, reply.body),
                Err(no_reply) => no_reply.to_string(),
            };
            journal.note(Vantage::Cloud, format!("{} at {endpoint}", call.in_words()), said, began.elapsed());
            match heard {
                Ok(reply) => {
                    let mut answering = locked(&self.answering);
                    answering.insert((call.product.name, call.region.clone()), endpoint.clone());
                    return Ok((endpoint, reply));
                }
                Err(no_reply) => unheard.push((endpoint, no_reply)),
            }
        }
        let why = unheard.iter().map(|(endpoint, no_reply): &(String, NoReply)| format!("{endpoint}: {no_reply}"));
        Err(Unseen::unreadable(call.ram_action(), why.collect::<Vec<_>>().join("; ")))
    }

    /// The endpoints to try: the site's own, or the one that answered before, or the VPC's and then the public one.
    async fn endpoints(&self, journal: &Journal, call: &Call) -> Vec<String> {
        let (product, region) = (call.product.name, &call.region);
        let own = self.wire.config().cloud.iter().flat_map(|cloud| &cloud.endpoints).find(|(name, _)| name == product);
        if let Some((_, endpoint)) = own {
            return vec![endpoint.clone()];
        }
        {
            let answering = locked(&self.answering);
            if let Some(endpoint) = answering.get(&(product, region.clone())) {
                return vec![endpoint.clone()];
            }
        }
        let public = match call.product.hangzhou.filter(|_| region == "cn-hangzhou") {
            Some(host) => host.to_owned(),
            None => format!("{product}.{region}.aliyuncs.com"),
        };
        match self.metadata.identity(&self.wire, journal).await {
            // From inside the region's network; it needs no way to the internet.
            Ok(identity) if identity.region == *region => vec![format!("{product}-vpc.{region}.aliyuncs.com"), public],
            _ => vec![public],
        }
    }

    fn signed(&self, endpoint: &str, call: &Call, key: &AccessKey) -> Seen<reqwest::Request> {
        let unusable =
            |why: String| Unseen::unreadable(format!("[cloud] endpoints: {} = {endpoint}", call.product.name), why);
        let base = if endpoint.contains("://") { endpoint.to_owned() } else { format!("https://{endpoint}") };
        let url = format!("{}{}?{}", base.trim_end_matches('/'), call.path, sign::query(&call.query));
        let url = url::Url::parse(&url).map_err(|error| unusable(error.to_string()))?;
        let host = match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.to_owned(),
            (None, _) => return Err(unusable("it names no host".to_owned())),
        };
        let date = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let nonce = format!("{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..));
        let unsigned = Unsigned {
            method: call.method(),
            host: &host,
            path: url.path(),
            query: &call.query,
            action: call.action,
            version: call.product.version,
            date: &date,
            nonce: &nonce,
        };
        let mut request = match call.method() {
            "POST" => self.wire.client().post(url.clone()),
            _ => self.wire.client().get(url.clone()),
        };
        for (name, value) in sign::headers(&unsigned, key) {
            request = request.header(name, value);
        }
        request.header("accept", "application/json").build().map_err(|error| unusable(error.to_string()))
    }
}
