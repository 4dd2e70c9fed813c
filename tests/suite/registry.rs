//! The shipping registry client against the lab's registry: what it does, whom it shows its credentials, what it says.

use std::sync::Arc;

use ackcheck::site::Site;
use ackcheck_core::evidence::Journal;
use ackcheck_core::fault::Fault;
use ackcheck_core::seat::registry::{Conversation, RegistryAct, RegistryHost};
use ackcheck_core::seat::{self, NoReply};
use ackcheck_core::secret::Scrubber;
use ackcheck_live::image::ProbeImage;
use ackcheck_live::probe::layer::Layer;
use ackcheck_live::registry::Registry;
use ackcheck_live::wire::Wire;

use crate::support::canary::secret_free;
use crate::support::lab::install_tls_provider;
use crate::support::seats;

/// A lab with the seat on its registry.
struct Bench {
    _site: Site,
    wire: Wire,
    journal: Journal,
}

impl Bench {
    async fn with(faults: &[Fault]) -> Bench {
        let site = seats::site(faults).await;
        let wire = Wire::new(site.config.clone()).unwrap();
        Bench { _site: site, wire, journal: Journal::new(Scrubber::default()) }
    }

    fn seat(&self) -> Box<dyn seat::Registry> {
        let image = ProbeImage::of(Layer::of(b"\x7fELF a probe").unwrap());
        Registry::open(&self.wire, Some(Arc::new(image)), self.journal.clone()).unwrap()
    }

    /// A conversation holds no secret, and neither does what was noted of it.
    fn secret_free(&self, conversation: &Conversation) {
        let noted = format!("{:?} {conversation:?}", self.journal.take());
        secret_free("a conversation", &noted).unwrap();
        for secret in ["eyJ", "Bearer e"] {
            assert!(!noted.contains(secret), "{secret} in {noted}");
        }
    }

    async fn push(&self) -> Conversation {
        let conversation = self.seat().push().await.unwrap();
        self.secret_free(&conversation);
        conversation
    }

    async fn login(&self) -> Conversation {
        let conversation = self.seat().login().await.unwrap();
        self.secret_free(&conversation);
        conversation
    }
}

fn acts(conversation: &Conversation) -> Vec<RegistryAct> {
    conversation.steps.iter().map(|step| step.act).collect()
}

const TOKENS: &str = "dockerauth-ee-vpc.cn-hangzhou.aliyuncs.com";

#[tokio::test]
async fn logs_in_by_challenge_token_and_entry() {
    let login = Bench::with(&[]).await.login().await;
    assert!(login.done, "{login:?}");
    assert_eq!(acts(&login), [RegistryAct::Challenge, RegistryAct::Token, RegistryAct::Enter]);
    assert_eq!((login.steps[1].host, login.steps[1].host_name()), (RegistryHost::TokenService, TOKENS));
}

#[tokio::test]
async fn pushes_what_is_missing_and_writes_something_every_time() {
    let bench = Bench::with(&[]).await;
    let first = bench.push().await;
    assert!(first.done, "{first:?}");
    assert_eq!(first.granted.as_deref(), Some(&["pull".to_owned(), "push".to_owned()][..]));
    let uploads = |push: &Conversation| push.steps.iter().filter(|step| step.act == RegistryAct::Upload).count();
    assert_eq!(uploads(&first), 2);
    let again = bench.push().await;
    assert!(again.done, "{again:?}");
    assert_eq!(uploads(&again), 1);
    assert!(
        bench.seat().image().unwrap().starts_with("lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com/dss/ackcheck-probe:")
    );
}

#[tokio::test]
async fn says_where_and_why_it_was_stopped() {
    let refused =
        Fault::Add("/gateway/broken", r#"{"host":"dockerauth-ee-vpc.cn-hangzhou.aliyuncs.com","how":"refused"}"#);
    let login = Bench::with(&[refused]).await.login().await;
    let stopped = login.stopped_at().unwrap();
    assert_eq!((stopped.act, stopped.host), (RegistryAct::Token, RegistryHost::TokenService));
    assert!(matches!(stopped.heard, Err(NoReply::Refused { .. })), "{stopped:?}");

    let login = Bench::with(&[Fault::Set("/registry/password", "\"changed\"")]).await.login().await;
    let stopped = login.stopped_at().unwrap();
    assert!(stopped.act == RegistryAct::Token && stopped.refused(), "{stopped:?}");
    assert_eq!(stopped.said(), "401 UNAUTHORIZED: authentication required");

    let denied = Fault::Add("/registry/denied", r#"{"repository":"dss/*","action":"push"}"#);
    let push = Bench::with(&[denied]).await.push().await;
    assert_eq!(push.stopped_at().unwrap().act, RegistryAct::StartUpload);
    assert_eq!(push.granted.as_deref(), Some(&["pull".to_owned()][..]));

    let push = Bench::with(&[Fault::Remove("/registry/namespaces/dss")]).await.push().await;
    assert_eq!(push.stopped_at().unwrap().said(), "403 DENIED: requested access to the resource is denied");
    assert_eq!(push.repository_is_there(), Some(false));

    let immutable = Fault::Set("/registry/namespaces/dss/tag_immutable", "true");
    let push = Bench::with(&[immutable]).await.push().await;
    assert_eq!(push.stopped_at().unwrap().act, RegistryAct::Overwrite);
}

mod impostors {
    //! Registries that answer what none should.

    use std::net::SocketAddr;

    use super::*;
    use ackcheck_core::config::{Config, NetworkConfig, RegistryConfig};
    use ackcheck_lab::dns::{self, records::Records};
    use ackcheck_lab::gateway::{Gateway, malfunction::Malfunctions};
    use ackcheck_lab::http::{Request, Response, response};
    use ackcheck_lab::service::Service;

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
        install_tls_provider();
        let folder = tempfile::tempdir().unwrap();
        let authority = Arc::new(ackcheck_lab::authority::Authority::new("impostors").unwrap());
        let ca_file = folder.path().join("ca.pem");
        std::fs::write(&ca_file, authority.pem()).unwrap();
        let impostor = Arc::new(Impostor { answer, shown: Default::default() });
        let stop = tokio_util::sync::CancellationToken::new();
        let _guard = stop.clone().drop_guard();
        let mut world = ackcheck_lab::world::World::healthy().unwrap();
        world.apply(&Fault::Set("/dns/records/*.example.com", "[\"10.9.9.9\"]")).unwrap();
        let records = Arc::new(Records::of(&world).unwrap());
        let dns = dns::serve(records, stop.clone()).await.unwrap();
        let gateway = Gateway::bind().await.unwrap();
        let address: SocketAddr = gateway.address();
        gateway.serve(vec![impostor.clone()], Malfunctions::of(&world).unwrap(), authority, stop).unwrap();
        let config = Config {
            registry: Some(RegistryConfig {
                url: "r.example.com/dss".into(),
                region: None,
                username: Some("robot".into()),
                password: Some(Scrubber::default().secret("CANARY-robot")),
            }),
            network: NetworkConfig {
                ca_file: Some(ca_file),
                dns_servers: vec![dns],
                connect: vec![("*".into(), address)],
                ..Default::default()
            },
            ..Config::default()
        };
        let wire = Wire::new(Arc::new(config)).unwrap();
        let bench = Journal::new(Scrubber::default());
        let image = Arc::new(ProbeImage::of(Layer::of(b"\x7fELF").unwrap()));
        let seat = Registry::open(&wire, Some(image), bench.clone()).unwrap();
        let conversation = if push { seat.push().await } else { seat.login().await }.unwrap();
        let noted = format!("{:?} {conversation:?}", bench.take());
        secret_free("a conversation", &noted).unwrap();
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
}
