//! An object's way from a pod to the store and back, by URLs that the host signed: no key enters the cluster.

use std::time::{Duration, Instant};

use super::LivePod;
use crate::live::store::{SignedUrls, read_reply};
use crate::probe::Ask;
use crate::seat::pod::RoundTrip;
use crate::seat::store::{StoreReply, StoreRequest};
use crate::seat::{Heard, Seen};

/// How long the URLs are good for: the three requests, with time for a slow node's clock.
const URLS_LAST: Duration = Duration::from_secs(900);

impl LivePod {
    /// Puts, gets and deletes one object of this node in each bucket.
    pub(super) async fn round_trips(&self) -> Seen<Vec<RoundTrip>> {
        let name = format!("from-{}", self.node);
        let signed = self.run.store.presign(&self.journal, &name, URLS_LAST).await?;
        let mut trips = Vec::new();
        for urls in signed {
            trips.push(self.round_trip(urls).await?);
        }
        Ok(trips)
    }

    async fn round_trip(&self, urls: SignedUrls) -> Seen<RoundTrip> {
        let written = format!("ackcheck on {} for run {}", self.node, self.run.run);
        let body = written.clone();
        let name = String::new();
        let began = Instant::now();
        let put = self.send(&urls, "PUT", &urls.put, &written, StoreRequest::Put { name: name.clone(), body }).await?;
        self.run.store.settle(&urls.target, &urls.key, false, &put);
        let (mut get, mut delete) = (None, None);
        if put.as_ref().is_ok_and(StoreReply::ok) {
            get = Some(self.send(&urls, "GET", &urls.get, "", StoreRequest::Get { name: name.clone() }).await?);
            let gone = self.send(&urls, "DELETE", &urls.delete, "", StoreRequest::Delete { name }).await?;
            self.run.store.settle(&urls.target, &urls.key, true, &gone);
            delete = Some(gone);
        }
        let target = urls.target;
        let (label, bucket, endpoint) = (target.label, target.bucket, target.endpoint);
        Ok(RoundTrip { label, bucket, endpoint, put, get, delete, written, took: began.elapsed() })
    }

    async fn send(
        &self,
        urls: &SignedUrls,
        method: &str,
        url: &url::Url,
        body: &str,
        request: StoreRequest,
    ) -> Seen<Heard<StoreReply>> {
        let limit = self.run.kubernetes.limits().request;
        let ask = Ask::Http {
            method: method.to_owned(),
            url: url.to_string(),
            headers: Vec::new(),
            body: body.to_owned(),
            trust_any: false,
            ca_pem: self.own_roots()?,
            timeout_ms: u64::try_from(limit.as_millis()).unwrap_or(u64::MAX),
        };
        // The signed URL is worth a key for a while: only the object's name is written down.
        let asked = format!("{method} oss://{}/{} by a signed URL", urls.target.bucket, urls.key);
        let heard = self.http(&asked, ask, limit).await?;
        Ok(heard.and_then(|reply| read_reply(&request, reply)))
    }
}
