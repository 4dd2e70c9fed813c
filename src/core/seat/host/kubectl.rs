//! The kubectl of the DSS host.

/// What answers to the name of kubectl there, and how the cluster answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kubectl {
    /// Nothing does.
    Missing,
    /// It is not kubectl, or prints more than kubectl: what it printed.
    Other { said: String },
    /// It is kubectl of this version (`v1.32.4`).
    Is { client: String, cluster: Reached },
}

/// How far kubectl gets with the site's kubeconfig.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reached {
    /// The cluster knows its account; the server's version where it tells one.
    In { server: Option<String> },
    /// kubectl refuses the kubeconfig, or does not get through, or the cluster refuses it: in kubectl's words.
    Refused { said: String },
}
