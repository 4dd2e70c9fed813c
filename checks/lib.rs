//! The catalogue: what must hold. The areas, in the order they are asked.

use ackcheck_core::catalogue::{AreaChecks, Catalogue};
use ackcheck_core::place::Area;

mod cluster;
mod dss;
mod hadoop;
mod host;
mod network;
mod registry;
mod spark;
mod storage;

#[cfg(test)]
mod laws;

/// Every check of the program.
pub static CATALOGUE: Catalogue = Catalogue {
    areas: &[
        AreaChecks { area: Area::Host, checks: host::CHECKS },
        AreaChecks { area: Area::Network, checks: network::CHECKS },
        AreaChecks { area: Area::Cluster, checks: cluster::CHECKS },
        AreaChecks { area: Area::Registry, checks: registry::CHECKS },
        AreaChecks { area: Area::Storage, checks: storage::CHECKS },
        AreaChecks { area: Area::Hadoop, checks: hadoop::CHECKS },
        AreaChecks { area: Area::Spark, checks: spark::CHECKS },
        AreaChecks { area: Area::Dss, checks: dss::CHECKS },
    ],
};
