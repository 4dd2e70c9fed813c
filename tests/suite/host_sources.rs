//! What images are built from, as the shipping client asks for it by HEAD of the lab's Docker Hub.

use ackcheck_core::evidence::Journal;
use ackcheck_core::fault::Fault;
use ackcheck_core::seat::host::Proxies;
use ackcheck_core::seat::{Heard, HttpReply, NoReply, Seats as _, Seen};

use crate::support::seats::{as_it_is, open, site, unreadable, written};

const HUB: &str = "https://registry-1.docker.io";

/// What becomes of a question for this image on a lab with these faults, through these proxies; and the evidence.
async fn asked(faults: &[Fault], tag: &str, proxies: &Proxies) -> (Seen<Heard<HttpReply>>, String) {
    let site = site(faults).await;
    let seats = open(&site, "r1", as_it_is);
    let journal = Journal::new(site.scrubber.clone());
    let host = seats.host(journal.clone()).unwrap();
    let heard = host.head_manifest(HUB, "library/almalinux", tag, proxies).await;
    (heard, written(&journal.take()))
}

fn through(https: &str) -> Proxies {
    Proxies { https: https.to_owned(), ..Proxies::default() }
}

#[tokio::test]
async fn a_manifest_is_asked_for_with_the_token_that_anybody_gets() {
    let (heard, evidence) = asked(&[], "9", &Proxies::default()).await;
    let reply = heard.unwrap().unwrap();
    let digest = reply.header("docker-content-digest").unwrap_or_default().to_owned();
    assert!(reply.status == 200 && digest.starts_with("sha256:"), "{reply:?}");
    // The token itself is in no evidence: `written` has looked for it.
    assert!(
        evidence.contains("service=registry.docker.io&scope=repository%3Alibrary%2Falmalinux%3Apull"),
        "{evidence}"
    );
    assert!(evidence.contains("200 a token"), "{evidence}");
    let (heard, _) = asked(&[], "7", &Proxies::default()).await;
    assert_eq!(heard.unwrap().unwrap().status, 404);
}

#[tokio::test]
async fn what_keeps_the_token_away_is_what_is_heard() {
    let refused = [Fault::Add("/gateway/broken", r#"{"host": "auth.docker.io", "how": "refused"}"#)];
    let (heard, _) = asked(&refused, "9", &Proxies::default()).await;
    assert!(matches!(heard.unwrap(), Err(NoReply::Refused { address }) if address == "auth.docker.io:443"));
    let broken = [Fault::Add("/gateway/broken", r#"{"host": "auth.docker.io", "how": "error-500"}"#)];
    let (heard, _) = asked(&broken, "9", &Proxies::default()).await;
    assert_eq!(heard.unwrap().unwrap().status, 500);
}

#[tokio::test]
async fn the_daemons_proxy_is_gone_through_unless_the_host_is_excepted() {
    let there = [Fault::Set("/dns/records/proxy.corp.example", r#"["10.0.0.90"]"#)];
    // Without a port of its own it is dialled at the lab's gateway, which is a proxy too.
    for proxy in ["http://proxy.corp.example", "proxy.corp.example"] {
        let (heard, _) = asked(&there, "9", &through(proxy)).await;
        assert_eq!(heard.unwrap().unwrap().status, 200, "{proxy}");
    }
    let (heard, _) = asked(&[], "9", &through("http://nowhere.corp.example:3128")).await;
    assert!(matches!(heard.unwrap(), Err(NoReply::Unresolvable { .. })));
    let excepted = Proxies { except: ".docker.io".to_owned(), ..through("http://nowhere.corp.example:3128") };
    let (heard, _) = asked(&[], "9", &excepted).await;
    assert_eq!(heard.unwrap().unwrap().status, 200);
    // Docker writes x in the place of a user and a password.
    let (heard, _) = asked(&there, "9", &through("http://xxxxx:xxxxx@proxy.corp.example:3128")).await;
    unreadable(heard, "proxy.corp.example", "a user and a password");
}
