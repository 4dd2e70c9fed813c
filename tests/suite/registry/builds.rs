//! What current builders push, against registries that take it, take some of it, or lose it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ackcheck_core::seat::registry::{BuildPart, BuildPush};
use ackcheck_lab::http::{Request, Response, response};

use super::small::Small;
use super::stage::Stage;

/// The parts that were tried, with how each ended.
fn ended(pushes: &[BuildPush]) -> Vec<(BuildPart, bool)> {
    pushes.iter().map(|push| (push.part, push.conversation.done)).collect()
}

/// Pushes to a registry that answers some requests so.
async fn push(
    own: impl Fn(&str, &Request) -> Option<Response> + Send + Sync + 'static,
) -> (Arc<Small>, Vec<BuildPush>) {
    let small = Arc::new(Small::new(own));
    let stage = Stage::with(small.clone()).await;
    let pushes = stage.seat().push_builds().await.unwrap();
    (small, pushes)
}

fn holds(request: &Request, text: &str) -> bool {
    request.method() == "PUT"
        && request.uri().path().contains("/manifests/")
        && String::from_utf8_lossy(request.body()).contains(text)
}

#[tokio::test]
async fn each_part_goes_by_its_digest_and_goes_away_again() {
    let (small, pushes) = push(|_, _| None).await;
    let all = [
        (BuildPart::OciImage, true),
        (BuildPart::Attestation, true),
        (BuildPart::AttestationArtifact, true),
        (BuildPart::ZstdLayer, true),
        (BuildPart::LargeLayer, true),
    ];
    assert_eq!(ended(&pushes), all);
    let manifests = "r.example.com/v2/dss/ackcheck-probe/manifests/";
    let (put, removed) = (small.count(&format!("PUT {manifests}sha256:")), small.count(&format!("DELETE {manifests}")));
    assert_eq!((put, removed, small.count(&format!("PUT {manifests}"))), (6, 6, 6), "none has a tag");
    // The large layer's body is sent, and nothing of it stays.
    assert_eq!(small.count("PATCH r.example.com/v2/dss/ackcheck-probe/blobs/uploads/1"), 1);
    assert_eq!(small.count("DELETE r.example.com/v2/dss/ackcheck-probe/blobs/uploads/1"), 1);
}

#[tokio::test]
async fn what_rests_on_a_part_that_was_refused_is_left_out() {
    let (_, pushes) = push(|_, request| {
        holds(request, "application/vnd.oci.image.config").then(|| response(400, "application/json", "{}"))
    })
    .await;
    assert_eq!(
        ended(&pushes),
        [(BuildPart::OciImage, false), (BuildPart::ZstdLayer, false), (BuildPart::LargeLayer, true)]
    );
    let (_, pushes) =
        push(|_, request| holds(request, "vnd.oci.empty").then(|| response(403, "application/json", "{}"))).await;
    let refused: Vec<BuildPart> = ended(&pushes).into_iter().filter(|(_, done)| !done).map(|(part, _)| part).collect();
    assert_eq!(refused, [BuildPart::AttestationArtifact]);
}

#[tokio::test]
async fn what_another_run_removes_meanwhile_is_pushed_again() {
    let lost = Arc::new(AtomicUsize::new(0));
    let count = lost.clone();
    let (_, pushes) = push(move |_, request| {
        let first = holds(request, "attestation-manifest") && count.fetch_add(1, Ordering::SeqCst) == 0;
        let body = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#;
        first.then(|| response(404, "application/json", body))
    })
    .await;
    assert!(pushes.iter().all(|push| push.conversation.done), "{pushes:?}");
    // One that never takes it is asked so often and no more.
    let (small, pushes) = push(|_, request| {
        let body = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#;
        holds(request, "attestation-manifest").then(|| response(404, "application/json", body))
    })
    .await;
    assert_eq!(pushes.iter().filter(|push| !push.conversation.done).count(), 2);
    assert!(small.count("PUT r.example.com/v2/dss/ackcheck-probe/manifests/") < 30);
}

#[tokio::test]
async fn a_registry_that_lets_nobody_delete_is_asked_once() {
    let (small, pushes) =
        push(|_, request| (request.method() == "DELETE").then(|| response(405, "application/json", "{}"))).await;
    assert!(pushes.iter().all(|push| push.conversation.done));
    assert_eq!(small.count("DELETE r.example.com/v2/dss/ackcheck-probe/manifests/"), 1);
}

#[tokio::test]
async fn a_large_layer_is_sent_whole_and_in_one_request() {
    let (_, pushes) = push(|_, request| {
        if request.method() != "PATCH" {
            return None;
        }
        let length = request.headers().get("content-length").map(|length| length.to_str().unwrap().to_owned());
        assert_eq!((request.body().len(), length.as_deref()), (3 << 20, Some("3145728")));
        Some(response(413, "text/html", "<html>"))
    })
    .await;
    assert_eq!(ended(&pushes).last(), Some(&(BuildPart::LargeLayer, false)));
}
