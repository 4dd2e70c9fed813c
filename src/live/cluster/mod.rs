//! The cluster seat on a real deployment: the Kubernetes API as the site's kubeconfig leads to it.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use k8s_openapi::api::authorization::v1 as authorization;
use k8s_openapi::api::core::v1 as core;
use kube::Api;
use kube::api::{ListParams, PostParams};

mod api;
mod client;
mod credential_helper;
mod dry_run;
mod kubeconfig;
mod lifetime;
mod plugin;
mod pull_secrets;
mod silence;
mod spared;
mod told;
mod unusable;
mod user;

pub use api::Kubernetes;
pub(crate) use credential_helper::credential_helper;
pub(crate) use kubeconfig::{current_context, leads_to};
pub(crate) use pull_secrets::{few, pull_secret};
pub(crate) use silence::{Refusal, Silence};
pub use spared::PodsOfDss;
pub use told::Told;
pub(crate) use told::told;

use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::right::KubernetesRight;
use ackcheck_core::seat::cluster::admission::{Admission, Trial};
use ackcheck_core::seat::cluster::pull_secrets::{AskedSecrets, PullSecrets};
use ackcheck_core::seat::cluster::scheduling::Taint;
use ackcheck_core::seat::cluster::{ApiAnswer, Cluster, Lifetimes, NODES, Node};
use ackcheck_core::seat::{Heard, Seen};
use ackcheck_core::verdict::Unseen;
use unusable::Unusable;

/// What asking for one's own rights takes, which every account has by default.
const ACCESS_REVIEW: KubernetesRight =
    KubernetesRight::cluster_wide("create", "authorization.k8s.io", "selfsubjectaccessreviews");
/// What asking for one's own name takes; every account has it by default.
const SELF_REVIEW: KubernetesRight =
    KubernetesRight::cluster_wide("create", "authentication.k8s.io", "selfsubjectreviews");
/// Reviews of one's own rights at once.
const REVIEWS_AT_ONCE: usize = 8;
/// Nodes asked for in one list.
const NODES_A_PAGE: u32 = 500;
/// Nodes read at the most, above what Kubernetes supports in one cluster.
const MOST_NODES: usize = 20_000;

/// Opens the seat.
pub fn open(kubernetes: &Kubernetes, journal: Journal) -> Seen<Box<dyn Cluster>> {
    kubernetes.described()?;
    Ok(Box::new(LiveCluster { kubernetes: kubernetes.clone(), journal }))
}

/// The nodes per-node checks are asked of: all of them, sorted, those that are given no pod for their cases to say so. None
/// where none is given one.
pub async fn all_nodes(kubernetes: &Kubernetes, journal: Journal) -> Seen<Vec<String>> {
    let nodes = open(kubernetes, journal)?.nodes().await?;
    if nodes.iter().all(|node| node.spared.is_some()) {
        return Ok(Vec::new());
    }
    let mut names: Vec<String> = nodes.iter().map(|node| node.name.clone()).collect();
    names.sort();
    Ok(names)
}

struct LiveCluster {
    kubernetes: Kubernetes,
    journal: Journal,
}

#[async_trait]
impl Cluster for LiveCluster {
    fn server(&self) -> String {
        self.kubernetes.server()
    }

    fn namespaces(&self) -> Vec<String> {
        self.kubernetes.namespaces()
    }

    async fn version(&self) -> Seen<Heard<ApiAnswer>> {
        let asked = format!("GET {}/version", self.server());
        let heard = self
            .kubernetes
            .ask(
                &self.journal,
                Vantage::Cluster,
                &asked,
                |client| async move { client.apiserver_version().await },
                |version| version.git_version.clone(),
            )
            .await;
        let version = match heard {
            Ok(version) => version.git_version,
            Err(silence) => return answered(self.kubernetes.without_scheme().unwrap_or(silence)),
        };
        // /version is open to everybody on many clusters: only a question about oneself needs an account.
        match self.review(&KubernetesRight::cluster_wide("list", "", "nodes")).await {
            Ok(_) => Ok(Ok(ApiAnswer::Version(version))),
            Err(Silence::Status { code: status @ (401 | 403), said, .. }) => {
                let said = self.kubernetes.nobody().map_or(said.clone(), |nobody| format!("{said} ({nobody})"));
                Ok(Ok(ApiAnswer::Unauthorized { status, said }))
            }
            Err(silence) => answered(silence),
        }
    }

    async fn lifetimes(&self) -> Seen<Lifetimes> {
        let began = Instant::now();
        let list = self.kubernetes.lifetimes();
        let told: Vec<String> = list.iter().map(ToString::to_string).collect();
        let said = if told.is_empty() { "nothing in it says when it ends".to_owned() } else { told.join("\n") };
        self.journal.note(Vantage::Cluster, "the dates in the kubeconfig", said, began.elapsed());
        // Of nothing that ends the time is not asked.
        let asked = if list.is_empty() { None } else { self.server_time().await };
        Ok(Lifetimes { list, now: asked.unwrap_or_else(jiff::Timestamp::now), by_server: asked.is_some() })
    }

    async fn may(&self, rights: &[KubernetesRight]) -> Seen<Vec<bool>> {
        stream::iter(rights.to_vec())
            .map(|right| async move {
                let what = format!("whether this account has the right `{right}`");
                self.review(&right).await.map_err(|silence| silence.unseen(&what, [ACCESS_REVIEW.into()]))
            })
            .buffered(REVIEWS_AT_ONCE)
            .try_collect()
            .await
    }

    async fn account(&self) -> Seen<String> {
        // authentication.k8s.io/v1 is served from 1.28, v1beta1 from 1.27.
        for version in ["v1", "v1beta1"] {
            let path = format!("/apis/authentication.k8s.io/{version}/selfsubjectreviews");
            let body = format!(r#"{{"apiVersion":"authentication.k8s.io/{version}","kind":"SelfSubjectReview"}}"#);
            let asked = format!("POST {}{path}", self.server());
            let request = |client: kube::Client| {
                let request = http::Request::post(&path)
                    .header(http::header::CONTENT_TYPE, "application/json")
                    .body(body.clone().into_bytes());
                async move { client.request::<serde_json::Value>(request.map_err(kube::Error::HttpError)?).await }
            };
            let name = |review: &serde_json::Value| {
                review.pointer("/status/userInfo/username").and_then(|name| name.as_str()).unwrap_or("").to_owned()
            };
            match self.kubernetes.ask(&self.journal, Vantage::Cluster, &asked, request, name).await {
                Ok(review) if !name(&review).is_empty() => return Ok(name(&review)),
                Ok(_) | Err(Silence::Status { code: 403 | 404, .. }) => {}
                Err(silence) => return Err(silence.unseen("the account's name", [SELF_REVIEW.into()])),
            }
        }
        Err(Unseen::unreadable("the account's name", "this Kubernetes does not tell it (before 1.27)"))
    }

    async fn nodes(&self) -> Seen<Arc<Vec<Node>>> {
        let began = Instant::now();
        let mut asked_now = false;
        let nodes = self.kubernetes.node_memo().get_or_init(|| {
            asked_now = true;
            self.list_nodes()
        });
        let nodes = nodes.await.clone();
        if !asked_now && let Ok(nodes) = &nodes {
            let said = format!("{} nodes, as asked before in this run", nodes.len());
            self.journal.note(Vantage::Cluster, "GET /api/v1/nodes", said, began.elapsed());
        }
        nodes
    }

    async fn pull_secrets(&self, asked: AskedSecrets<'_>) -> Seen<PullSecrets> {
        pull_secrets::of_namespace(&self.kubernetes, asked, &self.journal).await
    }

    async fn dry_run(&self, trial: Trial<'_>) -> Seen<Admission> {
        dry_run::dry_run(&self.kubernetes, trial, &self.journal).await
    }
}

impl LiveCluster {
    /// The server's own time, where it answers at all.
    async fn server_time(&self) -> Option<jiff::Timestamp> {
        let asked = format!("GET {}/version, for its date", self.server());
        let request = |client: kube::Client| {
            let request = http::Request::get("/version").body(kube::client::Body::empty());
            async move { Ok(lifetime::date(client.send(request.map_err(kube::Error::HttpError)?).await?.headers())) }
        };
        let told = |time: &Option<jiff::Timestamp>| time.map_or("none".to_owned(), |time| time.to_string());
        self.kubernetes.ask(&self.journal, Vantage::Cluster, &asked, request, told).await.ok()?
    }

    /// Whether the account has one right.
    async fn review(&self, right: &KubernetesRight) -> Result<bool, Silence> {
        let (resource, subresource) = match right.resource.split_once('/') {
            Some((resource, below)) => (resource, Some(below.to_owned())),
            None => (right.resource, None),
        };
        let attributes = authorization::ResourceAttributes {
            verb: Some(right.verb.to_owned()),
            group: Some(right.group.to_owned()),
            resource: Some(resource.to_owned()),
            subresource,
            namespace: right.namespace().map(str::to_owned),
            name: right.name.map(str::to_owned),
            ..Default::default()
        };
        let review = authorization::SelfSubjectAccessReview {
            spec: authorization::SelfSubjectAccessReviewSpec {
                resource_attributes: Some(attributes),
                non_resource_attributes: None,
            },
            ..Default::default()
        };
        let scope = if right.namespace().is_none() { " cluster-wide" } else { "" };
        let asked = format!("may I {right}{scope}");
        let request = |client: kube::Client| {
            let api: Api<authorization::SelfSubjectAccessReview> = Api::all(client);
            let review = review.clone();
            async move { api.create(&PostParams::default(), &review).await }
        };
        let allowed = |review: &authorization::SelfSubjectAccessReview| {
            review.status.as_ref().is_some_and(|status| status.allowed && !status.denied.unwrap_or(false))
        };
        let told =
            |review: &authorization::SelfSubjectAccessReview| if allowed(review) { "yes" } else { "no" }.to_owned();
        let review = self.kubernetes.ask(&self.journal, Vantage::Cluster, &asked, request, told).await?;
        Ok(allowed(&review))
    }

    async fn list_nodes(&self) -> Seen<Arc<Vec<Node>>> {
        let mut nodes: Vec<Node> = Vec::new();
        let mut more: Option<String> = None;
        loop {
            let mut page = ListParams::default().limit(NODES_A_PAGE);
            if let Some(token) = &more {
                page = page.continue_token(token);
            }
            let request = |client: kube::Client| {
                let api: Api<core::Node> = Api::all(client);
                let page = page.clone();
                async move { api.list(&page).await }
            };
            let asked = format!("GET {}/api/v1/nodes", self.server());
            let listed = self
                .kubernetes
                .ask(&self.journal, Vantage::Cluster, &asked, request, |list| {
                    let names: Vec<String> = list.items.iter().map(words).collect();
                    names.join("\n")
                })
                .await
                .map_err(|silence| silence.unseen("the nodes", [NODES]))?;
            nodes.extend(listed.items.into_iter().map(seen));
            more = listed.metadata.continue_.filter(|token| !token.is_empty());
            if more.is_none() {
                self.kubernetes.spare(&mut nodes, &self.journal).await;
                return Ok(Arc::new(nodes));
            }
            if nodes.len() > MOST_NODES {
                return Err(Unseen::unreadable("the nodes", format!("more than {MOST_NODES}")));
            }
        }
    }
}

/// What became of `/version`, as an observation.
fn answered(silence: Silence) -> Seen<Heard<ApiAnswer>> {
    match silence {
        Silence::NoReply(why) => Ok(Err(why)),
        Silence::Status { code: status @ (401 | 403), said, .. } => Ok(Ok(ApiAnswer::Unauthorized { status, said })),
        Silence::Status { code: status, said, .. } => Ok(Ok(ApiAnswer::Other { status, said })),
        Silence::Unusable(Unusable::Context { wanted, have }) => Ok(Ok(ApiAnswer::ContextMissing { wanted, have })),
        Silence::Unusable(Unusable::Other(why)) => Ok(Ok(ApiAnswer::KubeconfigUnusable { why })),
        Silence::Unusable(Unusable::Ours(why)) => Err(Unseen::unreadable("the Kubernetes API", why)),
    }
}

fn words(node: &core::Node) -> String {
    let node = seen(node.clone());
    let ready = if node.ready { "Ready" } else { "NotReady" };
    let cordoned = if node.cordoned { ", cordoned" } else { "" };
    let taints = node.taints.iter().map(|taint| format!(", {taint}")).collect::<String>();
    format!("{} {ready}{cordoned}{taints}", node.name)
}

fn seen(node: core::Node) -> Node {
    let spec = node.spec.unwrap_or_default();
    let status = node.status.unwrap_or_default();
    let condition = status.conditions.into_iter().flatten().find(|condition| condition.type_ == "Ready");
    let ready = condition.as_ref().is_some_and(|condition| condition.status == "True");
    let said = condition.map_or_else(
        || "no Ready condition".to_owned(),
        |it| {
            let said = [it.reason.unwrap_or_default(), it.message.unwrap_or_default()];
            said.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(": ")
        },
    );
    let taint = |taint: core::Taint| {
        let core::Taint { key, value, effect, .. } = taint;
        Taint { key, value: value.unwrap_or_default(), effect }
    };
    let internal = |address: core::NodeAddress| (address.type_ == "InternalIP").then_some(address.address);
    Node {
        name: node.metadata.name.unwrap_or_default(),
        ready,
        condition: said,
        cordoned: spec.unschedulable.unwrap_or(false),
        labels: node.metadata.labels.unwrap_or_default(),
        taints: spec.taints.into_iter().flatten().map(taint).collect(),
        allocatable: status.allocatable.into_iter().flatten().map(|(name, offered)| (name, offered.0)).collect(),
        addresses: status.addresses.into_iter().flatten().filter_map(internal).collect(),
        provider_id: spec.provider_id.unwrap_or_default(),
        pod_ranges: pod_ranges(spec.pod_cidrs, spec.pod_cidr),
        spared: None,
    }
}

/// The list has the single one as its first, where the API has lists.
fn pod_ranges(several: Option<Vec<String>>, single: Option<String>) -> Vec<ipnet::IpNet> {
    let several = several.filter(|several| !several.is_empty());
    let all = several.unwrap_or_else(|| single.into_iter().collect());
    all.iter().filter_map(|range| range.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;
    use ackcheck_core::config::{ClusterConfig, Config};
    use ackcheck_core::seat::NoReply;
    use ackcheck_core::seat::cluster::Ending;
    use ackcheck_core::secret::Scrubber;

    /// A seat on `server`, with a token.
    fn seat(server: &str) -> (Box<dyn Cluster>, tempfile::NamedTempFile, Journal) {
        seat_with(server, "CANARY-token")
    }

    fn seat_with(server: &str, token: &str) -> (Box<dyn Cluster>, tempfile::NamedTempFile, Journal) {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let file = tempfile::NamedTempFile::new().unwrap();
        let text = format!(
            "current-context: c\nclusters: [{{name: c, cluster: {{server: '{server}'}}}}]\n\
             users: [{{name: u, user: {{token: {token}}}}}]\ncontexts: [{{name: c, context: {{cluster: c, user: u}}}}]\n"
        );
        std::fs::write(file.path(), text).unwrap();
        let mut config = Config {
            cluster: Some(ClusterConfig { kubeconfig: file.path().to_owned(), ..ClusterConfig::default() }),
            ..Config::default()
        };
        config.limits.connect = Duration::from_millis(300);
        config.limits.request = Duration::from_millis(600);
        let journal = Journal::new(Scrubber::default());
        let kubernetes = Kubernetes::new(Arc::new(config), journal.scrubber()).unwrap();
        (open(&kubernetes, journal.clone()).unwrap(), file, journal)
    }

    /// Answers every connection with these bytes after its request, and keeps it open.
    async fn server(bytes: &'static [u8]) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let mut kept = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = [0; 2048];
                let _ = stream.read(&mut head).await;
                let _ = stream.write_all(bytes).await;
                kept.push(stream);
            }
        });
        address.to_string()
    }

    #[tokio::test]
    async fn tells_every_way_of_no_answer_apart() {
        let version = async |server: &str| {
            let (seat, _file, journal) = seat(server);
            let answer = seat.version().await.unwrap();
            let evidence = journal.take();
            assert!(!evidence.is_empty() && !format!("{evidence:?}").contains("CANARY"), "{evidence:?}");
            answer
        };
        let refused = version("https://127.0.0.1:1").await;
        assert!(matches!(refused, Err(NoReply::Refused { .. })), "{refused:?}");
        let nowhere = version("https://no-such-host.invalid:6443").await;
        assert!(matches!(nowhere, Err(NoReply::Unresolvable { .. })), "{nowhere:?}");
        let plain = server(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        let no_tls = version(&format!("https://{plain}")).await;
        assert!(matches!(no_tls, Err(NoReply::Tls { .. })), "{no_tls:?}");
        let silent = server(b"").await;
        let silence = version(&format!("http://{silent}")).await;
        assert!(matches!(silence, Err(NoReply::TimedOut { .. })), "{silence:?}");
        let garbage = server(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>").await;
        let garbled = version(&format!("http://{garbage}")).await;
        assert!(matches!(garbled, Err(NoReply::Garbled { .. })), "{garbled:?}");
        let html = server(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>").await;
        let other = version(&format!("http://{html}")).await;
        assert!(matches!(other, Ok(ApiAnswer::Other { status: 502, .. })), "{other:?}");
        let said = br#"HTTP/1.1 401 Unauthorized
Content-Length: 85

{"kind":"Status","status":"Failure","message":"Unauthorized","reason":"x","code":401}"#;
        let unauthorized = server(said).await;
        let answer = version(&format!("http://{unauthorized}")).await;
        assert!(matches!(answer, Ok(ApiAnswer::Unauthorized { status: 401, .. })), "{answer:?}");
    }

    /// A clock of this host that is wrong is not the token's fault.
    #[tokio::test]
    async fn the_servers_clock_decides_what_has_ended() {
        // {"exp":1735689600}, the end of 2024.
        let token = "e30.eyJleHAiOjE3MzU2ODk2MDB9.CANARY";
        let lifetimes = async |bytes: &'static [u8]| {
            let (seat, _file, journal) = seat_with(&format!("http://{}", server(bytes).await), token);
            let seen = seat.lifetimes().await.unwrap();
            let evidence = format!("{:?}", journal.take());
            assert!(
                evidence.contains("the token ends at 2025-01-01 00:00 UTC") && !evidence.contains("CANARY"),
                "{evidence}"
            );
            seen
        };
        let dated =
            lifetimes(b"HTTP/1.1 401 Unauthorized\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\nContent-Length: 0\r\n\r\n");
        let dated = dated.await;
        assert!(dated.by_server && dated.ended(&[Ending::Token]).is_none() && dated.ends_within(7).is_none());
        assert!(dated.ends_within(600).is_some(), "{dated:?}");
        let later = lifetimes(b"HTTP/1.1 200 OK\r\nDate: Fri, 03 Jan 2025 00:00:00 GMT\r\nContent-Length: 0\r\n\r\n");
        let later = later.await;
        assert!(later.ended(&[Ending::Token]).is_some() && later.ended(&[Ending::Authority]).is_none(), "{later:?}");
        let undated = lifetimes(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
        assert!(!undated.by_server && undated.ended(&[Ending::Token]).is_some(), "{undated:?}");
    }
}
