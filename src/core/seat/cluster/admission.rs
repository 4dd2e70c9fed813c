//! What the API makes of a pod that it is asked to create, before it is created.

use std::fmt::{Display, Formatter, Result};

use super::scheduling::Placement;
use crate::seat::dss::containers::ConfigurationKind;
use crate::seat::dss::pods::PodOfDss;

/// What became of a dry run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// The pod would be created.
    Admitted(Admitted),
    /// It would not.
    Refused(Refused),
}

/// A pod as admission left it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Admitted {
    /// What decides where it is scheduled, all containers counted.
    pub placement: Placement,
    /// The image that DSS's own container is left with.
    pub image: String,
    /// The containers, init containers among them, that were not sent, each as `NAME (IMAGE)`.
    pub added: Vec<String>,
    /// What else is not as it was sent, in words.
    pub changes: Vec<String>,
}

/// A refusal, as the `Status` has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refused {
    pub code: u16,
    pub said: String,
}

impl Display for Admission {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Admission::Refused(Refused { code, said }) => write!(f, "{code} {said}"),
            Admission::Admitted(Admitted { image, added, changes, .. }) => {
                write!(f, "admitted, with the image {image}")?;
                added.iter().try_for_each(|container| write!(f, "\nadded: container {container}"))?;
                changes.iter().try_for_each(|change| write!(f, "\n{change}"))
            }
        }
    }
}

/// The name of the container that DSS's image runs in: of its own jobs, and of Spark's executors.
pub fn own_container(kind: ConfigurationKind) -> &'static str {
    match kind {
        ConfigurationKind::Container => "c",
        ConfigurationKind::Spark => "spark-kubernetes-executor",
    }
}

/// A pod of DSS that is to be tried in a namespace.
#[derive(Debug, Clone, Copy)]
pub struct Trial<'a> {
    pub namespace: &'a str,
    pub pod: &'a PodOfDss,
    /// The image of its container.
    pub image: &'a str,
    /// With a security context that gives up all that a pod can give up. Whether DSS writes one is not known.
    pub confined: bool,
}
