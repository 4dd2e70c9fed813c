//! The cluster's section of the world, `fixtures/lab/kubernetes.json`.

use std::collections::BTreeMap;

use serde::Deserialize;

/// `/kubernetes`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KubernetesWorld {
    #[serde(rename = "comment")]
    _comment: String,
    /// `v1.32.1-aliyun.1`.
    pub version: String,
    /// Whom the kubeconfig's certificate names.
    pub account: Account,
    /// What the account may.
    pub rules: Vec<Rule>,
    /// What it may not, whatever the rules say.
    pub denied: Vec<Denial>,
    /// Bearer tokens besides the certificate.
    pub tokens: Vec<Token>,
    /// How many requests are answered 429 before the first that is not.
    pub throttled_requests: u32,
    pub namespaces: Vec<String>,
    pub quotas: Vec<Quota>,
    pub pod_security: Vec<PodSecurity>,
    pub refusals: Vec<Refusal>,
    pub unready: Vec<Unready>,
    /// Nodes, or `*`.
    pub cordoned: Vec<String>,
    pub taints: Vec<Taint>,
    pub architecture: Vec<Architecture>,
    pub broken_nodes: Vec<BrokenNode>,
    pub capacity: Capacity,
    pub pull_secrets: Vec<PullSecret>,
    pub credential_helper: CredentialHelper,
    pub kubeconfig: Kubeconfig,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    pub name: String,
    pub groups: Vec<String>,
}

/// An RBAC rule bound to the account. `*` is any verb or resource.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub verbs: Vec<String>,
    pub group: String,
    pub resources: Vec<String>,
    /// Where; the whole cluster where null.
    pub namespace: Option<String>,
    /// `resourceNames`: the objects it is about; all where empty.
    #[serde(default)]
    pub names: Vec<String>,
}

/// `*` is any.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Denial {
    pub verb: String,
    pub group: String,
    pub resource: String,
    #[serde(default = "any")]
    pub namespace: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    pub token: String,
    pub account: Account,
}

/// A ResourceQuota.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    pub namespace: String,
    pub name: String,
    /// `{"pods": "0"}`; also `requests.cpu`, `limits.memory`, ….
    pub hard: BTreeMap<String, String>,
}

/// What a namespace enforces (`pod-security.kubernetes.io/enforce`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PodSecurity {
    pub namespace: String,
    pub level: Level,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    Baseline,
    Restricted,
}

/// An admission webhook that refuses every pod of a namespace.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    pub namespace: String,
    pub webhook: String,
    pub message: String,
}

/// A node whose kubelet reports that it is not ready, or reports nothing.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unready {
    pub node: String,
    /// `KubeletNotReady` (the condition is False), `NodeStatusUnknown` (it is Unknown).
    pub reason: String,
    pub message: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taint {
    pub node: String,
    pub key: String,
    pub value: String,
    /// `NoSchedule`, `PreferNoSchedule`, `NoExecute`.
    pub effect: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Architecture {
    pub node: String,
    /// `amd64`, `arm64`.
    pub is: String,
}

/// A node on which containers do not start.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrokenNode {
    pub node: String,
    pub how: Breakage,
    pub message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Breakage {
    /// `FailedCreatePodSandBox`, again and again.
    Sandbox,
    /// `RunContainerError`.
    Container,
    /// The kubelet takes no notice of new pods.
    Deaf,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    pub cpu: String,
    pub memory: String,
    pub pods: String,
}

/// A `kubernetes.io/dockerconfigjson` secret for the deployment's registry. Name and password are those of
/// `/deployment/registry_user` where null.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PullSecret {
    pub namespace: String,
    pub name: String,
    pub username: Option<String>,
    pub password: Option<String>,
    /// The service accounts it is attached to.
    pub service_accounts: Vec<String>,
}

/// ACK's credential helper: it attaches a pull secret of its own to these service accounts of these namespaces.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialHelper {
    /// Namespaces, or `all`; empty where the add-on is not installed.
    pub watch_namespaces: Vec<String>,
    /// Service accounts, or `*`.
    pub service_accounts: Vec<String>,
}

/// What is wrong with the DSS account's kubeconfig.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kubeconfig {
    pub form: Form,
    /// The name of its only context.
    pub context: String,
    pub authority: Authority,
    pub certificate: Certificate,
    pub server: Server,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    Whole,
    /// Cut in the middle of a line.
    NotYaml,
    /// Its context names a user that is not in it.
    NoUser,
    /// Credentials come from a command that is not on the host.
    ExecMissing,
    /// Credentials come from a command that never ends.
    ExecHangs,
    /// There is no file.
    Missing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Authority {
    Cluster,
    /// That of another cluster.
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certificate {
    Valid,
    /// Its last day is past.
    Expired,
    /// Issued by another cluster's authority.
    Unknown,
    /// No credentials at all.
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Server {
    Listening,
    /// Nothing listens on its port.
    Closed,
    /// Connections are taken and never answered.
    Silent,
}

/// `/deployment`, as far as the cluster needs it; other services read other parts.
#[derive(Debug, Clone, Deserialize)]
pub struct DeploymentWorld {
    pub region: String,
    pub pod_network: String,
    pub cluster: ClusterWorld,
    pub nodes: Vec<NodeWorld>,
    pub registry_user: RegistryUser,
    /// `host/namespace`.
    pub repository: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct ClusterWorld {
    pub id: String,
    pub name: String,
    pub namespace: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct RegistryUser {
    pub name: String,
    pub password: String,
}

/// One node.
#[derive(Debug, Clone, Deserialize)]
pub struct NodeWorld {
    pub name: String,
    pub address: std::net::Ipv4Addr,
    pub zone: String,
    pub instance: String,
    pub pod_range: ipnet::Ipv4Net,
    /// Terway: the address of its first pod.
    pub pod_address: std::net::Ipv4Addr,
}

fn any() -> String {
    "*".to_owned()
}

/// Whether an entry for `pattern` (a name, or `*`) is about `name`.
pub(crate) fn about(pattern: &str, name: &str) -> bool {
    pattern == "*" || pattern == name
}
