//! The cluster behind the API: what its handlers read and change.

use std::sync::Arc;

use super::access::Access;
use super::exec::Nodes;
use super::objects::Objects;
use super::world::KubernetesWorld;
use crate::world::Deployment;

/// The cluster.
pub(crate) struct Cluster {
    pub(crate) world: KubernetesWorld,
    pub(crate) deployment: Deployment,
    pub(crate) objects: Arc<Objects>,
    pub(crate) nodes: Arc<dyn Nodes>,
    pub(crate) access: Access,
}
