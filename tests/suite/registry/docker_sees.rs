//! What registries of many kinds ask and answer, met as Docker meets it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ackcheck_core::seat::registry::{Conversation, RegistryAct};
use ackcheck_lab::http::{Request, Response, response};

use super::small::Small;
use super::stage::Stage;

const BASIC: &str = "Basic cm9ib3Q6Q0FOQVJZLXJvYm90";

fn refused(headers: &[&str]) -> Option<Response> {
    let mut answer = response(401, "application/json", "{}");
    for header in headers {
        answer.headers_mut().append("www-authenticate", header.parse().unwrap());
    }
    Some(answer)
}

fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Option<Response> {
    let mut answer = response(status, "application/json", body.to_owned());
    for (name, value) in headers {
        answer.headers_mut().insert(*name, value.parse().unwrap());
    }
    Some(answer)
}

fn shown(request: &Request) -> &str {
    request.headers().get("authorization").map_or("", |value| value.to_str().unwrap())
}

fn is(request: &Request, method: &str, ends: &str) -> bool {
    request.method() == method && request.uri().path().ends_with(ends)
}

type Own = Box<dyn Fn(&str, &Request) -> Option<Response> + Send + Sync>;

/// Pushes to a registry that answers some requests so.
async fn push(own: Own) -> (Arc<Small>, Stage, Conversation) {
    let small = Arc::new(Small::new(own));
    let stage = Stage::with(small.clone()).await;
    let push = stage.push().await;
    (small, stage, push)
}

fn acts(conversation: &Conversation) -> Vec<RegistryAct> {
    conversation.steps.iter().map(|step| step.act).collect()
}

#[tokio::test]
async fn of_two_challenges_the_token_is_taken_in_either_order() {
    let bearer = r#"Bearer realm="https://t.example.com/token",service="r""#;
    for order in [["Basic realm=\"r\"", bearer], [bearer, "Basic realm=\"r\""]] {
        let (small, _stage, push) = push(Box::new(move |host, request| match (host, shown(request)) {
            ("t.example.com", BASIC) => answer(200, &[], r#"{"access_token":"CANARY-token"}"#),
            ("r.example.com", "Bearer CANARY-token") => None,
            _ => refused(&order),
        }))
        .await;
        assert!(push.done && push.asked_late().is_none(), "{push:?}");
        assert_eq!(small.count("GET t.example.com/token"), 1);
    }
}

#[tokio::test]
async fn a_registry_with_an_open_door_gets_the_password_where_it_asks_for_it() {
    let (_small, _stage, push) = push(Box::new(|_, request| match (request.uri().path(), shown(request)) {
        ("/v2/", "") | (_, BASIC) => None,
        _ => refused(&["Basic realm=\"r\""]),
    }))
    .await;
    assert!(push.done, "{push:?}");
    assert_eq!(push.asked_late().map(|step| step.act), Some(RegistryAct::StartUpload));
    assert_eq!(acts(&push)[..3], [RegistryAct::Challenge, RegistryAct::StartUpload, RegistryAct::StartUpload]);
}

#[tokio::test]
async fn a_token_that_expires_half_way_is_fetched_again_with_the_scope_that_is_asked_for() {
    let (asked, tokens) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let scopes = Arc::new(std::sync::Mutex::new(Vec::new()));
    let (counted, given, heard) = (asked.clone(), tokens.clone(), scopes.clone());
    let (_small, _stage, push) = push(Box::new(move |host, request| {
        if host == "t.example.com" {
            let number = given.fetch_add(1, Ordering::SeqCst) + 1;
            heard.lock().unwrap().push(request.uri().query().unwrap().to_owned());
            return answer(200, &[], &format!(r#"{{"token":"CANARY-{number}","expires_in":1}}"#));
        }
        let scope = r#"scope="repository:dss/ackcheck-probe:pull,push,delete",error="insufficient_scope""#;
        let challenge = format!(r#"Bearer realm="https://t.example.com/token",service="r",{scope}"#);
        let number = counted.fetch_add(1, Ordering::SeqCst);
        match shown(request) {
            "Bearer CANARY-1" if number < 6 => None,
            "Bearer CANARY-2" => None,
            _ => refused(&[&challenge]),
        }
    }))
    .await;
    assert!(push.done, "{push:?}");
    assert_eq!(tokens.load(Ordering::SeqCst), 2);
    let scopes = scopes.lock().unwrap();
    let pushes = "scope=repository%3Adss%2Fackcheck-probe%3Apull%2Cpush";
    assert!(scopes.iter().all(|query| query.contains(&format!("{pushes}%2Cdelete"))), "{scopes:?}");
    assert!(scopes.iter().all(|query| query.ends_with(pushes) || query.contains(&format!("{pushes}&"))), "{scopes:?}");
}

#[tokio::test]
async fn a_registry_that_never_takes_the_token_is_asked_twice_and_no_more() {
    let (small, _stage, push) = push(Box::new(|host, request| match (host, request.uri().path()) {
        ("t.example.com", _) => answer(200, &[], r#"{"token":"CANARY-t"}"#),
        (_, "/v2/") if shown(request).starts_with("Bearer") => None,
        _ => refused(&[r#"Bearer realm="https://t.example.com/token",error="insufficient_scope""#]),
    }))
    .await;
    assert_eq!(push.stopped_at().map(|step| step.act), Some(RegistryAct::StartUpload));
    assert_eq!(small.count("POST r.example.com"), 2);
}

#[tokio::test]
async fn what_is_put_off_is_asked_again_and_is_no_tag_that_cannot_be_overwritten() {
    for (status, headers) in [(429, [("retry-after", "0")]), (503, [("retry-after", "0")])] {
        let turned_away = Arc::new(AtomicUsize::new(0));
        let count = turned_away.clone();
        let (_small, _stage, push) = push(Box::new(move |_, request| {
            let write = matches!(request.method().as_str(), "POST" | "PUT");
            (write && count.fetch_add(1, Ordering::SeqCst).is_multiple_of(2))
                .then(|| answer(status, &headers, ""))
                .flatten()
        }))
        .await;
        assert!(push.done && turned_away.load(Ordering::SeqCst) > 10, "{status}: {push:?}");
    }
    // The tag is there, and the next push of it is put off for longer than anyone waits.
    let small = Arc::new(Small::new(|_, request| {
        let tag = is(request, "PUT", "") && request.uri().path().contains("/manifests/ackcheck-");
        let list = request.headers().get("content-type").is_some_and(|kind| kind.to_str().unwrap().contains("list"));
        (tag && !list).then(|| answer(429, &[("retry-after", "3600")], "{}")).flatten()
    }));
    let stage = Stage::with(small.clone()).await;
    let push = stage.push().await;
    let stopped = push.stopped_at().unwrap();
    assert!(stopped.act == RegistryAct::Overwrite && stopped.throttled(), "{stopped:?}");
}

#[tokio::test]
async fn after_an_error_of_the_registrys_own_it_is_asked_again_what_changes_nothing() {
    for (method, path, times, done) in [("GET", "/manifests/sha256:", 3, true), ("PUT", "/manifests/", 1, false)] {
        let failed = Arc::new(AtomicUsize::new(0));
        let count = failed.clone();
        let (_small, _stage, push) = push(Box::new(move |_, request| {
            let meant = request.method() == method && request.uri().path().contains(path);
            let first = meant && count.fetch_add(1, Ordering::SeqCst) < 2;
            first.then(|| answer(500, &[], "{}")).flatten()
        }))
        .await;
        assert_eq!((push.done, failed.load(Ordering::SeqCst)), (done, times), "{method}: {push:?}");
    }
}

#[tokio::test]
async fn a_registry_without_lists_gets_the_manifest_of_the_platform_alone() {
    for status in [400, 404, 415] {
        let (small, stage, push) = push(Box::new(move |_, request| {
            let kind = request.headers().get("content-type").map_or("", |kind| kind.to_str().unwrap());
            let body = r#"{"errors":[{"code":"MANIFEST_INVALID","message":"manifest invalid"}]}"#;
            (request.method() == "PUT" && kind.contains("list")).then(|| answer(status, &[], body)).flatten()
        }))
        .await;
        assert!(push.done, "{status}: {push:?}");
        assert_eq!(small.named(&Small::tag_of(&stage)), Some(stage.image.manifest.digest.clone()));
        assert!(push.steps.iter().any(|step| step.act == RegistryAct::Overwrite));
        assert!(stage.push().await.done, "a second push finds what the first one left");
    }
}

#[tokio::test]
async fn port_443_is_the_same_host() {
    for (url, location) in [
        ("r.example.com:443/dss", "https://r.example.com/v2/dss/ackcheck-probe/blobs/uploads/1"),
        ("r.example.com/dss", "https://r.example.com:443/v2/dss/ackcheck-probe/blobs/uploads/1"),
    ] {
        let small = Arc::new(Small::new(move |_, request| match shown(request) {
            BASIC if request.method() == "POST" => answer(202, &[("location", location)], ""),
            BASIC => None,
            _ => refused(&["Basic realm=\"r\""]),
        }));
        let stage = Stage::at(url, small).await;
        let push = stage.push().await;
        assert!(push.done, "{url}: {push:?}");
        assert!(push.steps.iter().all(|step| step.host_name() == "r.example.com"), "{push:?}");
    }
}

#[tokio::test]
async fn an_upload_is_followed_to_another_host_without_the_password() {
    let (small, _stage, push) = push(Box::new(|host, request| match (host, shown(request)) {
        ("store.example.com", "") => None,
        ("store.example.com", _) => panic!("the password was shown"),
        (_, BASIC) if is(request, "POST", "/uploads/") => {
            let path = request.uri().path();
            answer(307, &[("location", &format!("https://store.example.com{path}"))], "")
        }
        (_, BASIC) => None,
        _ => refused(&["Basic realm=\"r\""]),
    }))
    .await;
    assert!(push.done, "{push:?}");
    assert_eq!(small.count("PUT store.example.com/v2/dss/ackcheck-probe/blobs/uploads/1"), 2);
}

#[tokio::test]
async fn a_door_that_leads_elsewhere_is_not_gone_through() {
    for (location, requests) in [("https://other.example.com/v2/", 1), ("http://r.example.com/v2/", 1), ("/v2/", 6)] {
        let (small, _stage, push) = push(Box::new(move |host, _| {
            assert_eq!(host, "r.example.com");
            answer(302, &[("location", location)], "")
        }))
        .await;
        let stopped = push.stopped_at().unwrap();
        assert_eq!((stopped.act, stopped.said()), (RegistryAct::Challenge, format!("302 to {location}")));
        assert_eq!(small.count("GET"), requests, "{location}");
    }
}

#[tokio::test]
async fn what_docker_takes_for_success_is_taken() {
    for status in [200, 202, 204] {
        let (_small, _stage, push) = push(Box::new(move |_, request| {
            let path = request.uri().path();
            match request.method().as_str() {
                "POST" => answer(status, &[("location", &format!("{path}1"))], ""),
                "PUT" if path.contains("/uploads/") => answer(status, &[], ""),
                _ => None,
            }
        }))
        .await;
        assert!(push.done, "{status}: {push:?}");
    }
}

#[tokio::test]
async fn the_digest_of_a_tag_need_not_be_told() {
    let small = Arc::new(Small::new(|_, request| {
        (request.method() == "HEAD" && request.uri().path().contains("/manifests/"))
            .then(|| answer(200, &[], ""))
            .flatten()
    }));
    let stage = Stage::with(small.clone()).await;
    for _ in 0..2 {
        assert!(stage.push().await.done);
        assert_eq!(small.named(&Small::tag_of(&stage)), Some(stage.image.list.digest.clone()));
    }
}

#[tokio::test]
async fn json_of_another_service_is_no_registrys_answer() {
    for (body, header, done) in [
        ("{}", false, true),
        ("", false, true),
        (" { }\n", false, true),
        ("true", true, true),
        ("true", false, false),
        (r#"{"status":"ok"}"#, false, false),
        ("[]", false, false),
        ("<html></html>", false, false),
    ] {
        let small = Arc::new(Small::new(move |_, _| {
            let version = [("docker-distribution-api-version", "registry/2.0")];
            answer(200, if header { &version } else { &[] }, body)
        }));
        let stage = Stage::with(small).await;
        assert_eq!(stage.login().await.done, done, "{body}");
    }
}
