//! The shipping HTTP client against the lab's gateway: every way a host can misbehave is told apart.

use ackcheck::site::Site;
use ackcheck_core::evidence::Journal;
use ackcheck_core::fault::Fault;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::{Heard, HttpReply, NameAnswer, NoReply};
use ackcheck_core::secret::Scrubber;
use ackcheck_live::wire::Wire;

use crate::support::canary::secret_free;
use crate::support::seats;

async fn lab(faults: &[Fault]) -> (Site, Wire) {
    let site = seats::site(faults).await;
    let wire = Wire::new(site.config.clone()).unwrap();
    (site, wire)
}

const URL: &str = "https://oss-cn-hangzhou.aliyuncs.com/?x-oss-signature=CANARY";

async fn get(faults: &[Fault]) -> (Heard<HttpReply>, String) {
    let (_site, wire) = lab(faults).await;
    let journal = Journal::new(Scrubber::default());
    let request = wire.client().get(URL).build().unwrap();
    let heard = wire.send(&journal, Vantage::Store, request).await;
    (heard, format!("{:?}", journal.take()))
}

async fn broken(fault: &'static str) -> Heard<HttpReply> {
    get(&[Fault::Add("/gateway/broken", fault)]).await.0
}

#[tokio::test]
async fn a_url_is_noted_without_what_signs_it() {
    let (heard, noted) = get(&[]).await;
    assert!(heard.is_ok(), "{heard:?}");
    assert!(noted.contains("GET https://oss-cn-hangzhou.aliyuncs.com/"), "{noted}");
    secret_free("the journal", &noted).unwrap();
}

#[tokio::test]
async fn each_misbehaviour_is_told_apart() {
    let heard = broken(r#"{"host":"oss-cn-hangzhou.aliyuncs.com","how":"refused"}"#).await;
    assert!(matches!(heard, Err(NoReply::Refused { .. })), "{heard:?}");
    let heard = broken(r#"{"host":"*.aliyuncs.com","how":"silent"}"#).await;
    assert!(matches!(heard, Err(NoReply::NotConnected { .. })), "{heard:?}");
    let heard = broken(r#"{"host":"oss-cn-hangzhou.aliyuncs.com","how":"slow"}"#).await;
    assert!(matches!(heard, Err(NoReply::TimedOut { .. })), "{heard:?}");
    let heard = broken(r#"{"host":"oss-cn-hangzhou.aliyuncs.com","how":"garbage"}"#).await;
    assert!(matches!(heard, Err(NoReply::Garbled { .. })), "{heard:?}");
    let heard = broken(r#"{"host":"oss-cn-hangzhou.aliyuncs.com","how":"half"}"#).await;
    assert!(matches!(heard, Err(NoReply::Closed { .. })), "{heard:?}");
    let heard = broken(r#"{"host":"oss-cn-hangzhou.aliyuncs.com","how":"no-tls"}"#).await;
    assert!(matches!(heard, Err(NoReply::Tls { .. })), "{heard:?}");
    let heard = broken(r#"{"host":"oss-cn-hangzhou.aliyuncs.com","how":"unknown-issuer"}"#).await;
    assert!(
        matches!(&heard, Err(NoReply::Tls { said }) if said.contains("not signed by an authority that is trusted here")),
        "{heard:?}"
    );
    let heard = broken(r#"{"host":"oss-cn-hangzhou.aliyuncs.com","how":"wrong-name"}"#).await;
    assert!(
        matches!(&heard, Err(NoReply::Tls { said }) if said.contains("and not for oss-cn-hangzhou.aliyuncs.com")),
        "{heard:?}"
    );
    let heard = broken(r#"{"host":"oss-cn-hangzhou.aliyuncs.com","how":"error-500"}"#).await;
    assert_eq!(heard.unwrap().status, 500);
    let heard = broken(r#"{"host":"oss-cn-hangzhou.aliyuncs.com","how":"redirect-loop"}"#).await;
    assert_eq!(heard.unwrap().status, 302);
    let heard = get(&[Fault::Remove("/dns/records/oss-cn-hangzhou.aliyuncs.com")]).await.0;
    assert!(matches!(heard, Err(NoReply::Unresolvable { .. })), "{heard:?}");
}

#[tokio::test]
async fn names_resolve_as_in_the_vpc() {
    let (_site, wire) = lab(&[]).await;
    let journal = Journal::new(Scrubber::default());
    let answer = wire.resolve(&journal, Vantage::Store, "b.oss-cn-hangzhou-internal.aliyuncs.com").await;
    assert_eq!(answer, NameAnswer::Addresses(vec!["100.118.28.10".parse().unwrap()]));
    let answer = wire.resolve(&journal, Vantage::Store, "no.such.example").await;
    assert!(matches!(answer, NameAnswer::NoSuchName { .. }), "{answer:?}");
}

#[tokio::test]
async fn the_metadata_address_is_dialled_as_the_site_says() {
    let (_site, wire) = lab(&[]).await;
    let journal = Journal::new(Scrubber::default());
    let request = wire.client().get("http://100.100.100.200/latest/meta-data/").build().unwrap();
    let reply = wire.send(&journal, Vantage::Cloud, request).await.unwrap();
    assert!(reply.status < 600, "{reply:?}");
}
