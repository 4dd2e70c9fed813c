//! The shipping cloud seat against the lab's account: what it sees, which way it goes, and what it says where it is
//! refused or answered badly.

use std::time::Duration;

use ackcheck::site::Site;
use ackcheck_core::config::Config;
use ackcheck_core::evidence::Journal;
use ackcheck_core::fault::Fault;
use ackcheck_core::right::Right;
use ackcheck_core::seat::cloud::{GroupKind, HostInstance, Instance, Peer, PodNetwork};
use ackcheck_core::seat::{Cloud, Seats as _, Seen};
use ackcheck_core::verdict::{Broken, Unseen};
use ackcheck_live::LiveSeats;
use wiremock::matchers::{any, header};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::canary::secret_free;
use crate::support::seats::{self, as_it_is, written};

/// A lab with these faults, and seats on it as its site file has it but for `edit`.
async fn site(faults: &[Fault], edit: impl FnOnce(&mut Config)) -> (Site, LiveSeats) {
    let site = seats::site(faults).await;
    let seats = seats::open(&site, "testrun", edit);
    (site, seats)
}

fn without_key(config: &mut Config) {
    config.cloud.as_mut().unwrap().access_key = None;
}

/// Everything a check asks of this seat, in turn, stopping where it cannot go on.
async fn look(cloud: &dyn Cloud) -> Seen<()> {
    let HostInstance::Ecs(host) = cloud.host_instance().await? else { return Ok(()) };
    let network = cloud.cluster_network().await?;
    let mut ids = host.enis[0].security_groups.clone();
    ids.extend(network.nodes[0].1.security_groups.clone());
    cloud.security_groups(&ids).await?;
    cloud.joined(&host, &network).await?;
    cloud.network_acls(&host.vpc, &[host.enis[0].vswitch.clone()]).await?;
    cloud.route_table(&host.vpc, &host.enis[0].vswitch).await?;
    Ok(())
}

/// Looks, and tells how it ended and what was written down, which holds no secret.
async fn looked(faults: &[Fault], edit: impl FnOnce(&mut Config)) -> (Seen<()>, String) {
    let (site, seats) = site(faults, edit).await;
    let journal = Journal::new(site.scrubber.clone());
    let seen = look(seats.cloud(journal.clone()).unwrap().as_ref()).await;
    secret_free("what was seen", &format!("{seen:?}")).unwrap();
    let written = written(&journal.take());
    (seen, written)
}

async fn ecs_host(cloud: &dyn Cloud) -> Instance {
    match cloud.host_instance().await.unwrap() {
        HostInstance::Ecs(instance) => instance,
        HostInstance::NotEcs { why } => panic!("{why}"),
    }
}

#[tokio::test]
async fn sees_acls_and_routes_as_they_are() {
    let flannel = Fault::Set("/deployment/pod_network", "\"flannel\"");
    let odd = Fault::Set("/cloud/network_acls/0/ingress/0/ports", "\"a few\"");
    let (site, seats) = site(&[flannel, odd], as_it_is).await;
    let cloud = seats.cloud(Journal::new(site.scrubber.clone())).unwrap();
    let host = ecs_host(cloud.as_ref()).await;
    let ids = ["vsw-bp1labhost0000001", "vsw-bp1labzoneh000001"].map(str::to_owned);
    let acls = cloud.network_acls(&host.vpc, &ids).await.unwrap();
    assert_eq!((acls[0].vswitch.as_str(), acls[1].acl.as_ref()), (ids[0].as_str(), None));
    let acl = acls[0].acl.as_ref().unwrap();
    let entries: Vec<String> = acl.ingress.iter().map(|entry| format!("{} {}", entry.accept, entry.ports)).collect();
    let all = "1-65535";
    assert_eq!(entries, ["false", "true", "true", "false", "true", "false"].map(|accept| format!("{accept} {all}")),);
    assert!(acl.ingress[0].unread.as_ref().unwrap().contains("a few") && acl.ingress[5].of_system);
    assert_eq!((acl.egress[0].ranges.len(), acl.egress[0].ports.to_string()), (5, "1024-65535".to_owned()));

    let table = cloud.route_table(&host.vpc, &host.enis[0].vswitch).await.unwrap();
    assert!(!table.custom && table.routes.len() == 9);
    let pods = table.routes.iter().find(|route| route.range == "172.20.1.0/24".parse().unwrap()).unwrap();
    assert_eq!(pods.hops[0].to_string(), "Instance i-bp1labnode00000000012");
    let nodes = seats.cluster(Journal::new(site.scrubber.clone())).unwrap().nodes().await.unwrap();
    assert_eq!(nodes[1].pod_ranges, ["172.20.1.0/24".parse().unwrap()]);
    let missing = cloud.route_table(&host.vpc, "vsw-none").await.unwrap_err();
    assert!(missing.to_string().contains("vsw-none"), "{missing}");
}

#[tokio::test]
async fn sees_the_account_as_it_is() {
    let (site, seats) = site(&[], as_it_is).await;
    let cloud = seats.cloud(Journal::new(site.scrubber.clone())).unwrap();
    let host = ecs_host(cloud.as_ref()).await;
    assert_eq!((host.id.as_str(), host.region.as_str()), ("i-bp1labdsshost0000001", "cn-hangzhou"));
    assert_eq!(host.enis[0].addresses, ["10.0.0.20".parse::<std::net::IpAddr>().unwrap()]);
    let network = cloud.cluster_network().await.unwrap();
    assert_eq!((network.plugin, network.vpc.as_str()), (PodNetwork::Terway, host.vpc.as_str()));
    assert_eq!(network.nodes.len(), 3);
    let ranges: Vec<String> = network.pods.iter().map(|pods| pods.range.to_string()).collect();
    assert_eq!(ranges, ["10.0.128.0/18", "10.0.192.0/18"]);
    assert_eq!(network.pods[0].security_groups, ["sg-bp1labcluster00001"]);
    let groups = cloud.security_groups(&host.enis[0].security_groups).await.unwrap();
    assert_eq!((groups[0].kind, groups[0].inner_accept, groups[0].rules.len()), (GroupKind::Basic, true, 5));
    assert!(matches!(&groups[0].rules[0].peer, Peer::PrefixList { ranges, .. } if ranges.len() == 5));
    assert_eq!(groups[0].rules[3].ports, ["22", "443"].map(|ports| ports.parse().unwrap()));
    assert_eq!(groups[0].rules[1].priority, 1);
    assert!(cloud.joined(&host, &network).await.unwrap().routes.is_empty());
}

#[tokio::test]
async fn flannels_pods_are_on_no_interface() {
    let (site, seats) = site(&[Fault::Set("/deployment/pod_network", "\"flannel\"")], as_it_is).await;
    let network = seats.cloud(Journal::new(site.scrubber.clone())).unwrap().cluster_network().await.unwrap();
    assert_eq!(network.plugin, PodNetwork::Flannel);
    assert_eq!(network.pods.len(), 1);
    assert_eq!(network.pods[0].range.to_string(), "172.20.0.0/16");
    assert!(network.pods[0].security_groups.is_empty());
}

#[tokio::test]
async fn a_right_that_is_missing_is_named() {
    let denials = [
        ("ecs:DescribeNetworkInterfaces", Fault::Add("/cloud/denied", "\"ecs:DescribeNetworkInterfaces\"")),
        ("ecs:DescribeSecurityGroups", Fault::Add("/cloud/denied", "\"ecs:DescribeSecurityGroups\"")),
        ("ecs:DescribeSecurityGroupAttribute", Fault::Add("/cloud/denied", "\"ecs:DescribeSecurityGroupAttribute\"")),
        ("ecs:DescribePrefixListAttributes", Fault::Add("/cloud/denied", "\"ecs:DescribePrefixListAttributes\"")),
        ("ecs:DescribePortRangeListEntries", Fault::Add("/cloud/denied", "\"ecs:DescribePortRangeListEntries\"")),
        ("vpc:DescribeVSwitches", Fault::Add("/cloud/denied", "\"vpc:DescribeVSwitches\"")),
        ("vpc:DescribeRouteEntryList", Fault::Add("/cloud/denied", "\"vpc:DescribeRouteEntryList\"")),
        ("cs:DescribeClusterDetail", Fault::Add("/cloud/denied", "\"cs:DescribeClusterDetail\"")),
        ("cs:DescribeClusterNodes", Fault::Add("/cloud/denied", "\"cs:DescribeClusterNodes\"")),
    ];
    for (action, fault) in denials {
        let (seen, _) = looked(&[fault], as_it_is).await;
        match seen {
            Err(Unseen::Broken(Broken::Denied { rights, said })) => {
                assert_eq!(rights, [Right::open_api(action)]);
                let code = if action.starts_with("cs:") { "Forbidden" } else { "Forbidden.RAM" };
                assert!(said.contains(code), "{said}");
            }
            other => panic!("{action}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_throttled_call_is_tried_again_and_not_for_ever() {
    let twice = r#"{"action": "ecs:DescribeSecurityGroups", "times": 2, "retry_after": 1}"#;
    let (seen, written) = looked(&[Fault::Add("/cloud/throttled", twice)], as_it_is).await;
    assert_eq!(seen, Ok(()), "{written}");
    assert_eq!(written.matches(r#""Code":"Throttling.User""#).count(), 2);
    let always = r#"{"action": "ecs:DescribeSecurityGroups", "times": 1000, "retry_after": 1}"#;
    let (seen, written) = looked(&[Fault::Add("/cloud/throttled", always)], as_it_is).await;
    assert!(matches!(&seen, Err(Unseen::Broken(Broken::Unreadable { why, .. })) if why.contains("Throttling.User")));
    assert_eq!(written.matches(r#""Code":"Throttling.User""#).count(), 4);
}

#[tokio::test]
async fn without_a_key_the_instances_role_signs() {
    let (seen, written) = looked(&[], without_key).await;
    assert_eq!(seen, Ok(()), "{written}");
    let plain = [Fault::Set("/cloud/metadata/token_required", "false")];
    assert_eq!(looked(&plain, without_key).await.0, Ok(()));
    let (seen, _) = looked(&[Fault::Set("/cloud/metadata/role", "null")], without_key).await;
    match seen {
        Err(Unseen::Broken(Broken::NotGiven { what, add })) => {
            assert!(what.contains("no RAM role") && add.contains("access_key_id"), "{what}: {add}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_key_that_is_refused_is_named_and_its_secret_is_not() {
    let inactive = [Fault::Add("/cloud/inactive_keys", "\"LTAI5tLabCloudKey000001\"")];
    let (seen, _) = looked(&inactive, as_it_is).await;
    match seen {
        Err(Unseen::Broken(Broken::Unreadable { what, why })) => {
            assert!(
                what.contains("LTAI5tLabCloudKey000001") && why.contains("InvalidAccessKeyId.Inactive"),
                "{what}: {why}"
            );
        }
        other => panic!("{other:?}"),
    }
    let wrong = |config: &mut Config| {
        let key = config.cloud.as_mut().unwrap().access_key.as_mut().unwrap();
        key.secret = ackcheck_core::secret::Scrubber::default().secret("CANARY-not-the-secret");
    };
    match looked(&[], wrong).await.0 {
        Err(Unseen::Broken(Broken::Unreadable { why, .. })) => assert!(why.contains("SignatureDoesNotMatch"), "{why}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_vpcs_endpoint_is_tried_first_and_the_public_one_next() {
    let (_, written) = looked(&[], as_it_is).await;
    assert!(written.contains("at ecs-vpc.cn-hangzhou.aliyuncs.com"), "{written}");
    assert!(!written.contains("at ecs-cn-hangzhou.aliyuncs.com"), "{written}");
    let refused = r#"{"host": "ecs-vpc.cn-hangzhou.aliyuncs.com", "how": "refused"}"#;
    let (seen, written) = looked(&[Fault::Add("/gateway/broken", refused)], as_it_is).await;
    assert_eq!(seen, Ok(()), "{written}");
    assert!(written.contains("at ecs-cn-hangzhou.aliyuncs.com"), "{written}");
    // The one that answered is kept: the other was tried once.
    assert_eq!(written.matches("at ecs-vpc.cn-hangzhou.aliyuncs.com").count(), 1, "{written}");
}

#[tokio::test]
async fn without_metadata_the_host_is_found_by_its_address() {
    let silent = Fault::Add("/gateway/broken", r#"{"host": "100.100.100.200", "how": "refused"}"#);
    let (site, seats) = site(&[silent], as_it_is).await;
    let journal = Journal::new(site.scrubber.clone());
    let cloud = seats.cloud(journal.clone()).unwrap();
    assert_eq!(ecs_host(cloud.as_ref()).await.id, "i-bp1labdsshost0000001");
    let written = written(&journal.take());
    assert!(written.contains("DescribeInstances") && !written.contains("at ecs-vpc"), "{written}");
    let nowhere = |config: &mut Config| config.host.addresses = vec!["192.0.2.7".parse().unwrap()];
    let (seats_site, seats) = self::site(&[silent], nowhere).await;
    let cloud = seats.cloud(Journal::new(seats_site.scrubber.clone())).unwrap();
    match cloud.host_instance().await.unwrap() {
        HostInstance::NotEcs { why } => assert!(why.contains("192.0.2.7") && why.contains("cn-hangzhou"), "{why}"),
        HostInstance::Ecs(instance) => panic!("{instance:?}"),
    }
}

#[tokio::test]
async fn each_call_is_asked_once_in_a_run() {
    let (site, seats) = site(&[], as_it_is).await;
    let first = Journal::new(site.scrubber.clone());
    look(seats.cloud(first.clone()).unwrap().as_ref()).await.unwrap();
    let second = Journal::new(site.scrubber.clone());
    look(seats.cloud(second.clone()).unwrap().as_ref()).await.unwrap();
    let second = second.take();
    assert!(!second.is_empty());
    assert!(second.iter().all(|entry| entry.asked.ends_with("(asked before in this run)")), "{}", written(&second));
}

#[tokio::test]
async fn what_the_site_does_not_describe_is_not_guessed() {
    let (site, seats) = site(&[], |config| config.cloud = None).await;
    let journal = || Journal::new(site.scrubber.clone());
    assert!(matches!(seats.cloud(journal()).map(|_| ()), Err(Unseen::NotDescribed(_))));
    let (site, seats) = self::site(&[], |config| config.cluster.as_mut().unwrap().id = None).await;
    let cloud = seats.cloud(Journal::new(site.scrubber.clone())).unwrap();
    assert!(matches!(cloud.cluster_network().await, Err(Unseen::Broken(Broken::NotGiven { .. }))));
}

#[tokio::test]
async fn an_endpoint_that_misbehaves_is_unreadable_within_its_limits() {
    for how in [
        "refused",
        "silent",
        "slow",
        "garbage",
        "half",
        "error-500",
        "redirect-loop",
        "no-tls",
        "unknown-issuer",
        "wrong-name",
    ] {
        let faults: Vec<Fault> = ["cs.cn-hangzhou.aliyuncs.com", "cs-vpc.cn-hangzhou.aliyuncs.com"]
            .iter()
            .map(|host| Fault::Add("/gateway/broken", String::leak(format!(r#"{{"host": "{host}", "how": "{how}"}}"#))))
            .collect();
        let began = std::time::Instant::now();
        let (seen, written) = looked(&faults, as_it_is).await;
        match &seen {
            Err(Unseen::Broken(Broken::Unreadable { what, why })) => {
                assert!(what.contains("cs:DescribeClusterDetail") && !why.is_empty(), "{how}: {what}: {why}");
            }
            other => panic!("{how}: {other:?}\n{written}"),
        }
        assert!(began.elapsed() < Duration::from_secs(120), "{how} took {:?}", began.elapsed());
    }
}

/// What a host that is not the OpenAPI says to DescribeNetworkInterfaces.
async fn answered(template: ResponseTemplate) -> Seen<()> {
    let server = MockServer::start().await;
    Mock::given(any())
        .and(header("x-acs-action", "DescribeNetworkInterfaces"))
        .respond_with(template)
        .mount(&server)
        .await;
    let uri = server.uri();
    let edit = |config: &mut Config| config.cloud.as_mut().unwrap().endpoints = vec![("ecs".to_owned(), uri)];
    looked(&[], edit).await.0
}

#[tokio::test]
async fn an_answer_that_is_none_is_never_taken_for_one() {
    let json = |text: &str| ResponseTemplate::new(200).set_body_raw(text.to_owned(), "application/json");
    let answers = [
        ("an HTML page", ResponseTemplate::new(200).set_body_raw("<html>Welcome</html>", "text/html"), "not JSON"),
        ("half a body", json(r#"{"NetworkInterfaceSets":{"NetworkInterf"#), "not JSON"),
        ("an empty body", json(""), "not JSON"),
        ("a list where an object must be", json("[]"), "not JSON"),
        ("an object without the list", json(r#"{"RequestId":"1"}"#), "no list"),
        ("a null list", json(r#"{"NetworkInterfaceSets":{"NetworkInterfaceSet":null}}"#), "no list"),
        ("entries of another type", json(r#"{"NetworkInterfaceSets":{"NetworkInterfaceSet":[7]}}"#), "invalid type"),
        ("entries without ids", json(r#"{"NetworkInterfaceSets":{"NetworkInterfaceSet":[{}]}}"#), "NetworkInterfaceId"),
        ("no entry at all", json(r#"{"NetworkInterfaceSets":{"NetworkInterfaceSet":[]}}"#), "no network interface"),
        (
            "a list that goes round",
            json(r#"{"NextToken":"a","NetworkInterfaceSets":{"NetworkInterfaceSet":[]}}"#),
            "goes round",
        ),
        ("500", ResponseTemplate::new(500).set_body_string("oops"), "500"),
        ("a proxy's 403", ResponseTemplate::new(403).set_body_raw("<html>Blocked</html>", "text/html"), "403"),
        ("a redirect", ResponseTemplate::new(302).insert_header("location", "/"), "302"),
        ("401 in JSON", ResponseTemplate::new(401).set_body_string(r#"{"Code":"Odd","Message":"no"}"#), "Odd"),
        ("a body past the limit", json(&" ".repeat(5 << 20)), "body of more than"),
    ];
    for (name, template, expected) in answers {
        match answered(template).await {
            Err(Unseen::Broken(Broken::Unreadable { what, why })) => {
                assert!(why.contains(expected), "{name}: {what}: {why}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_page_at_the_metadatas_address_is_no_instance() {
    let pages = [
        ResponseTemplate::new(200).set_body_raw("<html>Log in to the network</html>", "text/html"),
        ResponseTemplate::new(200).set_body_string(""),
        ResponseTemplate::new(200).set_body_string("i-1\r\nx-injected: 1"),
        ResponseTemplate::new(500),
        ResponseTemplate::new(302).insert_header("location", "/"),
    ];
    for page in pages {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(page).mount(&server).await;
        let uri = server.uri().parse().unwrap();
        let (site, seats) = site(&[], |config| config.host.metadata = Some(uri)).await;
        let cloud = seats.cloud(Journal::new(site.scrubber.clone())).unwrap();
        assert_eq!(ecs_host(cloud.as_ref()).await.id, "i-bp1labdsshost0000001");
    }
}

#[tokio::test]
async fn a_roles_key_that_is_none_is_unreadable() {
    use wiremock::matchers::path;
    for key in ["<html/>", "{}", r#"{"Code":"Failed","AccessKeyId":"","AccessKeySecret":"","SecurityToken":""}"#] {
        let server = MockServer::start().await;
        for (at, text) in [
            ("/latest/meta-data/instance-id", "i-bp1labdsshost0000001"),
            ("/latest/meta-data/region-id", "cn-hangzhou"),
            ("/latest/meta-data/ram/security-credentials/", "role"),
            ("/latest/meta-data/ram/security-credentials/role", key),
        ] {
            Mock::given(path(at)).respond_with(ResponseTemplate::new(200).set_body_string(text)).mount(&server).await;
        }
        let uri = server.uri().parse().unwrap();
        let (seen, _) = looked(&[], |config| {
            without_key(config);
            config.host.metadata = Some(uri);
        })
        .await;
        match seen {
            Err(Unseen::Broken(Broken::Unreadable { what, .. })) => assert!(what.contains("RAM role role"), "{what}"),
            other => panic!("{key}: {other:?}"),
        }
    }
}
