//! ACK's credential helper, read from its ConfigMap.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1 as core;
use kube::Api;

use super::{Kubernetes, Silence};
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::pod::{CredentialHelper, HELPER_CONFIGURATION};

/// Where the add-on keeps its configuration.
const NAMESPACE: &str = "kube-system";
const CONFIG_MAP: &str = "acr-configuration";

/// The add-on's configuration; none if it is not installed.
pub(crate) async fn credential_helper(
    kubernetes: &Kubernetes,
    journal: &Journal,
    vantage: Vantage,
) -> Seen<Option<CredentialHelper>> {
    let asked = format!("GET configmap {NAMESPACE}/{CONFIG_MAP}");
    let request = |client: kube::Client| {
        let api: Api<core::ConfigMap> = Api::namespaced(client, NAMESPACE);
        async move { api.get(CONFIG_MAP).await }
    };
    let told = |map: &core::ConfigMap| read(map.data.as_ref().unwrap_or(&BTreeMap::new())).to_string();
    match kubernetes.ask(journal, vantage, &asked, request, told).await {
        Ok(map) => Ok(Some(read(&map.data.unwrap_or_default()))),
        Err(Silence::Status { code: 404, .. }) => Ok(None),
        Err(silence) => Err(silence.unseen("ACK's credential helper", [HELPER_CONFIGURATION])),
    }
}

fn read(data: &BTreeMap<String, String>) -> CredentialHelper {
    let list = |key: &str| {
        let text = data.get(key).map(|text| text.trim()).filter(|text| !text.is_empty()).unwrap_or("default");
        text.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
    };
    CredentialHelper { watch_namespaces: list("watch-namespace"), service_accounts: list("service-account") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serves_the_default_namespace_unless_told_otherwise() {
        let helper = read(&BTreeMap::new());
        assert!(helper.covers("default") && !helper.covers("dss"));
        let told = BTreeMap::from([
            ("watch-namespace".to_owned(), "default, dss".to_owned()),
            ("service-account".to_owned(), "*".to_owned()),
        ]);
        assert!(read(&told).covers("dss") && !read(&told).covers("spark"));
    }
}
