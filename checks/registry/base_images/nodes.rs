//! The processors of the nodes that DSS's pods are scheduled on.

use std::sync::Arc;

use ackcheck_core::context::Context;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::cluster::Node;
use ackcheck_core::seat::cluster::scheduling::Placement;
use ackcheck_core::seat::registry::Platform;
use ackcheck_core::verdict::Unseen;

use super::super::wanted::Wanted;

/// The nodes; none where the site file describes no cluster.
pub(super) struct Processors(Option<Arc<Vec<Node>>>);

/// A node that pods of an image can be scheduled on, and cannot run on.
pub(super) struct Misfit {
    pub(super) node: String,
    pub(super) architecture: String,
}

impl Processors {
    /// Asks the cluster.
    pub(super) async fn of(context: &Context) -> Seen<Processors> {
        let nodes = match context.cluster() {
            Ok(cluster) => cluster.nodes().await,
            Err(unseen) => Err(unseen),
        };
        match nodes {
            Ok(nodes) => Ok(Processors(Some(nodes))),
            Err(Unseen::NotDescribed(_)) => Ok(Processors(None)),
            Err(unseen) => Err(unseen),
        }
    }

    /// The first node that takes a pod of the image, whose processor the image is not for. A node that does not tell its
    /// processor is passed over: every kubelet labels its own.
    pub(super) fn misfit(&self, platforms: &[Platform], image: &Wanted) -> Option<Misfit> {
        let nodes = self.0.iter().flat_map(|nodes| nodes.iter());
        let takes = |node: &&Node| {
            let linux = node.labels.get("kubernetes.io/os").is_none_or(|os| os == "linux");
            let placed =
                |at: &Placement| at.selects(node) && at.untolerated(node).is_none_or(|taint| taint.is_of_a_state());
            linux && image.placements.iter().any(placed)
        };
        nodes.filter(takes).find_map(|node| {
            let architecture = node.labels.get("kubernetes.io/arch")?;
            let fits = |platform: &Platform| platform.os == "linux" && platform.architecture == *architecture;
            let misfit = Misfit { node: node.name.clone(), architecture: architecture.clone() };
            (!platforms.iter().any(fits)).then_some(misfit)
        })
    }
}
