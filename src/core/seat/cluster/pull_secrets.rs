//! The pull secrets of a namespace, as the kubelet takes them for DSS's pods.

use std::fmt::{Display, Formatter};

use super::super::Seen;
use super::super::credential_helper::{CredentialHelper, HELPER_CONFIGURATION};
use super::super::keyring::PullSecret;
use super::super::operation::{Need, Operation};
use crate::place::Vantage;
use crate::right::Right;

/// To read the service accounts of DSS's pods.
pub const GET_ACCOUNTS: Right = Right::of_namespaces("get", "", "serviceaccounts");
/// To read the pull secrets of DSS's pods.
pub const GET_SECRETS: Right = Right::of_namespaces("get", "", "secrets");

/// [`super::Cluster::pull_secrets`].
pub static PULL_SECRETS: Operation = Operation {
    needs: &[
        Need::of(GET_ACCOUNTS),
        Need::of(GET_SECRETS),
        Need::better_with(
            HELPER_CONFIGURATION,
            "whether ACK's credential helper renews the temporary password of a pull secret is not known",
        ),
    ],
    ..Operation::on(Vantage::Cluster, "Cluster::pull_secrets")
};

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct AskedSecrets<'a> {
    pub namespace: &'a str,
    /// Secrets by name.
    pub names: &'a [String],
    /// Service accounts whose secrets are asked for as well.
    pub accounts: &'a [String],
}

/// The secrets that were asked for.
#[derive(Debug, Clone)]
pub struct PullSecrets {
    /// Those asked for by name.
    pub named: Vec<PullSecret>,
    /// Those of each service account that is there.
    pub of_accounts: Vec<(String, Vec<PullSecret>)>,
    /// The add-on that renews the secrets of accounts; not asked for where there are none.
    pub helper: Seen<Option<CredentialHelper>>,
}

/// A service account names these secrets.
#[derive(Debug)]
pub struct AccountSecrets<'a>(pub &'a [String]);

impl Display for AccountSecrets<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            [] => f.write_str("it has no pull secrets"),
            names => write!(f, "its pull secrets are {}", names.join(", ")),
        }
    }
}
