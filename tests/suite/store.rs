//! The shipping OSS client against the lab's OSS, whose verifier was written apart from its signer.

use std::sync::Arc;
use std::time::Duration;

use ackcheck::site::Site;
use ackcheck_core::config::{Config, Connections};
use ackcheck_core::evidence::Journal;
use ackcheck_core::fault::Fault;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::store::{Store, StoreReply, StoreRequest, StoreTarget};
use ackcheck_core::seat::{Heard, NameAnswer, NoReply};
use ackcheck_core::secret::Scrubber;
use ackcheck_core::subject::{Kind, Subject};
use ackcheck_live::store::{NoConnections, StoreRun, open};
use ackcheck_live::wire::Wire;

use crate::support::canary::secret_free;
use crate::support::seats;

mod uploads;

/// A lab with the store's run on it.
struct Bench {
    _site: Site,
    wire: Wire,
    run: Arc<StoreRun>,
    journal: Journal,
}

impl Bench {
    async fn with(faults: &[Fault]) -> Bench {
        let site = seats::site(faults).await;
        let wire = Wire::new(site.config.clone()).unwrap();
        let run = Arc::new(StoreRun::new(wire.clone(), "run1", Arc::new(NoConnections)));
        Bench { _site: site, wire, run, journal: Journal::new(Scrubber::default()) }
    }

    fn seat(&self, at: &Subject) -> Box<dyn Store> {
        open(&self.run, at, self.journal.clone()).unwrap()
    }

    async fn targets(&self) -> Vec<StoreTarget> {
        let mut targets = Vec::new();
        for subject in self.run.subjects(&self.journal).await.unwrap() {
            targets.push(self.seat(&subject).target().await.unwrap());
        }
        targets
    }

    async fn heard(&self, target: &StoreTarget, request: StoreRequest) -> Heard<StoreReply> {
        self.seat(&target.subject).ask(request).await.unwrap()
    }

    async fn ask(&self, target: &StoreTarget, request: StoreRequest) -> StoreReply {
        self.heard(target, request).await.unwrap()
    }

    /// Everything noted so far, which must hold no secret.
    fn noted(&self) -> String {
        let noted = format!("{:?}", self.journal.take());
        secret_free("the journal", &noted).unwrap();
        noted
    }
}

fn put(name: &str) -> StoreRequest {
    StoreRequest::Put { name: name.to_owned(), body: "written by a test".to_owned() }
}
fn get(name: &str) -> StoreRequest {
    StoreRequest::Get { name: name.to_owned() }
}
fn delete(name: &str) -> StoreRequest {
    StoreRequest::Delete { name: name.to_owned() }
}

#[tokio::test]
async fn both_buckets_are_read_and_written_and_left_as_they_were() {
    let bench = Bench::with(&[]).await;
    let targets = bench.targets().await;
    assert_eq!(targets.iter().map(|target| target.prefix.as_str()).collect::<Vec<_>>(), ["dss/managed", ""]);
    for target in &targets {
        assert!(matches!(bench.seat(&target.subject).resolve().await, Ok(NameAnswer::Addresses(_))));
        let info = bench.ask(target, StoreRequest::BucketInfo).await;
        assert_eq!((info.status, info.location.as_deref()), (200, Some("oss-cn-hangzhou")), "{info:?}");
        assert!(bench.ask(target, put("a b/é+.txt")).await.ok());
        assert_eq!(bench.ask(target, get("a b/é+.txt")).await.body, "written by a test");
        let list = bench.ask(target, StoreRequest::List).await;
        assert!(list.ok() && list.body.contains(".ackcheck-run1/") && list.body.ends_with("-a b/é+.txt"), "{list:?}");
        assert!(bench.ask(target, StoreRequest::Head { name: "a b/é+.txt".to_owned() }).await.ok());
        assert!(bench.ask(target, put("other.txt")).await.ok());
        assert_eq!(bench.ask(target, delete("a b/é+.txt")).await.status, 204);
        let gone = bench.ask(target, StoreRequest::Head { name: "a b/é+.txt".to_owned() }).await;
        assert_eq!((gone.status, gone.code.as_deref()), (404, Some("NoSuchKey")));
    }
    assert_eq!(bench.run.clean_up(&bench.journal).await, Vec::<String>::new());
    for target in &targets {
        assert_eq!(bench.ask(target, StoreRequest::List).await.body, "");
    }
    assert!(bench.noted().contains("DELETE"));
}

#[tokio::test]
async fn a_signed_url_needs_no_key_and_is_cleaned_up_after() {
    let bench = Bench::with(&[]).await;
    let signed = bench.run.presign(&bench.journal, "node-1", Duration::from_secs(60)).await.unwrap();
    assert_eq!(signed.len(), 2);
    for urls in &signed {
        let client = bench.wire.client();
        let request = client.put(urls.put.clone()).body("from a pod").build().unwrap();
        assert_eq!(bench.wire.send(&bench.journal, Vantage::Node, request).await.unwrap().status, 200);
        let request = client.get(urls.get.clone()).build().unwrap();
        assert_eq!(bench.wire.send(&bench.journal, Vantage::Node, request).await.unwrap().body, "from a pod");
        // The signature is of one method and one key.
        let request = client.delete(urls.get.clone()).build().unwrap();
        assert_eq!(bench.wire.send(&bench.journal, Vantage::Node, request).await.unwrap().status, 403);
    }
    let request = bench.wire.client().delete(signed[0].delete.clone()).build().unwrap();
    assert_eq!(bench.wire.send(&bench.journal, Vantage::Node, request).await.unwrap().status, 204);
    bench.run.forget(&signed[0]);
    assert_eq!(bench.run.clean_up(&bench.journal).await, Vec::<String>::new());
    let noted = bench.noted();
    assert_eq!(noted.matches("x-oss-signature=").count(), noted.matches("x-oss-signature=•••").count(), "{noted}");
    for target in bench.targets().await {
        assert_eq!(bench.ask(&target, StoreRequest::List).await.body, "");
    }
}

#[tokio::test]
async fn a_signature_of_version_1_is_made_where_no_region_is_known() {
    // An address has no region of its own, and this site names none: version 1 it must be.
    let bench = Bench::with(&[]).await;
    let mut config = Config::clone(bench.wire.config());
    config.cloud = None;
    let storage = config.storage.as_mut().unwrap();
    storage.buckets.truncate(1);
    let gateway = config.network.connect.last().unwrap().1;
    storage.buckets[0].endpoint = format!("http://{gateway}");
    let wire = Wire::new(Arc::new(config)).unwrap();
    let run = Arc::new(StoreRun::new(wire, "run2", Arc::new(NoConnections)));
    let place = run.subjects(&bench.journal).await.unwrap().remove(0);
    let seat = open(&run, &place, bench.journal.clone()).unwrap();
    for request in [put("a"), get("a"), StoreRequest::List, delete("a")] {
        let reply = seat.ask(request.clone()).await.unwrap().unwrap();
        assert!(reply.ok(), "{request:?}: {reply:?}");
    }
    for urls in run.presign(&bench.journal, "signed", Duration::from_secs(60)).await.unwrap() {
        assert!(urls.put.query().unwrap().contains("OSSAccessKeyId="));
        let request = bench.wire.client().put(urls.put.clone()).body("x").build().unwrap();
        assert_eq!(bench.wire.send(&bench.journal, Vantage::Node, request).await.unwrap().status, 200);
    }
    assert_eq!(run.clean_up(&bench.journal).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_may_not_be_deleted_is_named() {
    let bench = Bench::with(&[Fault::Add("/storage/key/denied", "\"oss:DeleteObject\"")]).await;
    let target = bench.targets().await.remove(0);
    assert!(bench.ask(&target, put("left.txt")).await.ok());
    let refused = bench.ask(&target, delete("left.txt")).await;
    assert_eq!((refused.status, refused.code.as_deref()), (403, Some("AccessDenied")));
    assert_eq!(refused.denial.unwrap().action.as_deref(), Some("oss:DeleteObject"));
    let left = bench.run.clean_up(&bench.journal).await;
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(
        left[0].starts_with(
            "oss://lab-dss-data/dss/managed/.ackcheck-run1/1-left.txt: the right `oss:DeleteObject` is missing"
        ),
        "{left:?}"
    );
    bench.noted();
}

#[tokio::test]
async fn what_is_not_replaced_is_not_forgotten() {
    let bench = Bench::with(&[Fault::Set("/storage/bucket/refuses", "\"overwrite\"")]).await;
    let target = bench.targets().await.remove(0);
    assert!(bench.ask(&target, put("kept.txt")).await.ok());
    assert_eq!(bench.ask(&target, put("kept.txt")).await.code.as_deref(), Some("FileAlreadyExists"));
    assert_eq!(bench.run.clean_up(&bench.journal).await, Vec::<String>::new());
    assert_eq!(bench.ask(&target, StoreRequest::List).await.body, "");
}

#[tokio::test]
async fn nothing_stays_in_a_versioned_bucket() {
    let bench = Bench::with(&[Fault::Set("/storage/bucket/versioned", "true")]).await;
    let target = bench.targets().await.remove(0);
    let version = bench.ask(&target, put("v.txt")).await.version_id.unwrap();
    let marker = bench.ask(&target, delete("v.txt")).await.version_id.unwrap();
    assert_ne!(version, marker);
    assert_eq!(bench.run.clean_up(&bench.journal).await, Vec::<String>::new());
    let noted = bench.noted();
    assert!(noted.contains(&version) && noted.contains(&marker), "{noted}");
}

#[tokio::test]
async fn every_refusal_comes_as_an_observation() {
    for (fault, code) in [
        (Fault::Set("/storage/bucket/exists", "false"), "NoSuchBucket"),
        (Fault::Set("/storage/key/state", "\"deleted\""), "InvalidAccessKeyId"),
        (Fault::Set("/storage/key/secret", "\"another\""), "SignatureDoesNotMatch"),
        (Fault::Set("/storage/clock_ahead_seconds", "3600"), "RequestTimeTooSkewed"),
        (Fault::Set("/storage/bucket/region", "\"cn-shanghai\""), "AccessDenied"),
    ] {
        let bench = Bench::with(&[fault]).await;
        let target = bench.targets().await.remove(0);
        for request in [StoreRequest::List, StoreRequest::Head { name: "x".to_owned() }] {
            let reply = bench.ask(&target, request).await;
            assert_eq!(reply.code.as_deref(), Some(code), "{reply:?}");
            assert!(reply.from_oss());
        }
        bench.noted();
    }
    let bench = Bench::with(&[Fault::Set("/storage/temporary_key/state", "\"expired\"")]).await;
    let target = bench.targets().await.remove(1);
    assert_eq!(bench.ask(&target, StoreRequest::List).await.code.as_deref(), Some("SecurityTokenExpired"));
}

#[tokio::test]
async fn no_misbehaving_endpoint_is_taken_for_oss() {
    for how in [
        "refused",
        "silent",
        "slow",
        "garbage",
        "half",
        "error-500",
        "redirect-loop",
        "no-tls",
        "unknown-issuer",
        "wrong-name",
    ] {
        let entry = format!("{{\"host\":\"*.oss-cn-hangzhou-internal.aliyuncs.com\",\"how\":\"{how}\"}}");
        let bench = Bench::with(&[Fault::Add("/gateway/broken", entry.leak())]).await;
        let target = bench.targets().await.remove(0);
        match bench.heard(&target, StoreRequest::List).await {
            Ok(reply) => assert!(!reply.from_oss() && !reply.ok(), "{how}: {reply:?}"),
            Err(no_reply) => {
                let right = match how {
                    "refused" => matches!(no_reply, NoReply::Refused { .. }),
                    "silent" => matches!(no_reply, NoReply::NotConnected { .. }),
                    "slow" => matches!(no_reply, NoReply::TimedOut { .. }),
                    "no-tls" | "unknown-issuer" | "wrong-name" => matches!(no_reply, NoReply::Tls { .. }),
                    _ => matches!(no_reply, NoReply::Garbled { .. } | NoReply::Closed { .. }),
                };
                assert!(right, "{how}: {no_reply:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_connection_of_dss_brings_a_bucket() {
    let bench = Bench::with(&[]).await;
    let mut config = Config::clone(bench.wire.config());
    let storage = config.storage.as_mut().unwrap();
    storage.connections = Connections::All;
    storage.access_key = storage.buckets[0].access_key.clone();
    storage.buckets.clear();
    let wire = Wire::new(Arc::new(config)).unwrap();
    let run = Arc::new(StoreRun::new(wire.clone(), "run3", Arc::new(ackcheck_live::dss::Source::new(&wire))));
    let places = run.subjects(&bench.journal).await.unwrap();
    assert_eq!(places, [Subject::new(Kind::Connection, "oss_managed")]);
    let seat = open(&run, &places[0], bench.journal.clone()).unwrap();
    assert_eq!(seat.target().await.unwrap().bucket, "lab-dss-data");
    assert!(seat.ask(put("x")).await.unwrap().unwrap().ok());
    assert_eq!(run.clean_up(&bench.journal).await, Vec::<String>::new());
    bench.noted();
}
