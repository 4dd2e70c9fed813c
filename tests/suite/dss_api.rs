//! The dss seat by the REST API: what an instance may answer, and that files and API tell the same.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ackcheck_core::config::{Config, DssConfig, Limits, SecretSource};
use ackcheck_core::evidence::Journal;
use ackcheck_core::right::{DssRight, Right};
use ackcheck_core::seat::dss::{HadoopConnection, VersionFile};
use ackcheck_core::seat::{Dss, Seen};
use ackcheck_core::secret::Scrubber;
use ackcheck_core::verdict::{Broken, Unseen};
use ackcheck_lab::tree::RELEASES;
use ackcheck_lab::{Lab, LabOptions};
use ackcheck_live::dss::{self, Source};
use ackcheck_live::wire::Wire;
use url::Url;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::canary::secret_free;
use crate::support::lab::install_tls_provider;
use crate::support::seats;

const KEY: &str = "CANARYapiKey0123456789";

fn source(config: Config) -> Source {
    install_tls_provider();
    Source::new(&Wire::new(Arc::new(config)).unwrap())
}

fn asked(url: &str) -> (Box<dyn Dss>, Journal) {
    let dss = DssConfig {
        url: Some(Url::parse(url).unwrap()),
        api_key: Some(Scrubber::default().secret(KEY)),
        ..DssConfig::default()
    };
    let limits = Limits { request: Duration::from_millis(700), ..Limits::default() };
    let journal = Journal::new(Scrubber::default());
    let seat = dss::open(&source(Config { dss: Some(dss), limits, ..Config::default() }), journal.clone()).unwrap();
    (seat, journal)
}

async fn answering(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("GET")).respond_with(answer).mount(&server).await;
    server
}

async fn connections(answer: ResponseTemplate) -> Seen<Vec<HadoopConnection>> {
    let server = answering(answer).await;
    asked(&server.uri()).0.connections().await
}

/// No answer to a question of this seat can be read, for this reason.
#[track_caller]
fn unreadable<T: std::fmt::Debug>(seen: Seen<T>, why: &str) {
    seats::unreadable(seen, "GET ", why);
}

#[tokio::test]
async fn answers_that_are_none_are_named() {
    let page = "<html><head><title>502 Bad Gateway</title></head></html>";
    let html = |status| ResponseTemplate::new(status).set_body_raw(page, "text/html");
    unreadable(connections(html(502)).await, "502, 56 bytes text/html, starting with <html><head><title>502");
    unreadable(connections(html(200)).await, "no JSON");
    let half =
        ResponseTemplate::new(200).set_body_raw("{\"connections\": {\"oss\": {\"type\": \"HD", "application/json");
    unreadable(connections(half).await, "not whole JSON at line 1, column 36");
    unreadable(connections(ResponseTemplate::new(200)).await, "no JSON");
    unreadable(connections(ResponseTemplate::new(404)).await, "404");
    let told =
        ResponseTemplate::new(500).set_body_json(serde_json::json!({"errorType": "x", "message": "out of memory"}));
    unreadable(connections(told).await, "500 out of memory");
    let other = ResponseTemplate::new(200).set_body_json(serde_json::json!([1, 2]));
    unreadable(connections(other).await, "/connections is no object");
}

#[tokio::test]
async fn a_redirect_in_a_circle_and_a_slow_answer_end() {
    let circle = ResponseTemplate::new(302).insert_header("location", "/dip/publicapi/admin/connections/");
    unreadable(connections(circle).await, "302 redirects to /dip/publicapi/admin/connections/");
    let began = Instant::now();
    let slow = ResponseTemplate::new(200).set_body_string("{}").set_delay(Duration::from_secs(600));
    unreadable(connections(slow).await, "no whole answer within");
    assert!(began.elapsed() < Duration::from_secs(120), "{:?}", began.elapsed());
    // Nobody listens on the port of a server that has gone.
    let gone = MockServer::start().await.uri();
    unreadable(asked(&gone).0.connections().await, "");
}

#[tokio::test]
async fn a_refusal_names_the_right() {
    for (status, expected) in [(401, DssRight::AnyKey), (403, DssRight::Admin)] {
        let message = "Action forbidden, you are not admin";
        let refusal = ResponseTemplate::new(status).set_body_json(serde_json::json!({ "message": message }));
        match connections(refusal).await {
            Err(Unseen::Broken(Broken::Denied { rights, said })) => {
                assert_eq!(rights, [Right::Dss(expected)]);
                assert!(said.contains(message), "{said}");
            }
            other => panic!("{status}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn the_key_goes_as_the_user_and_no_secret_is_noted() {
    let server = MockServer::start().await;
    let basic = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("{KEY}:"));
    let connection = serde_json::json!({ "type": "HDFS", "credentialsMode": "GLOBAL", "params": {
        "root": "oss://bucket/path",
        "extraConf": [{ "name": "fs.oss.accessKeySecret", "value": "CANARYclearSecret99", "secret": true }],
    }});
    Mock::given(method("GET"))
        .and(path("/dip/publicapi/admin/connections/"))
        .and(header("authorization", format!("Basic {basic}").as_str()))
        .respond_with(ResponseTemplate::new(200).set_body_json(serde_json::json!({ "oss": connection })))
        .expect(1)
        .mount(&server)
        .await;
    let (seat, journal) = asked(&server.uri());
    let seen = seat.connections().await.unwrap();
    // Asked again, it is not asked again of DSS.
    assert_eq!(seat.connections().await.unwrap(), seen);
    assert_eq!(seen[0].name, "oss");
    let noted = format!("{:?} {seen:?}", journal.take());
    assert!(noted.contains("GET ") && !noted.contains(&basic), "{noted}");
    secret_free("the journal", &noted).unwrap();
    assert!(!journal.scrubber().scrub("CANARYclearSecret99").contains("CANARY"), "the secret was not learnt");
}

#[tokio::test]
async fn an_old_release_tells_its_version_without_instance_info() {
    let server = MockServer::start().await;
    Mock::given(path("/dip/api/get-configuration"))
        .respond_with(
            ResponseTemplate::new(200).set_body_json(serde_json::json!({"version": {"product_version": "9.0.5"}})),
        )
        .mount(&server)
        .await;
    match asked(&server.uri()).0.versions().await.unwrap().data {
        VersionFile::Version(version) => assert_eq!(version.parts, [9, 0, 5]),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_only_files_tell_is_not_described_by_the_api() {
    let (seat, _) = asked("http://127.0.0.1:1");
    for seen in [seat.ext_host().await.err(), seat.hadoop_jars().await.err(), seat.hadoop_integration().await.err()] {
        assert!(matches!(&seen, Some(Unseen::NotDescribed(why)) if why.contains("data_dir")), "{seen:?}");
    }
}

#[derive(Default)]
struct Files(Scrubber);
impl SecretSource for Files {
    fn scrubber(&self) -> &Scrubber {
        &self.0
    }
    fn environment(&self, name: &str) -> Result<String, String> {
        Err(format!("{name} is not set"))
    }
    fn file(&self, path: &Path) -> Result<String, String> {
        std::fs::read_to_string(path).map_err(|error| error.to_string())
    }
}

#[tokio::test]
async fn files_and_api_of_every_release_tell_the_same() {
    install_tls_provider();
    for release in RELEASES {
        let lab =
            Lab::start(&LabOptions { dss_release: Some(release.to_owned()), ..LabOptions::default() }).await.unwrap();
        let text = std::fs::read_to_string(lab.site_file()).unwrap();
        let config = ackcheck_core::config::parse(lab.site_file(), &text, &Files::default()).unwrap();
        let described = config.dss.clone().unwrap();
        let key = std::fs::read_to_string(lab.site_file().parent().unwrap().join("secrets/dss-api-key")).unwrap();
        let door = lab.reach().iter().find(|reach| reach.service == "DSS").unwrap();
        let address =
            door.how.strip_prefix("curl ").unwrap().strip_suffix("/dip/api/get-configuration").unwrap().to_owned();
        let by_files = DssConfig { url: None, api_key: None, ..described };
        let by_api = DssConfig {
            url: Some(Url::parse(&address).unwrap()),
            api_key: Some(Scrubber::default().secret(key.trim())),
            ..DssConfig::default()
        };
        let open = |dss: DssConfig| {
            source(Config { dss: Some(dss), ..Config::default() }).open(Journal::new(Scrubber::default())).unwrap()
        };
        let (files, api) = (open(by_files), open(by_api));
        assert_eq!(files.hadoop_keys().await.unwrap(), api.hadoop_keys().await.unwrap(), "{release}");
        assert_eq!(files.connections().await.unwrap(), api.connections().await.unwrap(), "{release}");
        assert!(!files.connections().await.unwrap().is_empty() && !files.hadoop_keys().await.unwrap().is_empty());
        assert_eq!(files.versions().await.unwrap().data, api.versions().await.unwrap().data, "{release}");
        let (by_files, by_api) = (files.configurations().await.unwrap().list, api.configurations().await.unwrap().list);
        assert_eq!(by_files, by_api, "{release}");
        // Both shapes of containerSettings, DSS 15's included.
        assert_eq!(by_files.len(), 3, "{release}: {by_files:?}");
        for one in &by_files {
            assert_eq!((one.repositories.len(), one.namespace.as_deref()), (1, Some("dss")), "{release}: {one:?}");
        }
        let (files, api) = (files.identity().await.unwrap(), api.identity().await.unwrap());
        assert_eq!((files.base_port, files.backend_port), (Some(11200), Some(11201)));
        assert!(files.version.is_some() && files.version == api.version, "{release}: {:?}", api.version);
    }
}
