//! The pull secrets of the pods, as the kubelet will read them.

use k8s_openapi::api::core::v1 as core;
use kube::Api;

use super::fleet::Fleet;
use crate::cluster::Silence;
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::keyring::{self, PullSecret, SecretState};
use ackcheck_core::seat::pod::GET_SECRETS;

/// Secrets that are read; a pod that names more is not one that DSS makes.
const MOST_SECRETS: usize = 16;

/// What each of these is. One that may not be read is told as such.
pub(super) async fn read(fleet: &Fleet, names: &[String], journal: &Journal) -> Seen<Vec<PullSecret>> {
    let mut read = Vec::new();
    for name in names.iter().take(MOST_SECRETS) {
        read.push(PullSecret { name: name.clone(), state: state(fleet, name, journal).await? });
    }
    Ok(read)
}

async fn state(fleet: &Fleet, name: &str, journal: &Journal) -> Seen<SecretState> {
    let namespace = fleet.namespace();
    let asked = format!("GET secret {namespace}/{name}");
    let request = |client: kube::Client| {
        let (api, name): (Api<core::Secret>, _) = (Api::namespaced(client, &namespace), name.to_owned());
        async move { api.get(&name).await }
    };
    let told = |secret: &core::Secret| PullSecret { name: name.to_owned(), state: of(secret, journal) }.to_string();
    match fleet.kubernetes.ask(journal, Vantage::Node, &asked, request, told).await {
        Ok(secret) => Ok(of(&secret, journal)),
        Err(Silence::Status { code: 404, .. }) => Ok(SecretState::NotThere),
        Err(Silence::Status { code: 401 | 403, said, .. }) => Ok(SecretState::NotShown { why: said }),
        Err(silence) => Err(silence.unseen("the pull secrets", [fleet.kubernetes.of_probes(GET_SECRETS)])),
    }
}

fn of(secret: &core::Secret, journal: &Journal) -> SecretState {
    let data = |key: &str| secret.data.as_ref()?.get(key).map(|bytes| bytes.0.as_slice());
    keyring::read(secret.type_.as_deref().unwrap_or("Opaque"), data, journal.scrubber())
}
