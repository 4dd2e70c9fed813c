//! A pod on one node: what holds there, seen from inside.

use std::net::IpAddr;

use async_trait::async_trait;

use super::store::StoreReply;
use super::{Heard, HttpReply, NameAnswer, Seen};
use crate::subject::Subject;

/// How far the probe pod came on its node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PodStart {
    /// It runs.
    Running,
    /// The API refused it, or the scheduler found no place: quota, admission, taints; with the API's words.
    NotScheduled { why: String },
    /// The kubelet could not start it for another reason than its image: sandbox, container creation.
    NotStarted { why: String },
    /// The image did not come; the kubelet's words, and the pull secrets the pod had, comma-separated.
    NotPulled { why: String, pull_secret: Option<String> },
    /// The image came or was found, but it is not of the node's architecture.
    WrongPlatform { why: String },
}

/// What a port answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PortState {
    /// Accepted.
    Open,
    /// Refused with a reset: the packet arrived. As good as open for reachability.
    Closed,
    /// Silence.
    Filtered,
    /// An ICMP answer said that it may not pass, or that there is no route.
    Unreachable,
}

/// A range of ports, both ends included, in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortRange {
    pub first: u16,
    pub last: u16,
    pub state: PortState,
}

/// What a sweep of ports brought: every port asked is in exactly one range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sweep {
    pub address: IpAddr,
    pub ranges: Vec<PortRange>,
}

/// The DSS host as pods are to reach it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DssHost {
    /// The name or address pods are given.
    pub name: String,
    /// Where that name comes from: `host.name in ackcheck.toml`, `DKU_BACKEND_EXT_HOST`, `hostname -f`.
    pub origin: String,
    /// Its own addresses.
    pub addresses: Vec<IpAddr>,
    /// The backend's port (base port + 1), where DSS is described.
    pub backend_port: Option<u16>,
    /// The product version of DSS, where it is described.
    pub version: Option<String>,
}

/// ACK's add-on that gives service accounts a pull secret (`aliyun-acr-credential-helper`), as its ConfigMap
/// `kube-system/acr-configuration` sets it up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialHelper {
    /// `watch-namespace`: the namespaces it serves, or `all`; `default` where the ConfigMap does not say.
    pub watch_namespaces: Vec<String>,
    /// `service-account`: the accounts it serves, or `*`; `default` where the ConfigMap does not say.
    pub service_accounts: Vec<String>,
}

impl CredentialHelper {
    /// Whether it serves pods of a namespace that run as its `default` service account.
    pub fn covers(&self, namespace: &str) -> bool {
        self.watch_namespaces.iter().any(|watched| watched == "all" || watched == namespace)
            && self.service_accounts.iter().any(|account| account == "*" || account == "default")
    }
}

/// One object written, read back and deleted from the pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundTrip {
    /// The connection or bucket.
    pub subject: Subject,
    pub bucket: String,
    pub endpoint: String,
    pub put: Heard<StoreReply>,
    /// None where the put did not succeed.
    pub get: Option<Heard<StoreReply>>,
    pub delete: Option<Heard<StoreReply>>,
    /// What was written.
    pub written: String,
    /// How long the three took together.
    pub took: std::time::Duration,
}

/// A pod on one node. Its verbs are `NotDescribed` or `Broken` where the pod does not run.
#[async_trait]
pub trait Pod: Send + Sync {
    /// The node.
    fn node(&self) -> &str;
    /// The image reference the probe pod was given.
    fn image(&self) -> Seen<String>;
    /// The namespace it runs in.
    fn namespace(&self) -> String;
    /// Starts the probe pod, once a run, and says how far it came.
    async fn start(&self) -> Seen<PodStart>;
    /// ACK's credential helper, where it is installed and may be looked at.
    async fn credential_helper(&self) -> Seen<Option<CredentialHelper>>;
    /// The DSS host as pods are to reach it.
    async fn dss_host(&self) -> Seen<DssHost>;
    /// Resolves a name with the pod's own resolver.
    async fn resolve(&self, name: &str) -> Seen<NameAnswer>;
    /// Dials every port of the range; ports that seem filtered are asked again before they are called so.
    async fn sweep(&self, address: IpAddr, first: u16, last: u16) -> Seen<Sweep>;
    /// `GET` of a URL, no redirect followed. Where `trust_any` is set the certificate is not verified.
    async fn get(&self, url: &str, trust_any: bool) -> Seen<Heard<HttpReply>>;
    /// For each connection and bucket that can be asked: a put, a get and a delete by URLs the host signed, so that no key
    /// enters the cluster.
    async fn store_round_trips(&self) -> Seen<Vec<RoundTrip>>;
}
