//! How long the logins of pull secrets last.

use ackcheck_core::seat::Seen;
use ackcheck_core::seat::cluster::pull_secrets::PullSecrets;
use ackcheck_core::seat::keyring::{Login, PullSecret, SecretState};
use ackcheck_core::seat::temporary::{ACR_USER, Timestamp, password_ends};

use super::pods::PodPulls;

/// How long a login lasts, the shortest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lasts {
    Until(Timestamp),
    /// A temporary password that does not say until when.
    AnHour,
    /// Nothing in it says that it ends.
    Forever,
}

/// A login of a secret.
#[derive(Debug, Clone, Copy)]
pub(super) struct Longest<'a> {
    pub(super) secret: &'a str,
    pub(super) login: &'a Login,
    pub(super) lasts: Lasts,
    /// ACK's credential helper gives accounts such logins.
    pub(super) may_be_renewed: bool,
}

/// The secrets of a namespace.
pub(super) struct Secrets {
    all: PullSecrets,
    namespace: String,
}

impl Secrets {
    pub(super) fn new(all: PullSecrets, namespace: &str) -> Secrets {
        Secrets { all, namespace: namespace.to_owned() }
    }

    /// Of the logins that the kubelet takes for a pod's image the one that lasts longest.
    pub(super) fn longest_for(&self, pod: &PodPulls) -> Option<Longest<'_>> {
        let secrets: Vec<&PullSecret> = match &pod.secret {
            Some(name) => self.all.named.iter().filter(|secret| secret.name == *name).collect(),
            None => {
                let accounts = self.all.of_accounts.iter().filter(|(account, _)| *account == pod.account);
                accounts.flat_map(|(_, secrets)| secrets).collect()
            }
        };
        // The kubelet pulls nothing with a secret that it cannot read.
        if secrets.iter().any(|secret| matches!(secret.state, SecretState::Malformed { .. })) {
            return None;
        }
        let logins = secrets.into_iter().flat_map(|secret| {
            let logins = match &secret.state {
                SecretState::Logins(logins) => logins.as_slice(),
                _ => &[],
            };
            logins.iter().map(move |login| (secret, login))
        });
        let fitting = logins.filter(|(_, login)| login.is_complete() && login.fits(&pod.image));
        let lasting = fitting.map(|(secret, login)| Longest {
            secret: &secret.name,
            login,
            lasts: lasts(login),
            may_be_renewed: pod.secret.is_none() && login.username == ACR_USER,
        });
        lasting.max_by_key(|longest| longest.lasts)
    }

    /// Whether ACK's credential helper renews the secrets of a pod's account.
    pub(super) fn renewed(&self, pod: &PodPulls) -> Seen<bool> {
        let helper = self.all.helper.as_ref().map_err(Clone::clone)?;
        Ok(helper.as_ref().is_some_and(|helper| helper.serves(&self.namespace, &pod.account)))
    }
}

fn lasts(login: &Login) -> Lasts {
    match password_ends(&login.username, &login.password) {
        Some(end) => Lasts::Until(end),
        None if login.username == ACR_USER => Lasts::AnHour,
        None => Lasts::Forever,
    }
}

#[cfg(test)]
#[path = "lasting_tests.rs"]
mod tests;
