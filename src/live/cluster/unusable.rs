//! Why a kubeconfig cannot be used, and whose fault that is.

/// Why a kubeconfig does not lead to a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// There is no such context; the ones there are.
    Context { wanted: String, have: Vec<String> },
    /// Anything else that kubectl refuses too, in words.
    Other(String),
    /// kubectl may take it, but ackcheck cannot: why.
    Ours(String),
}

impl Unusable {
    /// Names what it is about.
    pub(super) fn at(self, place: &str) -> Unusable {
        match self {
            Unusable::Other(why) => Unusable::Other(format!("{place}: {why}")),
            Unusable::Ours(why) => Unusable::Ours(format!("{place}: {why}")),
            context @ Unusable::Context { .. } => context,
        }
    }
}
