//! The shipping HTTP client against the lab's gateway: every way a host can misbehave is told apart.

use std::path::Path;
use std::sync::Arc;

use ackcheck_core::config::{Config, SecretSource};
use ackcheck_core::evidence::{Journal, Scrubber};
use ackcheck_core::fault::Fault;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::{Heard, HttpReply, NameAnswer, NoReply};
use ackcheck_lab::{Lab, LabOptions};
use ackcheck_live::wire::Wire;

struct Files;
impl SecretSource for Files {
    fn environment(&self, name: &str) -> Result<String, String> {
        Err(format!("{name} is not set"))
    }
    fn file(&self, path: &Path) -> Result<String, String> {
        std::fs::read_to_string(path).map_err(|error| error.to_string())
    }
}

async fn lab(faults: Vec<Fault>) -> (Lab, Wire) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let lab = Lab::start(&LabOptions { faults, ..LabOptions::default() }).await.unwrap();
    let text = std::fs::read_to_string(lab.site_file()).unwrap();
    let config: Config = ackcheck_core::config::parse(lab.site_file(), &text, &Files).unwrap();
    let wire = Wire::new(Arc::new(config)).unwrap();
    (lab, wire)
}

const URL: &str = "https://oss-cn-hangzhou.aliyuncs.com/?x-oss-signature=CANARY";

async fn get(faults: Vec<Fault>) -> (Heard<HttpReply>, String) {
    let (_lab, wire) = lab(faults).await;
    let journal = Journal::new(Scrubber::default());
    let request = wire.client().get(URL).build().unwrap();
    let heard = wire.send(&journal, Vantage::Store, request).await;
    (heard, format!("{:?}", journal.take()))
}

async fn broken(fault: &'static str) -> Heard<HttpReply> {
    get(vec![Fault::Add("/gateway/broken", fault)]).await.0
}

#[tokio::test]
async fn a_url_is_noted_without_what_signs_it() {
    let (heard, noted) = get(vec![]).await;
    assert!(heard.is_ok(), "{heard:?}");
    assert!(noted.contains("GET https://oss-cn-hangzhou.aliyuncs.com/") && !noted.contains("CANARY"), "{noted}");
}

#[tokio::test]
async fn each_misbehaviour_is_told_apart() {
    let heard = broken(r#"{"host":"oss-cn-hangzhou.aliyuncs.com","how":"refused"}"#).await;
    assert!(matches!(heard, Err(NoReply::Refused { .. })), "{heard:?}");
    let heard = broken(r#"{"host":"*.aliyuncs.com","how":"silent"}"#).await;
    assert!(matches!(heard, Err(NoReply::TimedOut { .. })), "{heard:?}");
    let heard = broken(r#"{"host":"oss-cn-hangzhou.aliyuncs.com","how":"slow"}"#).await;
    assert!(matches!(heard, Err(NoReply::TimedOut { .. })), "{heard:?}");
    let heard = broken(r#"{"host":"oss-cn-hangzhou.aliyuncs.com","how":"garbage"}"#).await;
    assert!(matches!(heard, Err(NoReply::Garbled { .. })), "{heard:?}");
    let heard = broken(r#"{"host":"oss-cn-hangzhou.aliyuncs.com","how":"half"}"#).await;
    assert!(matches!(heard, Err(NoReply::Closed { .. })), "{heard:?}");
    let heard = broken(r#"{"host":"oss-cn-hangzhou.aliyuncs.com","how":"no-tls"}"#).await;
    assert!(matches!(heard, Err(NoReply::Tls { .. })), "{heard:?}");
    let heard = broken(r#"{"host":"oss-cn-hangzhou.aliyuncs.com","how":"unknown-issuer"}"#).await;
    assert!(matches!(&heard, Err(NoReply::Tls { said }) if said.contains("UnknownIssuer")), "{heard:?}");
    let heard = broken(r#"{"host":"oss-cn-hangzhou.aliyuncs.com","how":"wrong-name"}"#).await;
    assert!(matches!(&heard, Err(NoReply::Tls { said }) if said.contains("not valid for name")), "{heard:?}");
    let heard = broken(r#"{"host":"oss-cn-hangzhou.aliyuncs.com","how":"error-500"}"#).await;
    assert_eq!(heard.unwrap().status, 500);
    let heard = broken(r#"{"host":"oss-cn-hangzhou.aliyuncs.com","how":"redirect-loop"}"#).await;
    assert_eq!(heard.unwrap().status, 302);
    let heard = get(vec![Fault::Remove("/dns/records/oss-cn-hangzhou.aliyuncs.com")]).await.0;
    assert!(matches!(heard, Err(NoReply::Unresolvable { .. })), "{heard:?}");
}

#[tokio::test]
async fn names_resolve_as_in_the_vpc() {
    let (_lab, wire) = lab(vec![]).await;
    let journal = Journal::new(Scrubber::default());
    let answer = wire.resolve(&journal, Vantage::Store, "b.oss-cn-hangzhou-internal.aliyuncs.com").await;
    assert_eq!(answer, NameAnswer::Addresses(vec!["100.118.28.10".parse().unwrap()]));
    let answer = wire.resolve(&journal, Vantage::Store, "no.such.example").await;
    assert!(matches!(answer, NameAnswer::NoSuchName { .. }), "{answer:?}");
}

#[tokio::test]
async fn the_metadata_address_is_dialled_as_the_site_says() {
    let (_lab, wire) = lab(vec![]).await;
    let journal = Journal::new(Scrubber::default());
    let request = wire.client().get("http://100.100.100.200/latest/meta-data/").build().unwrap();
    let reply = wire.send(&journal, Vantage::Cloud, request).await.unwrap();
    assert!(reply.status < 600, "{reply:?}");
}
