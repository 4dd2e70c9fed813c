//! Looking for images that others pushed: there, not there, and not to be seen.

use ackcheck_core::seat::registry::ImageLook;

use super::*;

const EXEC: &str = "dss/dku-exec-base-labinstallid0123456789ab";

async fn look(faults: &[Fault], repository: &str, reference: &str) -> ImageLook {
    let bench = Bench::with(faults).await;
    let look = bench.seat().look_for(repository, reference).await.unwrap();
    secret_free("a look", &format!("{look:?} {:?}", bench.journal.take())).unwrap();
    look
}

fn platforms(look: &ImageLook) -> Vec<String> {
    match look {
        ImageLook::There(platforms) => platforms.iter().map(ToString::to_string).collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_image_says_its_platform_in_its_configuration_and_a_list_says_each() {
    let one = look(&[], EXEC, "dss-14.2.0").await;
    assert_eq!(platforms(&one), ["linux/amd64"]);
    let both = Fault::Set("/registry/base_images/exec/architectures", "[\"amd64\", \"arm64\"]");
    assert_eq!(platforms(&look(&[both], EXEC, "dss-14.2.0").await), ["linux/amd64", "linux/arm64"]);
    let unredirected = Fault::Set("/registry/redirect_blobs", "false");
    assert_eq!(platforms(&look(&[unredirected], EXEC, "dss-14.2.0").await), ["linux/amd64"]);
}

#[tokio::test]
async fn what_is_not_there_comes_with_the_tags_that_are() {
    match look(&[], EXEC, "dss-9.0.5").await {
        ImageLook::Absent { tags } => assert_eq!(tags, ["dss-14.2.0"]),
        other => panic!("{other:?}"),
    }
    match look(&[], "dss/never-pushed", "dss-14.2.0").await {
        ImageLook::Absent { tags } => assert!(tags.is_empty()),
        other => panic!("{other:?}"),
    }
}

/// Nothing is missing where the registry did not say so.
#[tokio::test]
async fn a_refusal_a_proxys_page_and_garbage_are_not_an_absence() {
    let denied = Fault::Add("/registry/denied", r#"{"repository":"dss/dku-*","action":"pull"}"#);
    let page = Fault::Add(
        "/registry/answers",
        r#"{"method":"GET","path":"/v2/*/manifests/*","status":404,"headers":{"content-type":"text/html"},"body":"<html>Not found</html>"}"#,
    );
    let garbage = Fault::Add(
        "/registry/answers",
        r#"{"method":"GET","path":"/v2/*/manifests/*","status":200,"body":"<html>Sign in</html>"}"#,
    );
    let broken = Fault::Add("/registry/answers", r#"{"method":"GET","path":"/v2/*/manifests/*","status":503}"#);
    let no_config = Fault::Add("/registry/answers", r#"{"method":"GET","path":"/v2/*/blobs/*","status":404}"#);
    for (fault, status) in [(denied, 401), (page, 404), (garbage, 200), (broken, 503), (no_config, 404)] {
        match look(&[fault], EXEC, "dss-14.2.0").await {
            ImageLook::Stopped(step) => assert_eq!(step.heard.as_ref().unwrap().status, status, "{step:?}"),
            other => panic!("{fault:?}: {other:?}"),
        }
    }
}
