//! What one case of a check is about, where a check has more than one case.

use std::fmt;

/// The kinds of things that a check can have one case for each of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A node of the cluster.
    Node,
    /// A Hadoop connection of DSS.
    Connection,
    /// A bucket that the site file describes.
    Bucket,
    /// A namespace of the cluster.
    Namespace,
    /// An image repository.
    Repository,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 5] = [Kind::Node, Kind::Connection, Kind::Bucket, Kind::Namespace, Kind::Repository];

    /// The name reports print.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Node => "node",
            Kind::Connection => "connection",
            Kind::Bucket => "bucket",
            Kind::Namespace => "namespace",
            Kind::Repository => "repository",
        }
    }

    /// The name of several: `nodes`, `repositories`.
    pub fn plural(self) -> &'static str {
        match self {
            Kind::Node => "nodes",
            Kind::Connection => "connections",
            Kind::Bucket => "buckets",
            Kind::Namespace => "namespaces",
            Kind::Repository => "repositories",
        }
    }

    /// So many of them: `1 node`, `3 repositories`.
    pub fn counted(self, count: usize) -> String {
        format!("{count} {}", if count == 1 { self.name() } else { self.plural() })
    }
}

/// One thing that a case is about. Its name comes from the deployment, never from the run, so that cases of two runs
/// can be compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subject {
    pub kind: Kind,
    pub name: String,
}

impl Subject {
    /// The subject of this kind and name.
    pub fn new(kind: Kind, name: impl Into<String>) -> Subject {
        Subject { kind, name: name.into() }
    }
}

impl fmt::Display for Subject {
    /// A node by its name alone, `cn-hangzhou.10.0.1.11`; everything else with its kind, `connection oss_managed`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Node => f.write_str(&self.name),
            kind => write!(f, "{} {}", kind.name(), self.name),
        }
    }
}

/// What a check has one case for each of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Each {
    /// Each node that pods can run on.
    Node,
    /// Each place in the object store that the site describes: a connection of DSS or a bucket.
    Store,
    /// Each connection of DSS to OSS.
    Connection,
    /// Each namespace that DSS works in.
    Namespace,
    /// Each image repository.
    Repository,
}

impl Each {
    /// Every set of subjects.
    pub const ALL: [Each; 5] = [Each::Node, Each::Store, Each::Connection, Each::Namespace, Each::Repository];

    /// The kinds its subjects are of.
    pub fn kinds(self) -> &'static [Kind] {
        match self {
            Each::Node => &[Kind::Node],
            Each::Store => &[Kind::Connection, Kind::Bucket],
            Each::Connection => &[Kind::Connection],
            Each::Namespace => &[Kind::Namespace],
            Each::Repository => &[Kind::Repository],
        }
    }

    /// True if the two can have a subject in common, so that an edge between their checks joins the cases of the
    /// same subject.
    pub fn joins(self, other: Each) -> bool {
        self.kinds().iter().any(|kind| other.kinds().contains(kind))
    }

    /// What `ackcheck explain` says after the check's vantage.
    pub fn words(self) -> &'static str {
        match self {
            Each::Node => "once for each node",
            Each::Store => "once for each connection and bucket",
            Each::Connection => "once for each connection",
            Each::Namespace => "once for each namespace",
            Each::Repository => "once for each repository",
        }
    }

    /// What the list of them is called in messages.
    pub fn list(self) -> &'static str {
        match self {
            Each::Node => "the list of nodes",
            Each::Store => "the list of connections and buckets",
            Each::Connection => "the list of connections",
            Each::Namespace => "the list of namespaces",
            Each::Repository => "the list of repositories",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sets_that_share_a_kind_are_joined() {
        assert!(Each::Store.joins(Each::Connection) && Each::Connection.joins(Each::Store));
        assert!(Each::ALL.iter().all(|each| each.joins(*each)));
        assert!(!Each::Node.joins(Each::Store) && !Each::Namespace.joins(Each::Repository));
    }
}
