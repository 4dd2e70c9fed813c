//! An object's way from a pod to the store and back, by URLs that the host signed: no key enters the cluster.

use std::time::{Duration, Instant};

use super::LivePod;
use crate::probe::{Answer, Ask};
use crate::store::{Change, SignedUrls, read_reply};
use ackcheck_core::seat::pod::RoundTrip;
use ackcheck_core::seat::store::{StoreReply, StoreRequest};
use ackcheck_core::seat::{Heard, Seen};

/// How long the URLs are good for: the three requests, and the start of a pod for them where exec is refused.
const URLS_LAST: Duration = Duration::from_secs(300);

impl LivePod {
    /// Puts, gets and deletes one object of this node at each place in the store that can be asked.
    pub(super) async fn round_trips(&self) -> Seen<Vec<RoundTrip>> {
        let name = format!("from-{}", self.node);
        let signed = self.run.store.presign(&self.journal, &name, URLS_LAST).await?;
        let mut trips = Vec::new();
        for urls in signed {
            trips.push(self.round_trip(urls).await?);
        }
        Ok(trips)
    }

    /// One object, by one ask of the probe. It was remembered when its URLs were signed: where the ask ends without an
    /// answer, its clean-up is left to the run.
    async fn round_trip(&self, urls: SignedUrls) -> Seen<RoundTrip> {
        let written = format!("ackcheck on {} for run {}", self.node, self.run.run);
        let limit = self.run.kubernetes.limits().request;
        let ask = Ask::Oss {
            put: urls.put.to_string(),
            get: urls.get.to_string(),
            delete: urls.delete.to_string(),
            body: written.clone(),
            trust_any: false,
            ca_pem: self.own_roots()?,
            timeout_ms: u64::try_from(limit.as_millis()).unwrap_or(u64::MAX),
        };
        self.running().await?;
        let began = Instant::now();
        let answer = self.answer(&ask, limit * 3).await;
        let took = began.elapsed();
        let (put, get, delete) = match answer {
            Ok(Answer::Oss { put, get, delete }) => (put, get, delete),
            Ok(other) => return Err(self.unexpected(&other)),
            Err(why) => {
                self.note(&asked("put, get and delete", &urls), why.to_string(), took);
                return Err(why);
            }
        };
        let (name, body) = (String::new(), written.clone());
        let put = self.part(&urls, "PUT", &urls.put, *put, StoreRequest::Put { name: name.clone(), body });
        let got = |get: Box<Answer>| self.part(&urls, "GET", &urls.get, *get, StoreRequest::Get { name: name.clone() });
        let get = get.map(got).transpose();
        let gone = |gone: Box<Answer>| {
            self.part(&urls, "DELETE", &urls.delete, *gone, StoreRequest::Delete { name: name.clone() })
        };
        let delete = delete.map(gone).transpose();
        // What is known of the object is settled before anything can end this.
        if let Ok(put) = &put {
            self.run.store.settle(&urls.target, &urls.key, Change::Put, put);
        }
        if let Ok(Some(delete)) = &delete {
            self.run.store.settle(&urls.target, &urls.key, Change::Delete, delete);
        }
        let (put, get, delete) = (put?, get?, delete?);
        let target = urls.target;
        let (subject, bucket, endpoint) = (target.subject, target.bucket, target.endpoint);
        Ok(RoundTrip { subject, bucket, endpoint, put, get, delete, written, took })
    }

    /// One of the three, noted.
    fn part(
        &self,
        urls: &SignedUrls,
        method: &str,
        url: &url::Url,
        answer: Answer,
        request: StoreRequest,
    ) -> Seen<Heard<StoreReply>> {
        let (Answer::Http { took_ms, .. } | Answer::NoHttp { took_ms, .. }) = &answer else {
            return Err(self.unexpected(&answer));
        };
        self.note(&asked(method, urls), super::words(&answer), Duration::from_millis(*took_ms));
        let heard = self.heard(answer, url.as_str(), self.run.kubernetes.limits().request)?;
        Ok(heard.and_then(|reply| read_reply(&request, reply)))
    }
}

/// The signed URL is worth a key for a while: only the object's name is written down.
fn asked(what: &str, urls: &SignedUrls) -> String {
    format!("{what} oss://{}/{} by a signed URL", urls.target.bucket, urls.key)
}
