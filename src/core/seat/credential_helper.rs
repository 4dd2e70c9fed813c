//! ACK's add-on for pull secrets.

use std::borrow::Cow;

use crate::right::{KubernetesRight, Right, Scope};

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
        self.serves(namespace, "default")
    }

    /// Whether it serves pods of a namespace that run as this service account.
    pub fn serves(&self, namespace: &str, account: &str) -> bool {
        self.watch_namespaces.iter().any(|watched| watched == "all" || watched == namespace)
            && self.service_accounts.iter().any(|served| served == "*" || served == account)
    }
}

/// To read the configuration of ACK's credential helper.
pub const HELPER_CONFIGURATION: Right = Right::Kubernetes(KubernetesRight {
    scope: Scope::Namespace(Cow::Borrowed("kube-system")),
    group: "",
    resource: "configmaps",
    name: Some("acr-configuration"),
    verb: "get",
});
