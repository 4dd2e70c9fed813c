//! The catalogue: what must hold. The areas, in the order they are asked.

use ackcheck::catalogue::{AreaChecks, Catalogue};
use ackcheck::place::Area;

mod cluster;
mod dss;
mod hadoop;
mod host;
mod network;
mod registry;
mod storage;

/// Every check of the program.
pub static CATALOGUE: Catalogue = Catalogue {
    areas: &[
        AreaChecks { area: Area::Host, checks: host::CHECKS },
        AreaChecks { area: Area::Network, checks: network::CHECKS },
        AreaChecks { area: Area::Cluster, checks: cluster::CHECKS },
        AreaChecks { area: Area::Registry, checks: registry::CHECKS },
        AreaChecks { area: Area::Storage, checks: storage::CHECKS },
        AreaChecks { area: Area::Hadoop, checks: hadoop::CHECKS },
        AreaChecks { area: Area::Dss, checks: dss::CHECKS },
    ],
};
