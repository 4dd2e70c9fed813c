//! An object's way from a pod to the store and back, by URLs that the host signed: no key enters the cluster.

use std::time::{Duration, Instant};

use super::LivePod;
use crate::store::{Change, ReplyKind, SignedUrls, read_reply};
use ackcheck_core::seat::pod::RoundTrip;
use ackcheck_core::seat::store::StoreReply;
use ackcheck_core::seat::{Heard, Seen};
use ackcheck_probe_protocol::{Exchange, Oss, milliseconds};

/// How long the URLs are good for: the three requests, and the start of a pod for them where exec is refused.
const URLS_LAST: Duration = Duration::from_secs(300);

/// The longest body that is written down, in bytes.
const LONGEST_TOLD: usize = 4096;

impl LivePod {
    /// Puts, gets and deletes one object of this node, of at least so many bytes, at each place in the store that can be
    /// asked.
    pub(super) async fn round_trips(&self, name: &str, size: usize) -> Seen<Vec<RoundTrip>> {
        let name = format!("{name}-{}", self.node);
        let signed = self.run.store.presign(&self.journal, &name, URLS_LAST).await?;
        let mut trips = Vec::new();
        for urls in signed {
            trips.push(self.round_trip(urls, size).await?);
        }
        Ok(trips)
    }

    /// One object, by one question to the probe. It was remembered when its URLs were signed: where no answer comes, its
    /// clean-up is left to the run.
    async fn round_trip(&self, urls: SignedUrls, size: usize) -> Seen<RoundTrip> {
        let line = format!("ackcheck on {} for run {}", self.node, self.run.fleet.run);
        let written = line.clone() + &".".repeat(size.saturating_sub(line.len()));
        let limit = self.limits().request;
        let question = Oss {
            ca_pem: self.own_roots()?,
            timeout_ms: milliseconds(limit),
            ..Oss::new(urls.put.as_str(), urls.get.as_str(), urls.delete.as_str(), written.clone())
        };
        self.running().await?;
        let began = Instant::now();
        let answer = self.answer(question, limit * 3).await;
        let took = began.elapsed();
        let exchanges = answer.inspect_err(|why| {
            self.note(&asked("put, get and delete", &urls), why.to_string(), took);
        })?;
        // Of thousands of nodes: what went well is one line.
        let three = [Some(&exchanges.put), exchanges.get.as_ref(), exchanges.delete.as_ref()];
        let well = three.iter().all(|exchange| exchange.is_some_and(Exchange::succeeded));
        if well {
            let answers: Vec<String> = three.into_iter().flatten().map(told).collect();
            self.note(&asked("put, get and delete", &urls), answers.join("; "), took);
        }
        let part = |method, url, exchange: Exchange, kind| {
            if !well {
                self.note(&asked(method, &urls), told(&exchange), exchange.took());
            }
            self.heard(url, exchange, kind)
        };
        let put = part("PUT", &urls.put, exchanges.put, ReplyKind::Empty);
        let get = exchanges.get.map(|get| part("GET", &urls.get, get, ReplyKind::Object));
        let delete = exchanges.delete.map(|delete| part("DELETE", &urls.delete, delete, ReplyKind::Empty));
        self.run.store.settle(&urls.target, &urls.key, Change::Put, &put);
        if let Some(delete) = &delete {
            self.run.store.settle(&urls.target, &urls.key, Change::Delete, delete);
        }
        let target = urls.target;
        let (subject, bucket, endpoint) = (target.subject, target.bucket, target.endpoint);
        Ok(RoundTrip { subject, bucket, endpoint, put, get, delete, written, took })
    }

    /// What one of the three brought.
    fn heard(&self, url: &url::Url, exchange: Exchange, kind: ReplyKind) -> Heard<StoreReply> {
        let heard = super::heard(exchange, url.as_str(), self.limits().request);
        heard.and_then(|reply| read_reply(kind, reply))
    }
}

/// An answer, of a long body only its length.
fn told(exchange: &Exchange) -> String {
    match exchange {
        Exchange::Http { status, body, .. } if body.len() > LONGEST_TOLD => format!("{status}, {} bytes", body.len()),
        other => other.to_string(),
    }
}

/// The signed URL is worth a key for a while: only the object's name is written down.
fn asked(what: &str, urls: &SignedUrls) -> String {
    format!("{what} oss://{}/{} by a signed URL", urls.target.bucket, urls.key)
}
