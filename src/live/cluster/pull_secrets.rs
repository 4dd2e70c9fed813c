//! Pull secrets, as the kubelet will read them.

use k8s_openapi::api::core::v1 as core;
use kube::Api;

use super::{Kubernetes, Silence, credential_helper};
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::cluster::pull_secrets::{
    AccountSecrets, AskedSecrets, GET_ACCOUNTS, GET_SECRETS, PullSecrets,
};
use ackcheck_core::seat::keyring::{self, PullSecret, SecretState};
use ackcheck_core::verdict::Unseen;

/// The most secrets that are read of a pod or an account, and the most accounts of a namespace; DSS's pods have fewer.
const MOST: usize = 16;

/// So many, or why they are not looked at.
pub(crate) fn few<'a>(names: &'a [String], what: &str) -> Seen<&'a [String]> {
    match names.len() {
        ..=MOST => Ok(names),
        many => Err(Unseen::unreadable(what, format!("there are {many}, and ackcheck does not read more than {MOST}"))),
    }
}

/// The secrets of a namespace that were asked for, by their names and those of accounts.
pub(super) async fn of_namespace(
    kubernetes: &Kubernetes,
    asked: AskedSecrets<'_>,
    journal: &Journal,
) -> Seen<PullSecrets> {
    let read = async |names: &[String]| -> Seen<Vec<PullSecret>> {
        let mut secrets = Vec::new();
        for name in few(names, "the pull secrets")? {
            let state = pull_secret(kubernetes, asked.namespace, name, journal, Vantage::Cluster).await;
            let rights = [GET_SECRETS.in_namespace(asked.namespace)];
            let state = match state.map_err(|silence| silence.unseen("the pull secrets", rights.clone()))? {
                SecretState::NotShown { why } => return Err(Unseen::denied(rights, why)),
                state => state,
            };
            secrets.push(PullSecret { name: name.clone(), state });
        }
        Ok(secrets)
    };
    let named = read(asked.names).await?;
    let mut of_accounts = Vec::new();
    for account in few(asked.accounts, "the service accounts of the pods")? {
        if let Some(names) = account_secrets(kubernetes, asked.namespace, account, journal).await? {
            of_accounts.push((account.clone(), read(&names).await?));
        }
    }
    let helper = match of_accounts.iter().all(|(_, secrets)| secrets.is_empty()) {
        true => Ok(None),
        false => credential_helper(kubernetes, journal, Vantage::Cluster).await,
    };
    Ok(PullSecrets { named, of_accounts, helper })
}

/// The names of an account's pull secrets; none where there is no such account.
async fn account_secrets(
    kubernetes: &Kubernetes,
    namespace: &str,
    account: &str,
    journal: &Journal,
) -> Seen<Option<Vec<String>>> {
    let asked = format!("GET serviceaccount {namespace}/{account}");
    let request = |client: kube::Client| {
        let (api, name): (Api<core::ServiceAccount>, _) = (Api::namespaced(client, namespace), account.to_owned());
        async move { api.get(&name).await }
    };
    let names = |account: &core::ServiceAccount| -> Vec<String> {
        account.image_pull_secrets.iter().flatten().map(|secret| secret.name.clone()).collect()
    };
    let told = |account: &core::ServiceAccount| AccountSecrets(&names(account)).to_string();
    match kubernetes.ask(journal, Vantage::Cluster, &asked, request, told).await {
        Ok(account) => Ok(Some(names(&account))),
        Err(Silence::Status { code: 404, .. }) => Ok(None),
        Err(silence) => Err(silence.unseen("the service accounts", [GET_ACCOUNTS.in_namespace(namespace)])),
    }
}

/// What one secret is. One that may not be read is told as such.
pub(crate) async fn pull_secret(
    kubernetes: &Kubernetes,
    namespace: &str,
    name: &str,
    journal: &Journal,
    vantage: Vantage,
) -> Result<SecretState, Silence> {
    let asked = format!("GET secret {namespace}/{name}");
    let request = |client: kube::Client| {
        let (api, name): (Api<core::Secret>, _) = (Api::namespaced(client, namespace), name.to_owned());
        async move { api.get(&name).await }
    };
    let told = |secret: &core::Secret| PullSecret { name: name.to_owned(), state: of(secret, journal) }.to_string();
    match kubernetes.ask(journal, vantage, &asked, request, told).await {
        Ok(secret) => Ok(of(&secret, journal)),
        Err(Silence::Status { code: 404, .. }) => Ok(SecretState::NotThere),
        Err(Silence::Status { code: 401 | 403, said, .. }) => Ok(SecretState::NotShown { why: said }),
        Err(silence) => Err(silence),
    }
}

fn of(secret: &core::Secret, journal: &Journal) -> SecretState {
    let data = |key: &str| secret.data.as_ref()?.get(key).map(|bytes| bytes.0.as_slice());
    keyring::read(secret.type_.as_deref().unwrap_or("Opaque"), data, journal.scrubber())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_read_is_not_passed_over() {
        let names = |many: usize| vec!["regcred".to_owned(); many];
        assert_eq!(few(&names(MOST), "the pull secrets").unwrap().len(), MOST);
        let why = few(&names(MOST + 1), "the pull secrets").unwrap_err().to_string();
        assert!(why.contains("the pull secrets") && why.contains("there are 17"), "{why}");
    }
}
