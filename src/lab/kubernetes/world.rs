//! The cluster's section of the world, `fixtures/lab/kubernetes.json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::world::Section;

/// `/kubernetes`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KubernetesWorld {
    #[serde(rename = "comment")]
    _comment: String,
    /// `v1.32.1-aliyun.1`.
    pub(crate) version: String,
    /// The account of the kubeconfig's certificate.
    pub(crate) account: Identity,
    /// What the account is allowed to do.
    pub(crate) rules: Vec<RbacRule>,
    /// What it is not allowed to do, whatever the rules say.
    pub(crate) denied: Vec<DeniedRule>,
    /// Bearer tokens besides the certificate.
    pub(crate) tokens: Vec<Token>,
    /// How many requests are answered 429 before the first that succeeds.
    pub(crate) throttled_requests: u32,
    pub(crate) namespaces: Vec<String>,
    /// Namespaces that are being deleted.
    pub(crate) terminating: Vec<String>,
    pub(crate) quotas: Vec<Quota>,
    pub(crate) limit_ranges: Vec<LimitRange>,
    /// As they are applied, with what they refer to; those of Kubernetes without their kind. Nothing enforces them.
    pub(crate) network_policies: Vec<serde_json::Value>,
    /// The groups of others that there are definitions of: `cilium.io`, `crd.projectcalico.org`.
    pub(crate) policy_groups: Vec<String>,
    pub(crate) pod_security: Vec<PodSecurity>,
    pub(crate) refusals: Vec<WebhookRefusal>,
    pub(crate) silent_webhooks: Vec<SilentWebhook>,
    pub(crate) sidecars: Vec<Sidecar>,
    pub(crate) image_rewrites: Vec<ImageRewrite>,
    pub(crate) unready: Vec<Unready>,
    /// Nodes, or `*`.
    pub(crate) cordoned: Vec<String>,
    pub(crate) taints: Vec<Taint>,
    pub(crate) architecture: Vec<NodeArchitecture>,
    pub(crate) broken_nodes: Vec<BrokenNode>,
    pub(crate) capacity: Capacity,
    pub(crate) pull_secrets: Vec<PullSecret>,
    pub(crate) pull_failures: Vec<PullFailure>,
    pub(crate) mirrors: Vec<Mirror>,
    pub(crate) clocks: Vec<NodeClock>,
    pub(crate) credential_helper: CredentialHelper,
    pub(crate) kubeconfig: Kubeconfig,
}

impl Section for KubernetesWorld {
    const NAME: &'static str = "kubernetes";
}

impl KubernetesWorld {
    /// The architecture of a node.
    pub(crate) fn architecture(&self, node: &str) -> Architecture {
        self.architecture.iter().find(|entry| about(&entry.node, node)).map_or(Architecture::Amd64, |entry| entry.is)
    }
}

/// A user of the API, as authentication makes it out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Identity {
    pub(crate) name: String,
    pub(crate) groups: Vec<String>,
}

/// An RBAC rule bound to the account. `*` is any verb or resource.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RbacRule {
    pub(crate) verbs: Vec<String>,
    pub(crate) group: String,
    pub(crate) resources: Vec<String>,
    /// Where; the whole cluster where null.
    pub(crate) namespace: Option<String>,
    /// `resourceNames`: the objects it is about; all where empty.
    #[serde(default)]
    pub(crate) names: Vec<String>,
}

/// A permission that is taken away. `*` is any.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeniedRule {
    pub(crate) verb: String,
    pub(crate) group: String,
    pub(crate) resource: String,
    #[serde(default = "any")]
    pub(crate) namespace: String,
}

/// A bearer token and whose it is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Token {
    pub(crate) token: String,
    pub(crate) account: Identity,
}

/// A ResourceQuota.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Quota {
    pub(crate) namespace: String,
    pub(crate) name: String,
    /// `{"pods": "0"}`; also `requests.cpu`, `limits.memory`, ….
    pub(crate) hard: BTreeMap<String, String>,
}

/// A LimitRange on containers, in Kubernetes quantities by resource.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitRange {
    pub(crate) namespace: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) min: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) max: BTreeMap<String, String>,
    /// The limits, and requests, of a container that has none.
    #[serde(default)]
    pub(crate) default: BTreeMap<String, String>,
}

/// An admission webhook that does not answer, and must.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SilentWebhook {
    pub(crate) namespace: String,
    pub(crate) webhook: String,
}

/// A container that a webhook adds to every pod, unless its annotations ask to be left alone; or to every pod that has a
/// label, whatever its annotations say.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sidecar {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) image: String,
    /// It is an init container.
    pub(crate) init: bool,
    #[serde(default)]
    pub(crate) with_label: Option<String>,
}

/// A webhook that has images pulled from another registry: those with `image` in their name.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImageRewrite {
    pub(crate) namespace: String,
    pub(crate) image: String,
    pub(crate) registry: String,
}

/// What a namespace enforces (`pod-security.kubernetes.io/enforce`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PodSecurity {
    pub(crate) namespace: String,
    pub(crate) level: Level,
}

/// A Pod Security standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Level {
    Baseline,
    Restricted,
}

/// An admission webhook that refuses every pod of a namespace.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookRefusal {
    pub(crate) namespace: String,
    pub(crate) webhook: String,
    pub(crate) message: String,
}

/// A node whose kubelet reports that it is not ready, or reports nothing.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unready {
    pub(crate) node: String,
    pub(crate) reason: UnreadyReason,
    pub(crate) message: String,
}

/// A taint of a node.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Taint {
    pub(crate) node: String,
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) effect: TaintEffect,
}

/// A node of another architecture than `amd64`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NodeArchitecture {
    pub(crate) node: String,
    pub(crate) is: Architecture,
}

/// Why a node is not ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum UnreadyReason {
    /// Its kubelet says so: the condition is False.
    KubeletNotReady,
    /// Its kubelet says nothing: the condition is Unknown.
    NodeStatusUnknown,
}

impl UnreadyReason {
    /// As the node's condition writes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            UnreadyReason::KubeletNotReady => "KubeletNotReady",
            UnreadyReason::NodeStatusUnknown => "NodeStatusUnknown",
        }
    }
}

/// What a taint does to pods that do not tolerate it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) enum TaintEffect {
    NoSchedule,
    PreferNoSchedule,
    NoExecute,
}

/// The architecture of a node's processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Architecture {
    Amd64,
    Arm64,
}

impl Architecture {
    /// As labels and images write it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Architecture::Amd64 => "amd64",
            Architecture::Arm64 => "arm64",
        }
    }
}

/// A node on which containers do not start.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BrokenNode {
    pub(crate) node: String,
    pub(crate) how: Breakage,
    pub(crate) message: String,
}

/// What a broken node does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Breakage {
    /// `FailedCreatePodSandBox`, again and again.
    Sandbox,
    /// `RunContainerError`.
    Container,
    /// The kubelet ignores new pods.
    Deaf,
}

/// What every node offers to pods, in Kubernetes quantities.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Capacity {
    pub(crate) cpu: String,
    pub(crate) memory: String,
    pub(crate) pods: String,
}

/// A `kubernetes.io/dockerconfigjson` secret for the deployment's registry. Name and password are those of
/// `/deployment/registry_user` where null.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PullSecret {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) username: Option<String>,
    pub(crate) password: Option<String>,
    /// The service accounts it is attached to.
    pub(crate) service_accounts: Vec<String>,
    /// Its type, where it is another.
    #[serde(default)]
    pub(crate) kind: Option<String>,
    /// The location of its only login, where that is not the deployment's registry.
    #[serde(default)]
    pub(crate) location: Option<String>,
    /// Its `auth` as it stands there, where that is not base64 of name and password.
    #[serde(default)]
    pub(crate) auth: Option<String>,
    /// The service accounts name it, and it is not there.
    #[serde(default)]
    pub(crate) absent: bool,
}

/// A node whose runtime fails every pull with these words, as they were recorded; `{image}` in them is the image.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PullFailure {
    pub(crate) node: String,
    pub(crate) said: String,
}

/// A node whose containerd asks another host in every registry's place, and what that answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mirror {
    pub(crate) node: String,
    pub(crate) host: String,
    pub(crate) status: u16,
}

/// A node whose clock is this many days ahead, or behind.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NodeClock {
    pub(crate) node: String,
    pub(crate) days_ahead: i64,
}

/// ACK's credential helper: it attaches a pull secret of its own to these service accounts of these namespaces.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CredentialHelper {
    /// Namespaces, or `all`; empty if the add-on is not installed.
    pub(crate) watch_namespaces: Vec<String>,
    /// Service accounts, or `*`.
    pub(crate) service_accounts: Vec<String>,
}

/// What is wrong with the DSS account's kubeconfig.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kubeconfig {
    pub(crate) form: KubeconfigForm,
    /// The name of its only context.
    pub(crate) context: String,
    pub(crate) authority: KubeconfigAuthority,
    pub(crate) certificate: KubeconfigCertificate,
    pub(crate) server: ServerState,
}

/// What the kubeconfig file looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum KubeconfigForm {
    Whole,
    /// Cut in the middle of a line.
    NotYaml,
    /// Its context names a user that is not in it.
    NoUser,
    /// Credentials come from a command that is not on the host.
    ExecMissing,
    /// Credentials come from a command of an interface that kubectl no longer has.
    ExecOld,
    /// The file does not exist.
    Missing,
}

/// The authority that the kubeconfig trusts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum KubeconfigAuthority {
    Cluster,
    /// That of another cluster.
    Other,
    /// The cluster's own, whose last day is past.
    Expired,
}

/// The client certificate of the kubeconfig.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum KubeconfigCertificate {
    Valid,
    /// Its last day is past.
    Expired,
    /// Its last day is near.
    Ending,
    /// A token instead, whose end is past.
    ExpiredToken,
    /// Issued by another cluster's authority.
    Unknown,
    /// No credentials at all.
    None,
}

/// What the API server's port does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ServerState {
    Listening,
    /// Nothing listens on its port.
    Closed,
    /// Connections are accepted and never answered.
    Silent,
}

fn any() -> String {
    "*".to_owned()
}

/// Whether an entry for `pattern` (a name, or `*`) is about `name`.
pub(crate) fn about(pattern: &str, name: &str) -> bool {
    pattern == "*" || pattern == name
}
