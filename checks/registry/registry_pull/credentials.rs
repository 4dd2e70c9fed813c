//! A pull that was refused: which of the pods' credentials the kubelet had for it.

use ackcheck_core::seat::keyring::{PullSecret, SecretState};
use ackcheck_core::seat::pull::{PullCause, PullFailure};
use ackcheck_core::seat::{Pod, Seen};
use ackcheck_core::verdict::{Finding, Unseen};

use super::findings::{
    HELPER_NOT_COVERING_NAMESPACE, NO_PULL_SECRET, SECRET_MALFORMED, SECRET_MISSING, SECRET_WITHOUT_HOST, UNAUTHORIZED,
};

/// What is wrong with the credentials of a pull that was refused, or that the kubelet did not begin.
pub(super) async fn blame(pod: &dyn Pod, failure: &PullFailure) -> Seen<Finding> {
    let (node, why) = (pod.node(), failure.why());
    if failure.pull_secrets.is_empty() {
        return without_secret(pod, &why).await;
    }
    let secrets = pod.pull_secrets(&failure.pull_secrets).await?;
    let fits = |secret: &&PullSecret| match &secret.state {
        SecretState::Logins(logins) => logins.iter().any(|login| login.is_complete() && login.fits(&failure.image)),
        _ => false,
    };
    let all = failure.pull_secrets.join(", ");
    let of = |secret: &PullSecret| format!("{node}: {why}; {secret}");
    let first = |wanted: fn(&SecretState) -> bool| secrets.iter().find(|secret| wanted(&secret.state));
    // One that cannot be read has the kubelet pull nothing, whatever the others hold.
    if let Some(secret) = first(|state| matches!(state, SecretState::Malformed { .. })) {
        let location = match &secret.state {
            SecretState::Malformed { location, .. } => location.clone(),
            _ => None,
        };
        let finding = SECRET_MALFORMED.found(of(secret)).with("secret", &secret.name);
        return Ok(finding.with("location", location.unwrap_or_else(|| "REGISTRY".to_owned())));
    }
    let malformed = || {
        let finding = SECRET_MALFORMED.found(format!("{node}, with the pull secret {all}: {why}"));
        finding.with("secret", &all).with("location", "REGISTRY")
    };
    if failure.cause() == PullCause::SecretMalformed {
        return Ok(malformed());
    }
    if let Some(secret) = secrets.iter().find(fits) {
        // Whoever asked did not have it yet, or was another's registry: its password was not tried.
        if failure.cause() == PullCause::AnonymousRefused {
            let told = format!("it asked without credentials, although {secret} is there: {why}");
            return Err(Unseen::unreadable(format!("the pull on {node}"), told));
        }
        let finding = UNAUTHORIZED.found(format!("{node}, with the pull secret {}: {why}", secret.name));
        return Ok(finding.with("secret", &secret.name));
    }
    if let Some(secret) = first(|state| matches!(state, SecretState::NotThere)) {
        return Ok(SECRET_MISSING.found(of(secret)).with("secret", &secret.name));
    }
    if let Some(secret) = first(|state| matches!(state, SecretState::PassedOver { .. })) {
        let finding = SECRET_MALFORMED.found(of(secret)).with("secret", &secret.name);
        return Ok(finding.with("location", "REGISTRY"));
    }
    if first(|state| matches!(state, SecretState::NotShown { .. })).is_some() {
        return Ok(by_words_alone(failure, node, &all));
    }
    let told = secrets.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    let finding = SECRET_WITHOUT_HOST.found(format!("{node}: {why}; {told}"));
    Ok(finding.with("secret", failure.pull_secrets.first().cloned().unwrap_or_default()).with("logins", told))
}

/// The account may not read the secrets: what the kubelet says of them is all there is.
fn by_words_alone(failure: &PullFailure, node: &str, all: &str) -> Finding {
    let why = failure.why();
    let seen = format!("{node}, with the pull secret {all}, which ackcheck is not allowed to read: {why}");
    match (failure.not_retrieved.first(), failure.cause()) {
        (Some(missing), _) => SECRET_MISSING.found(seen).with("secret", missing),
        (None, PullCause::AnonymousRefused) => {
            let told = "ackcheck is not allowed to read it, and the node asked without credentials";
            SECRET_WITHOUT_HOST.found(seen).with("secret", all).with("logins", told)
        }
        (None, _) => UNAUTHORIZED.found(seen).with("secret", all),
    }
}

async fn without_secret(pod: &dyn Pod, why: &str) -> Seen<Finding> {
    let node = pod.node();
    match pod.credential_helper().await? {
        Some(helper) if !helper.covers(&pod.namespace()) => {
            let serves = helper.watch_namespaces.join(", ");
            let accounts = helper.service_accounts.join(", ");
            let seen = format!("{node}: {why}; the helper covers {accounts} in {serves}");
            let finding = HELPER_NOT_COVERING_NAMESPACE.found(seen);
            Ok(finding.with("serves", serves).with("accounts", accounts))
        }
        _ => Ok(NO_PULL_SECRET.found(format!("{node}: {why}"))),
    }
}
