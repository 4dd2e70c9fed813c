//! Probe pods where an account may less than usual, and what a run leaves that does not come to its end.

use std::collections::BTreeSet;

use ackcheck::site::Site;
use ackcheck_core::config::Toleration;
use ackcheck_core::evidence::Journal;
use ackcheck_core::fault::Fault;
use ackcheck_core::seat::keyring::SecretState;
use ackcheck_core::seat::pod::PodStart;
use ackcheck_core::seat::store::StoreRequest;
use ackcheck_core::seat::{NameAnswer, Seats as _};
use ackcheck_core::secret::Scrubber;
use ackcheck_core::subject::{Each, Subject};
use ackcheck_core::verdict::{Broken, Unseen};
use ackcheck_live::LiveSeats;
use ackcheck_live::survey::Survey;

use crate::support::seats::{self, as_it_is, written};

const NODES: [&str; 3] = ["cn-hangzhou.10.0.1.11", "cn-hangzhou.10.0.1.12", "cn-hangzhou.10.0.2.13"];
const HOST: &str = "dss.lab.internal";

const NO_EXEC: Fault = Fault::Add("/kubernetes/denied", r#"{"verb":"*","group":"","resource":"pods/exec"}"#);
const NO_LOG: Fault = Fault::Add("/kubernetes/denied", r#"{"verb":"*","group":"","resource":"pods/log"}"#);
const NO_NODES: Fault = Fault::Add("/kubernetes/denied", r#"{"verb":"*","group":"","resource":"nodes"}"#);
const NO_WATCH: Fault = Fault::Add("/kubernetes/denied", r#"{"verb":"watch","group":"","resource":"pods"}"#);
const NO_LIST: Fault = Fault::Add("/kubernetes/denied", r#"{"verb":"list","group":"","resource":"pods"}"#);
const NO_JOBS: Fault = Fault::Add("/kubernetes/denied", r#"{"verb":"*","group":"batch","resource":"jobs"}"#);

/// The last node, as one of ACK's virtual nodes.
const VIRTUAL: Fault = Fault::Add(
    "/kubernetes/taints",
    r#"{"node":"cn-hangzhou.10.0.2.13","key":"virtual-kubelet.io/provider","value":"alibabacloud","effect":"NoSchedule"}"#,
);

/// Pushes the image and asks every node for the host's name; then cleans up, and gives what was written down.
async fn asked(site: &Site, nodes: &[&str]) -> String {
    let seats = seats::open(site, "testtest", as_it_is);
    let journal = Journal::new(site.scrubber.clone());
    seats.registry(journal.clone()).unwrap().push().await.unwrap();
    let found = seats.subjects(Each::Node, journal.clone()).await.unwrap();
    assert_eq!(found.iter().map(|node| node.name.as_str()).collect::<BTreeSet<_>>(), nodes.iter().copied().collect());
    for node in nodes {
        let pod = seats.pod(node, journal.clone()).unwrap();
        assert_eq!(pod.start().await.unwrap(), PodStart::Running, "{node}");
        let answer = pod.resolve(HOST).await.unwrap();
        assert!(matches!(answer, NameAnswer::Addresses(_)), "{node}: {answer:?}");
    }
    assert_eq!(seats.clean_up().await, Vec::<String>::new());
    let left = site.leftovers(None).await.found;
    assert_eq!(left, [], "nothing is left");
    written(&journal.take())
}

#[tokio::test]
async fn the_pods_have_an_owner_and_are_watched() {
    let written = asked(&seats::site(&[]).await, &NODES).await;
    assert!(written.contains("create job dss/ackcheck-testtest created"), "{written}");
    assert_eq!(written.matches("create pod").count(), 3, "{written}");
}

#[tokio::test]
async fn without_exec_each_ask_is_a_pod_of_its_own() {
    let written = asked(&seats::site(&[NO_EXEC]).await, &NODES).await;
    assert_eq!(written.matches("asked by pods of their own").count(), 1, "it is tried once: {written}");
    assert_eq!(written.matches("create pod").count(), 6, "{written}");
}

#[tokio::test]
async fn without_jobs_the_pods_have_no_owner_and_are_removed_all_the_same() {
    let site = seats::site(&[NO_JOBS]).await;
    let seats = seats::open(&site, "testtest", as_it_is);
    let journal = Journal::new(site.scrubber.clone());
    seats.registry(journal.clone()).unwrap().push().await.unwrap();
    let pod = seats.pod(NODES[0], journal.clone()).unwrap();
    assert_eq!(pod.start().await.unwrap(), PodStart::Running);
    assert_eq!(seats.clean_up().await, Vec::<String>::new());
    let survey = site.leftovers(None).await;
    assert_eq!(survey.found, []);
    assert_eq!(survey.unseen, Vec::<String>::new(), "what may not be created need not be looked for");
}

#[tokio::test]
async fn without_watch_the_list_is_asked_again() {
    asked(&seats::site(&[NO_WATCH]).await, &NODES).await;
}

#[tokio::test]
async fn without_list_nodes_they_are_found_by_pods_that_avoid_each_other() {
    let written = asked(&seats::site(&[NO_NODES]).await, &NODES).await;
    assert!(written.contains("no other node takes a pod: Unschedulable: 0/3 nodes are available"), "{written}");
    asked(&seats::site(&[NO_NODES, NO_EXEC, NO_WATCH]).await, &NODES).await;
}

#[tokio::test]
async fn a_virtual_node_is_asked_only_where_the_site_says_so() {
    let site = seats::site(&[VIRTUAL]).await;
    let asked_there = async |tolerations: &[&str]| {
        let tolerations: Vec<_> =
            tolerations.iter().map(|key| Toleration { key: (*key).to_owned(), value: None, effect: None }).collect();
        let seats = seats::open(&site, "testtest", |config| config.cluster.as_mut().unwrap().tolerations = tolerations);
        let journal = Journal::new(site.scrubber.clone());
        seats.registry(journal.clone()).unwrap().push().await.unwrap();
        let nodes = seats.subjects(Each::Node, journal.clone()).await.unwrap();
        let nodes: Vec<&str> = nodes.iter().map(|node| node.name.as_str()).collect();
        assert_eq!(nodes, NODES, "its cases say why they are not asked");
        let started = seats.pod(NODES[2], journal.clone()).unwrap().start().await;
        assert_eq!(seats.clean_up().await, Vec::<String>::new());
        started
    };
    let spared = asked_there(&["gpu"]).await.unwrap_err();
    assert!(matches!(&spared, Unseen::NotDescribed(why) if why.contains("virtual node")), "{spared:?}");
    assert_eq!(asked_there(&["virtual-kubelet.io/provider"]).await.unwrap(), PodStart::Running);
    asked(&seats::site(&[VIRTUAL, NO_NODES]).await, &NODES[..2]).await;
}

#[tokio::test]
async fn the_servers_patience_is_honoured() {
    let written = asked(&seats::site(&[Fault::Set("/kubernetes/throttled_requests", "2")]).await, &NODES).await;
    assert!(!written.contains("429 Too many requests"), "{written}");
}

#[tokio::test]
async fn a_right_that_is_missing_is_named() {
    let right = async |faults: &[Fault]| {
        let site = seats::site(faults).await;
        let seats = seats::open(&site, "testtest", as_it_is);
        let journal = Journal::new(site.scrubber.clone());
        seats.registry(journal.clone()).unwrap().push().await.unwrap();
        let pod = seats.pod(NODES[0], journal.clone()).unwrap();
        let unseen = match pod.start().await {
            Ok(_) => pod.resolve(HOST).await.unwrap_err(),
            Err(unseen) => unseen,
        };
        seats.clean_up().await;
        match unseen {
            Unseen::Broken(Broken::Denied { rights, .. }) => {
                rights.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(right(&[NO_LIST]).await, "list pods in dss");
    assert_eq!(right(&[NO_EXEC, NO_LOG]).await, "get pods/log in dss, get pods/exec in dss, create pods/exec in dss");
}

fn names(survey: &Survey) -> Vec<&str> {
    survey.found.iter().map(|left| left.name.split('/').next().unwrap_or_default()).collect()
}

/// The first place in the store that the site describes.
async fn place(seats: &LiveSeats) -> Subject {
    seats.subjects(Each::Store, Journal::new(Scrubber::default())).await.unwrap().remove(0)
}

#[tokio::test]
async fn what_a_killed_run_left_is_found_by_its_labels_and_removed() {
    let site = seats::site(&[]).await;
    // The third is not killed, and keeps what it has.
    for run in ["killedaa", "killedbb", "goingonn"] {
        let seats = seats::open(&site, run, as_it_is);
        let journal = Journal::new(site.scrubber.clone());
        seats.registry(journal.clone()).unwrap().push().await.unwrap();
        let pod = seats.pod(NODES[0], journal.clone()).unwrap();
        assert_eq!(pod.start().await.unwrap(), PodStart::Running);
        let store = seats.store(&place(&seats).await, journal.clone()).unwrap();
        let put = StoreRequest::Put { name: "left".to_owned(), body: "x".to_owned() };
        assert!(store.ask(put).await.unwrap().unwrap().ok());
        let begin = StoreRequest::BeginUpload { name: "left-open".to_owned() };
        assert!(store.ask(begin).await.unwrap().unwrap().ok());
    }
    // What is called almost as runs call theirs is somebody else's.
    let other = seats::open(&site, "notes", as_it_is);
    let store = other.store(&place(&other).await, Journal::new(site.scrubber.clone())).unwrap();
    let put = StoreRequest::Put { name: "kept".to_owned(), body: "x".to_owned() };
    assert!(store.ask(put).await.unwrap().unwrap().ok());
    let of_one = site.leftovers(Some("killedaa")).await;
    assert_eq!(names(&of_one), ["pod dss", "job dss", "oss:", "oss:"], "{of_one:?}");
    let open = of_one.found.iter().find(|left| left.name.contains(": an upload in parts, ")).unwrap();
    assert!(open.name.contains("1-left-open: ") && open.since.is_some(), "{open:?}");
    assert_eq!(of_one.unseen, Vec::<String>::new());
    assert!(of_one.found.iter().all(|left| left.run == "killedaa"), "{of_one:?}");
    assert_eq!(site.leftovers(None).await.found.len(), 12);
    site.remove_leftovers(Some("killedaa")).await;
    site.remove_leftovers(Some("killedbb")).await;
    let left = site.leftovers(None).await;
    assert!(left.found.iter().all(|left| left.run == "goingonn") && left.found.len() == 4, "{left:?}");
    site.remove_leftovers(None).await;
    assert_eq!(site.leftovers(None).await.found, []);
    let kept = store.ask(StoreRequest::Get { name: "kept".to_owned() }).await.unwrap().unwrap();
    assert!(kept.ok(), "{kept:?}");
}

const RANGE: Fault = Fault::Add(
    "/kubernetes/limit_ranges",
    r#"{"namespace":"dss","name":"small","min":{"cpu":"100m","memory":"64Mi","ephemeral-storage":"64Mi"},"max":{"memory":"96Mi"}}"#,
);
const REQUESTS: Fault = Fault::Add(
    "/kubernetes/quotas",
    r#"{"namespace":"dss","name":"small","hard":{"requests.memory":"2Gi","limits.memory":"2Gi","limits.cpu":"8"}}"#,
);

#[tokio::test]
async fn the_probe_asks_for_what_a_limit_range_and_a_quota_want() {
    let written = asked(&seats::site(&[RANGE, REQUESTS]).await, &NODES).await;
    assert!(written.contains("minimum cpu usage per Container is 100m"), "{written}");
    // With pods of their own, and those that find the nodes, it is the same.
    asked(&seats::site(&[RANGE, NO_NODES, NO_EXEC]).await, &NODES).await;
}

#[tokio::test]
async fn what_no_pod_can_ask_for_is_not_asked_for_without_end() {
    let refusal =
        r#"{"namespace":"dss","webhook":"policy.example.com","message":"minimum cpu usage per Container is 1"}"#;
    let site = seats::site(&[Fault::Add("/kubernetes/refusals", refusal)]).await;
    let seats = seats::open(&site, "testtest", as_it_is);
    let journal = Journal::new(site.scrubber.clone());
    seats.registry(journal.clone()).unwrap().push().await.unwrap();
    let started = seats.pod(NODES[0], journal.clone()).unwrap().start().await.unwrap();
    assert!(matches!(started, PodStart::NotAdmitted { .. }), "{started:?}");
    let written = written(&journal.take());
    assert_eq!(written.matches("create pod").count(), 2, "asked again once with what was wanted: {written}");
}

#[tokio::test]
async fn pull_secrets_are_told_by_location_and_user() {
    let denied = Fault::Add("/kubernetes/denied", r#"{"verb":"get","group":"","resource":"secrets"}"#);
    for (faults, expected) in [(vec![], "as dssuser"), (vec![denied], "it cannot be read")] {
        let site = seats::site(&faults).await;
        let seats = seats::open(&site, "testtest", as_it_is);
        let journal = Journal::new(site.scrubber.clone());
        let pod = seats.pod(NODES[0], journal.clone()).unwrap();
        let names = ["acr-login".to_owned(), "elsewhere".to_owned()];
        let secrets = pod.pull_secrets(&names).await.unwrap();
        assert!(secrets[0].to_string().contains(expected), "{}", secrets[0]);
        assert_eq!(matches!(secrets[1].state, SecretState::NotThere), faults.is_empty());
        let written = written(&journal.take());
        assert!(written.contains("GET secret dss/acr-login") && !written.contains("CANARY"), "{written}");
    }
}
