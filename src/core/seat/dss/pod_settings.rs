//! What a container or Spark configuration says of its pods.

use crate::seat::cluster::scheduling::{Placement, Resources};

/// What a configuration says of its pods, and leaves out where it is silent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PodSettings {
    pub placement: Placement,
    pub limits: Resources,
    /// DSS creates the namespace where there is none.
    pub creates_namespace: bool,
    /// What decides where its pods are scheduled and cannot be read here, in words.
    pub unclear: Vec<String>,
}
