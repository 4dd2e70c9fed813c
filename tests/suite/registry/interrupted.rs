//! Pushes whose case is dropped while they go on.

use std::sync::Arc;
use std::time::Duration;

use super::small::Small;
use super::stage::Stage;

/// Nothing waits for so long where all is well.
const LONG: Duration = Duration::from_secs(60);

/// Drops a push while the registry holds a request of it back; then lets it go on, and cleans up.
async fn dropped_at(small: &Arc<Small>, stage: &Stage, method: &'static str, ends: &str) -> Vec<String> {
    small.hold(method, ends);
    let seat = stage.seat();
    tokio::select! {
        pushed = seat.push() => panic!("{method} {ends} was not held back: {pushed:?}"),
        () = small.holds_one() => {}
    }
    small.release();
    stage.pushes.clean_up(LONG).await
}

#[tokio::test]
async fn a_push_dropped_between_the_two_tags_sets_the_tag_right() {
    let small = Arc::new(Small::new(|_, _| None));
    let stage = Stage::with(small.clone()).await;
    let tag = Small::tag_of(&stage);
    let list = Some(stage.image.list.digest.clone());
    assert!(stage.push().await.done);
    // The next request for the tag is the overwriting one.
    assert_eq!(dropped_at(&small, &stage, "PUT", &format!("/manifests/{tag}")).await, Vec::<String>::new());
    assert_eq!(small.named(&tag), list);
    let puts = small.count(&format!("PUT r.example.com/v2/dss/ackcheck-probe/manifests/{tag}"));
    assert_eq!(puts, 3 + 2, "three by the first push, two by the one that was dropped");
}

#[tokio::test]
async fn a_push_dropped_in_an_upload_finishes_it_and_ends_there() {
    let small = Arc::new(Small::new(|_, _| None));
    let stage = Stage::with(small.clone()).await;
    assert_eq!(dropped_at(&small, &stage, "POST", "/blobs/uploads/").await, Vec::<String>::new());
    assert_eq!((small.count("POST"), small.count("PUT")), (1, 1));
    assert_eq!((small.count("PUT r.example.com/v2/dss/ackcheck-probe/blobs/uploads/1"), small.count("DELETE")), (1, 0));
}

#[tokio::test]
async fn what_a_killed_run_left_on_the_wrong_manifest_the_next_push_sets_right() {
    let small = Arc::new(Small::new(|_, _| None));
    let stage = Stage::with(small.clone()).await;
    assert!(stage.push().await.done);
    let tag = Small::tag_of(&stage);
    let manifest = small.manifests.lock().unwrap()[&stage.image.manifest.digest].clone();
    small.manifests.lock().unwrap().insert(tag.clone(), manifest);
    assert!(stage.push().await.done);
    assert_eq!(small.named(&tag), Some(stage.image.list.digest.clone()));
}

#[tokio::test]
async fn a_push_that_does_not_end_is_told() {
    let small = Arc::new(Small::new(|_, _| None));
    let stage = Stage::with(small.clone()).await;
    small.hold("POST", "/blobs/uploads/");
    let seat = stage.seat();
    tokio::select! {
        pushed = seat.push() => panic!("not held back: {pushed:?}"),
        () = small.holds_one() => {}
    }
    let left = stage.pushes.clean_up(Duration::ZERO).await;
    assert!(left.len() == 1 && left[0].starts_with("a push of the probe's image"), "{left:?}");
}

#[tokio::test]
async fn builds_that_are_dropped_are_removed_and_no_more_are_pushed() {
    let small = Arc::new(Small::new(|_, _| None));
    let stage = Stage::with(small.clone()).await;
    let image = stage.image.builds()[0].manifests[0].digest.clone();
    small.hold("PUT", format!("/manifests/{image}"));
    let seat = stage.seat();
    tokio::select! {
        pushed = seat.push_builds() => panic!("not held back: {pushed:?}"),
        () = small.holds_one() => {}
    }
    small.release();
    assert_eq!(stage.pushes.clean_up(LONG).await, Vec::<String>::new());
    let manifests = "r.example.com/v2/dss/ackcheck-probe/manifests/";
    assert_eq!(small.count(&format!("PUT {manifests}")), 1);
    assert_eq!(small.count(&format!("DELETE {manifests}{image}")), 1);
}
