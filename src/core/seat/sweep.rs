//! What the ports of an address answered a node, and how that is known.

use std::fmt::{Display, Formatter};
use std::ops::Deref;
use std::sync::Arc;

use super::Swept;

/// What every port of a range answered one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeSweep {
    swept: Arc<Swept>,
    /// How it is known.
    pub basis: Basis,
}

/// How it is known what the ports answer a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Basis {
    /// The node dialled each of them.
    Dialled,
    /// The node dialled some, and each answered as it answered another node of its class, which dialled all of them.
    Class {
        /// How many the node dialled itself.
        dialled: usize,
        /// The node that dialled all of them.
        by: Arc<str>,
    },
}

impl NodeSweep {
    /// Of ports that the node dialled, each of them.
    pub fn dialled(swept: impl Into<Arc<Swept>>) -> NodeSweep {
        NodeSweep { swept: swept.into(), basis: Basis::Dialled }
    }

    /// Of ports that another node of its class dialled, and of which the node dialled so many itself.
    pub fn of_class(swept: Arc<Swept>, dialled: usize, by: Arc<str>) -> NodeSweep {
        NodeSweep { swept, basis: Basis::Class { dialled, by } }
    }
}

impl Deref for NodeSweep {
    type Target = Swept;

    fn deref(&self) -> &Swept {
        &self.swept
    }
}

impl Display for Basis {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Basis::Dialled => f.write_str("every port dialled from this node"),
            Basis::Class { dialled, by } => {
                write!(f, "{dialled} ports dialled from this node, each as from {by}, of its class, which dialled all")
            }
        }
    }
}

impl Display for NodeSweep {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self.basis {
            Basis::Dialled => self.swept.fmt(f),
            Basis::Class { .. } => write!(f, "{} ({})", self.swept, self.basis),
        }
    }
}
