//! What a check declares: a value, with typed edges to the checks it depends on.

use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::context::Context;
use crate::fault::Fault;
use crate::place::{Stage, Vantage};
use crate::seat::dss::HadoopConnection;
use crate::seat::operation::Operation;
use crate::seat::{self, Cloud, Cluster, Dss, Host, Pod, Registry, Store};
use crate::subject::Each;
use crate::verdict::{Code, Judgement};

/// A check.
pub struct Check {
    /// The folder's name, hyphened: `oss-write`.
    pub id: &'static str,
    /// A claim, true when it passes: "DSS can write to the bucket".
    pub title: &'static str,
    pub stage: Stage,
    /// What it depends on: it is blocked if one of these failed.
    pub needs: &'static [&'static Check],
    /// The operations of its seat that others must allow besides the list of nodes.
    pub uses: &'static [&'static Operation],
    /// For one case, seats' own limits included.
    pub deadline: Duration,
    /// Every way it can fail, by name.
    pub findings: &'static [&'static Code],
    /// `include_str!("remedy.md")`: one `## code` section a finding.
    pub remedy: &'static str,
    /// Broken deployments, and the finding each must bring.
    pub trials: &'static [Trial],
    pub judge: Judge,
}

/// How a check judges; its vantage, and what it has one case for each of, follow from the function's type.
///
/// A check whose claim is about two vantages is judged from the first, and opens the second in one line:
/// `let dss = context.dss()?;`.
#[derive(Clone, Copy)]
pub enum Judge {
    Host(for<'a> fn(&'a Context, &'a dyn Host) -> BoxFuture<'a, Judgement>),
    Dss(for<'a> fn(&'a Context, &'a dyn Dss) -> BoxFuture<'a, Judgement>),
    Cluster(for<'a> fn(&'a Context, &'a dyn Cluster) -> BoxFuture<'a, Judgement>),
    Cloud(for<'a> fn(&'a Context, &'a dyn Cloud) -> BoxFuture<'a, Judgement>),
    Registry(for<'a> fn(&'a Context, &'a dyn Registry) -> BoxFuture<'a, Judgement>),
    /// Asked once per node, from a pod on it.
    EachNode(for<'a> fn(&'a Context, &'a dyn Pod) -> BoxFuture<'a, Judgement>),
    /// Asked once per node (the last argument), of the Kubernetes API.
    EachNodeOfCluster(for<'a> fn(&'a Context, &'a dyn Cluster, &'a str) -> BoxFuture<'a, Judgement>),
    /// Asked once per namespace (the last argument) that DSS works in, of the Kubernetes API.
    EachNamespace(for<'a> fn(&'a Context, &'a dyn Cluster, &'a str) -> BoxFuture<'a, Judgement>),
    /// Asked once per connection of DSS to OSS.
    EachConnection(for<'a> fn(&'a Context, &'a dyn Dss, &'a HadoopConnection) -> BoxFuture<'a, Judgement>),
    /// Asked once per connection or bucket that the site describes, with the key that DSS uses there.
    EachStore(for<'a> fn(&'a Context, &'a dyn Store) -> BoxFuture<'a, Judgement>),
    /// Asked once per image repository.
    EachRepository(for<'a> fn(&'a Context, &'a dyn Registry, &'a str) -> BoxFuture<'a, Judgement>),
}

impl Judge {
    /// Where it looks from.
    pub fn vantage(&self) -> Vantage {
        match self {
            Judge::Host(_) => Vantage::Host,
            Judge::Dss(_) | Judge::EachConnection(_) => Vantage::Dss,
            Judge::Cluster(_) | Judge::EachNodeOfCluster(_) | Judge::EachNamespace(_) => Vantage::Cluster,
            Judge::Cloud(_) => Vantage::Cloud,
            Judge::EachStore(_) => Vantage::Store,
            Judge::Registry(_) | Judge::EachRepository(_) => Vantage::Registry,
            Judge::EachNode(_) => Vantage::Node,
        }
    }

    /// What it has one case for each of; none if it has one case in all.
    pub fn each(&self) -> Option<Each> {
        match self {
            Judge::EachNode(_) | Judge::EachNodeOfCluster(_) => Some(Each::Node),
            Judge::EachNamespace(_) => Some(Each::Namespace),
            Judge::EachConnection(_) => Some(Each::Connection),
            Judge::EachStore(_) => Some(Each::Store),
            Judge::EachRepository(_) => Some(Each::Repository),
            Judge::Host(_) | Judge::Dss(_) | Judge::Cluster(_) | Judge::Cloud(_) | Judge::Registry(_) => None,
        }
    }
}

/// A broken deployment and the finding it must bring about, from this check alone.
pub struct Trial {
    /// What is broken, in words: "role lacks PutObject".
    pub name: &'static str,
    /// The finding of this check that it brings about.
    pub finding: &'static Code,
    pub faults: &'static [Fault],
}

impl Check {
    /// All that others must allow for it to be judged, with what that takes; an operation may come more than once.
    pub fn operations(&self) -> impl Iterator<Item = &'static Operation> {
        let nodes = match self.judge {
            Judge::EachNode(_) => Some(&seat::FIND_NODES),
            Judge::EachNodeOfCluster(_) => Some(&seat::cluster::LIST_NODES),
            _ => None,
        };
        nodes.into_iter().chain(self.uses.iter().copied()).flat_map(Operation::whole)
    }
    /// The code of a finding by name.
    pub fn finding(&self, name: &str) -> Option<&'static Code> {
        self.findings.iter().copied().find(|code| code.name == name)
    }
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Check").field(&self.id).finish()
    }
}
