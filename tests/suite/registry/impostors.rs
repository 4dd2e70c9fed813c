//! Registries that answer what none should.

use std::sync::Arc;

use ackcheck_core::seat::registry::{Conversation, RegistryAct, RegistryHost};
use ackcheck_lab::http::{Request, Response, response};
use ackcheck_lab::service::Service;

use super::stage::Stage;

type Answer = Box<dyn Fn(&str, &Request) -> Response + Send + Sync>;

/// Answers every host with what a function says, and keeps what it was shown.
struct Impostor {
    answer: Answer,
    shown: std::sync::Mutex<Vec<String>>,
}

#[async_trait::async_trait]
impl Service for Impostor {
    fn serves(&self, _: &str) -> bool {
        true
    }
    async fn answer(&self, host: &str, request: Request) -> Response {
        let shown = request.headers().get("authorization").and_then(|value| value.to_str().ok()).unwrap_or("-");
        self.shown.lock().unwrap().push(format!("{host} {shown}"));
        (self.answer)(host, &request)
    }
}

async fn login(answer: impl Fn(&str, &Request) -> Response + Send + Sync + 'static) -> (Conversation, Vec<String>) {
    converse(Box::new(answer), false).await
}

async fn converse(answer: Answer, push: bool) -> (Conversation, Vec<String>) {
    let impostor = Arc::new(Impostor { answer, shown: Default::default() });
    let stage = Stage::with(impostor.clone()).await;
    let conversation = if push { stage.push().await } else { stage.login().await };
    let shown = impostor.shown.lock().unwrap().clone();
    (conversation, shown)
}

fn challenge(challenge: &'static str) -> Response {
    let mut answer = response(401, "application/json", "{}");
    answer.headers_mut().insert("www-authenticate", challenge.parse().unwrap());
    answer
}

#[tokio::test]
async fn a_password_is_not_sent_in_clear() {
    let (login, shown) = login(|_, _| challenge("Bearer realm=\"http://r.example.com/token\"")).await;
    assert_eq!(login.stopped_at().unwrap().act, RegistryAct::Token);
    assert_eq!(shown, ["r.example.com -"]);
}

#[tokio::test]
async fn a_realm_that_redirects_is_not_followed() {
    let (login, shown) = login(|host, _| {
        if host == "r.example.com" {
            return challenge("Bearer realm=\"https://t.example.com/token\"");
        }
        let mut away = response(302, "text/plain", "");
        away.headers_mut().insert("location", "https://thief.example.com/".parse().unwrap());
        away
    })
    .await;
    assert_eq!(login.stopped_at().unwrap().act, RegistryAct::Token);
    assert_eq!(shown.len(), 2);
    assert!(!shown.iter().any(|line| line.starts_with("thief")), "{shown:?}");
}

#[tokio::test]
async fn a_password_goes_to_the_registry_itself_where_it_asks_for_it() {
    let (login, shown) = login(|_, request| match request.headers().get("authorization") {
        Some(value) if value == "Basic cm9ib3Q6Q0FOQVJZLXJvYm90" => response(200, "application/json", "{}"),
        _ => challenge("Basic realm=\"Registry\""),
    })
    .await;
    assert!(login.done && login.granted.is_none(), "{login:?}");
    assert_eq!(shown, ["r.example.com -", "r.example.com Basic cm9ib3Q6Q0FOQVJZLXJvYm90"]);
}

#[tokio::test]
async fn a_web_page_is_no_registry_and_garbage_no_token() {
    let (web, _) = login(|_, _| response(200, "text/html", "<html>Welcome</html>")).await;
    assert_eq!(web.stopped_at().unwrap().act, RegistryAct::Challenge);
    let (lost, _) = login(|_, _| response(401, "text/plain", "no challenge")).await;
    assert_eq!(lost.stopped_at().unwrap().act, RegistryAct::Challenge);
    for body in ["<html>", "{}", "{\"token\":\"\"}", "{\"token\":\"CANARY\\nb\"}", "{\"token\":7}", "[]"] {
        let (garbled, _) = login(move |host, _| match host {
            "r.example.com" => challenge("Bearer realm=\"https://t.example.com/token\""),
            _ => response(200, "application/json", body),
        })
        .await;
        let stopped = garbled.stopped_at().unwrap();
        assert_eq!(stopped.act, RegistryAct::Token, "{body}: {garbled:?}");
    }
}

#[tokio::test]
async fn an_upload_elsewhere_is_sent_without_credentials() {
    let (push, shown) = converse(
        Box::new(|host, request| match (host, request.method().as_str(), request.headers().get("authorization")) {
            ("r.example.com", "POST", Some(_)) => {
                let mut started = response(202, "text/plain", "");
                started.headers_mut().insert("location", "https://store.example.com/u/1?x=y".parse().unwrap());
                started
            }
            ("r.example.com", _, Some(_)) => response(200, "application/json", "{}"),
            ("r.example.com", ..) => challenge("Basic realm=\"Registry\""),
            _ => response(503, "text/plain", "later"),
        }),
        true,
    )
    .await;
    let stopped = push.stopped_at().unwrap();
    assert_eq!((stopped.act, stopped.host), (RegistryAct::Upload, RegistryHost::BlobStore));
    assert_eq!(shown.last().map(String::as_str), Some("store.example.com -"));
}
