//! What a check is about, when it can be asked, and from where.

use std::fmt;

/// The part of the deployment a check is about; its folder under `checks/` and its suite in JUnit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Area {
    /// The ECS machine under DSS.
    Host,
    /// One VPC, every port, a name.
    Network,
    /// The ACK cluster.
    Cluster,
    /// The ACR registry.
    Registry,
    /// The OSS buckets.
    Storage,
    /// The Hadoop integration and its jars.
    Hadoop,
    /// Spark on the cluster.
    Spark,
    /// The DSS instance.
    Dss,
}

impl Area {
    /// Every area, in the order they are asked.
    pub const ALL: [Area; 8] =
        [Area::Host, Area::Network, Area::Cluster, Area::Registry, Area::Storage, Area::Hadoop, Area::Spark, Area::Dss];

    /// The name users type and reports print.
    pub fn name(self) -> &'static str {
        match self {
            Area::Host => "host",
            Area::Network => "network",
            Area::Cluster => "cluster",
            Area::Registry => "registry",
            Area::Storage => "storage",
            Area::Hadoop => "hadoop",
            Area::Spark => "spark",
            Area::Dss => "dss",
        }
    }
}

/// When a check can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// Needs nothing of DSS installed.
    Preflight,
    /// Needs an installed, running DSS.
    Acceptance,
}

impl Stage {
    /// The name users type and reports print.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Preflight => "preflight",
            Stage::Acceptance => "acceptance",
        }
    }
}

/// Where a check looks from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Vantage {
    /// The DSS host: its files, commands, names.
    Host,
    /// DSS itself: its data directory or its REST API.
    Dss,
    /// A pod, on each node.
    Node,
    /// The Kubernetes API.
    Cluster,
    /// Alibaba's OpenAPI and the ECS metadata.
    Cloud,
    /// The object store.
    Store,
    /// The image registry.
    Registry,
}

impl Vantage {
    /// The name reports print.
    pub fn name(self) -> &'static str {
        match self {
            Vantage::Host => "host",
            Vantage::Dss => "dss",
            Vantage::Node => "node",
            Vantage::Cluster => "cluster",
            Vantage::Cloud => "cloud",
            Vantage::Store => "store",
            Vantage::Registry => "registry",
        }
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
impl fmt::Display for Vantage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
