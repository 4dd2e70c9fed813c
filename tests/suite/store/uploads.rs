//! Uploads in parts and copies: what becomes of them, and that no run leaves one open, wherever it ends.

use std::pin::Pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use ackcheck_core::check::Judge;
use ackcheck_core::context::Context;
use ackcheck_core::seat::store::{OpenUpload, SignatureVersion};

use super::*;

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(600);

fn begin(name: &str) -> StoreRequest {
    StoreRequest::BeginUpload { name: name.to_owned() }
}
fn part(name: &str, upload: &str, number: u32, body: &str) -> StoreRequest {
    StoreRequest::PutPart { name: name.to_owned(), upload: upload.to_owned(), number, body: body.to_owned() }
}
fn complete(name: &str, upload: &str, parts: &[(u32, &str)]) -> StoreRequest {
    let parts = parts.iter().map(|(number, etag)| (*number, (*etag).to_owned())).collect();
    StoreRequest::CompleteUpload { name: name.to_owned(), upload: upload.to_owned(), parts }
}
fn abort(name: &str, upload: &str) -> StoreRequest {
    StoreRequest::AbortUpload { name: name.to_owned(), upload: upload.to_owned() }
}

/// A seat asked with one of the two signatures.
struct Signed<'a>(&'a dyn Store, bool);

impl Signed<'_> {
    async fn ask(&self, request: StoreRequest) -> StoreReply {
        let heard = match self.1 {
            true => self.0.ask_signed(request, &SignatureVersion::V1).await,
            false => self.0.ask(request).await,
        };
        heard.unwrap().unwrap()
    }

    async fn begin(&self, name: &str) -> String {
        self.ask(begin(name)).await.uploads.remove(0).id
    }

    async fn open(&self, name: &str) -> Vec<OpenUpload> {
        self.ask(StoreRequest::ListUploads { name: name.to_owned() }).await.uploads
    }

    async fn refused(&self, request: StoreRequest, status: u16, code: &str) {
        let reply = self.ask(request).await;
        assert_eq!((reply.status, reply.code.as_deref()), (status, Some(code)));
    }
}

/// Nothing of this run is in the bucket, as its owner sees it.
async fn nothing_is_left(bench: &Bench, target: &StoreTarget) {
    let seat = bench.seat(&target.subject);
    // Its key is the beginning of every other's.
    let open = seat.ask(StoreRequest::ListUploads { name: String::new() }).await.unwrap().unwrap();
    assert_eq!((open.status, open.uploads), (200, Vec::new()));
    assert_eq!(bench.ask(target, StoreRequest::List).await.body, "");
}

#[tokio::test]
async fn an_upload_becomes_an_object_or_nothing_by_either_signature() {
    let bench = Bench::with(&[]).await;
    let target = bench.targets().await.remove(0);
    let seat = bench.seat(&target.subject);
    let name = "a b/é+.txt";
    for v1 in [false, true] {
        let signed = Signed(seat.as_ref(), v1);
        let upload = signed.begin(name).await;
        let etag = signed.ask(part(name, &upload, 1, "the one part")).await.etag.unwrap();
        let last = signed.ask(part(name, &upload, 7, "another")).await.etag.unwrap();
        let open = signed.open(name).await;
        assert!(open.len() == 1 && open[0].id == upload && open[0].key.ends_with(name), "{open:?}");
        assert!(open[0].since.as_deref().is_some_and(|since| since.parse::<jiff::Timestamp>().is_ok()), "{open:?}");
        signed.refused(complete(name, &upload, &[(1, &last)]), 400, "InvalidPart").await;
        signed.refused(complete(name, &upload, &[(2, &etag)]), 400, "InvalidPart").await;
        signed.refused(complete(name, &upload, &[(7, &last), (1, &etag)]), 400, "InvalidPartOrder").await;
        signed.refused(complete(name, &upload, &[(1, &etag), (7, &last)]), 400, "EntityTooSmall").await;
        signed.refused(part(name, &upload, 10_001, "x"), 400, "InvalidArgument").await;
        let made = signed.ask(complete(name, &upload, &[(1, &etag)])).await;
        assert!(made.ok() && made.etag.as_deref().is_some_and(|etag| etag.ends_with("-1")), "{made:?}");
        assert_eq!(signed.ask(get(name)).await.body, "the one part");
        signed.refused(abort(name, &upload), 404, "NoSuchUpload").await;

        let copy = StoreRequest::Copy { name: "copied".to_owned(), from: name.to_owned() };
        assert!(signed.ask(copy).await.etag.is_some());
        assert_eq!(signed.ask(get("copied")).await.body, "the one part");
        let upload = signed.begin("copied").await;
        let (to, from) = ("copied".to_owned(), name.to_owned());
        let copy = StoreRequest::CopyPart { name: to, upload: upload.clone(), number: 1, from, bytes: 7 };
        let etag = signed.ask(copy).await.etag.unwrap();
        assert!(signed.ask(complete("copied", &upload, &[(1, &etag)])).await.ok());
        assert_eq!(signed.ask(get("copied")).await.body, "the one");
        let none = StoreRequest::Copy { name: "copied".to_owned(), from: "not there".to_owned() };
        signed.refused(none, 404, "NoSuchKey").await;

        let upload = signed.begin(name).await;
        assert_eq!(signed.ask(abort(name, &upload)).await.status, 204);
        assert_eq!(signed.open(name).await, []);
    }
    assert_eq!(bench.run.clean_up(&bench.journal).await, Vec::<String>::new());
    nothing_is_left(&bench, &target).await;
    bench.noted();
}

/// Polls `work` so many times at the most; none where it does not end by then, and it is dropped.
async fn cut<T>(mut work: Pin<Box<impl Future<Output = T> + ?Sized>>, polls: usize) -> Option<T> {
    let mut left = polls;
    std::future::poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        work.as_mut().poll(context).map(Some)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_interrupted_runs_leave_nothing() {
    let site = seats::site(&[]).await;
    let letter = |number: usize| char::from(b'a' + u8::try_from(number % 26).unwrap());
    let (mut ended, mut interrupted) = (0, 0);
    for number in 0..100 {
        let id = format!("cut{}{}aaa", letter(number / 26), letter(number));
        let seats = seats::open(&site, &id, seats::as_it_is);
        let (journal, seats) = (Journal::new(Scrubber::default()), Arc::new(seats));
        let (_, check) = ackcheck_checks::CATALOGUE.get(["oss-multipart", "oss-copy"][number % 2]).unwrap();
        let Judge::EachStore(judge) = check.judge else { panic!("{} is not of a store", check.id) };
        let until = Instant::now() + LONG;
        let now = jiff::Timestamp::now();
        let context = Context::new(site.config.clone(), now, until, seats.clone(), journal.clone());
        let place = Subject::new(Kind::Bucket, ["lab-dss-data", "lab-dss-exchange"][number / 2 % 2]);
        let store = ackcheck_core::seat::Seats::store(seats.as_ref(), &place, journal).unwrap();
        match cut(Box::pin(judge(&context, store.as_ref())), number / 4).await {
            Some(verdict) => {
                assert!(matches!(verdict, Ok(ackcheck_core::verdict::Verdict::Pass)), "{verdict:?}");
                ended += 1;
            }
            None => interrupted += 1,
        }
        let left = ackcheck_core::seat::Seats::clean_up(seats.as_ref()).await;
        assert_eq!(left, Vec::<String>::new(), "{} after {} polls", check.id, number / 4);
    }
    assert!(ended > 0 && interrupted > 20, "{ended} ended, {interrupted} were interrupted");
    let survey = site.leftovers(None).await;
    assert_eq!((survey.found, survey.unseen), (Vec::new(), Vec::new()));
}

#[tokio::test]
async fn what_may_not_be_aborted_is_completed_and_deleted() {
    let bench = Bench::with(&[Fault::Add("/storage/key/denied", "\"oss:AbortMultipartUpload\"")]).await;
    let target = bench.targets().await.remove(0);
    let seat = bench.seat(&target.subject);
    let signed = Signed(seat.as_ref(), false);
    let with_parts = signed.begin("with parts").await;
    signed.ask(part("with parts", &with_parts, 1, "a small part")).await;
    signed.ask(part("with parts", &with_parts, 2, "a small part")).await;
    signed.begin("without").await;
    signed.refused(abort("with parts", &with_parts), 403, "AccessDenied").await;
    assert_eq!(bench.run.clean_up(&bench.journal).await, Vec::<String>::new());
    nothing_is_left(&bench, &target).await;
}

#[tokio::test]
async fn what_stays_open_is_named_with_the_right_that_is_missing() {
    let denied = "[\"oss:AbortMultipartUpload\", \"oss:DeleteObject\"]";
    let bench = Bench::with(&[Fault::Set("/storage/key/denied", denied)]).await;
    let target = bench.targets().await.remove(0);
    let seat = bench.seat(&target.subject);
    Signed(seat.as_ref(), false).begin("left").await;
    // It became an object, which cannot be deleted either.
    let left = bench.run.clean_up(&bench.journal).await;
    assert!(left.len() == 1 && left[0].contains("1-left: the right `oss:DeleteObject` is missing"), "{left:?}");

    let half = r#"{"host": "*.oss-cn-hangzhou-internal.aliyuncs.com", "how": "half"}"#;
    let bench = Bench::with(&[Fault::Add("/gateway/broken", half)]).await;
    let target = bench.targets().await.remove(0);
    assert!(bench.heard(&target, begin("unheard")).await.is_err());
    let left = bench.run.clean_up(&bench.journal).await;
    assert!(left.len() == 1 && left[0].contains("1-unheard: its upload in parts: whether it is open"), "{left:?}");
}

#[tokio::test]
async fn versions_of_uploads_and_copies_are_removed() {
    let bench = Bench::with(&[Fault::Set("/storage/bucket/versioned", "true")]).await;
    let target = bench.targets().await.remove(0);
    let seat = bench.seat(&target.subject);
    let signed = Signed(seat.as_ref(), false);
    let upload = signed.begin("v").await;
    let etag = signed.ask(part("v", &upload, 1, "x")).await.etag.unwrap();
    let mut versions = vec![signed.ask(complete("v", &upload, &[(1, &etag)])).await.version_id.unwrap()];
    let copy = StoreRequest::Copy { name: "w".to_owned(), from: "v".to_owned() };
    versions.push(signed.ask(copy).await.version_id.unwrap());
    assert_eq!(bench.run.clean_up(&bench.journal).await, Vec::<String>::new());
    let noted = bench.noted();
    assert!(versions.iter().all(|version| noted.contains(&format!("versionId={version}"))), "{noted}");
}
