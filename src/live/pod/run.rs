//! What the pods of one run share.

use std::sync::Arc;

use super::discover;
use super::dss_host::{HostDoor, HostForPods, InstanceSource};
use super::fleet::Fleet;
use super::greeting::Turns;
use super::line::Line;
use super::names::Names;
use super::pace::Pace;
use super::paths::{PullHosts, RegistryDoor};
use super::starts::Starts;
use super::sweeps::Sweeps;
use crate::cloud::Account;
use crate::cluster::Kubernetes;
use crate::store::StoreRun;
use crate::wire::Wire;
use ackcheck_core::evidence::Journal;
use ackcheck_core::seat::Seen;

/// The probe pods of one run: one a node, started once, and removed at the end whatever happened in between.
pub struct PodRun {
    pub(super) wire: Wire,
    pub(super) store: Arc<StoreRun>,
    pub(super) fleet: Arc<Fleet>,
    pub(super) starts: Arc<Starts>,
    pub(super) line: Line,
    pub(super) names: Names,
    pub(super) pace: Pace,
    pub(super) dss_host: HostForPods,
    pub(super) pull_hosts: PullHosts,
    pub(super) sweeps: Sweeps,
    pub(super) greetings: Turns,
}

/// The other seats that what is asked of pods takes.
pub struct Doors {
    pub host: HostDoor,
    pub registry: RegistryDoor,
}

impl PodRun {
    /// For a run with this id. `image` is what the registry seat says pods are given.
    pub fn new(
        kubernetes: Kubernetes,
        wire: Wire,
        run: &str,
        image: Seen<String>,
        store: Arc<StoreRun>,
        instance: Arc<dyn InstanceSource>,
        doors: Doors,
    ) -> Arc<PodRun> {
        let fleet = Arc::new(Fleet::new(kubernetes, run, image));
        let starts = Arc::new(Starts::new(fleet.clone()));
        let line = Line::new(fleet.clone(), starts.clone());
        let pace = Pace::new(&wire.config().limits);
        let dss_host = HostForPods::new(wire.config().clone(), instance, doors.host);
        let pull_hosts = PullHosts::new(doors.registry);
        Arc::new(PodRun {
            wire,
            store,
            fleet,
            starts,
            line,
            names: Names::default(),
            pace,
            dss_host,
            pull_hosts,
            sweeps: Sweeps::default(),
            greetings: Turns::new(),
        })
    }

    /// Takes note of every node that the run asks.
    pub fn knows_nodes(&self, nodes: &[String]) {
        self.sweeps.knows_nodes(nodes);
    }

    /// Has nodes sorted by the rules that this account shows.
    pub fn sorts_nodes_by(&self, account: Arc<Account>) {
        self.sweeps.sorts_nodes_by(account);
    }

    /// The nodes that take a pod, sorted; for accounts without the right to list them.
    pub(crate) async fn discover(&self, journal: &Journal) -> Seen<Vec<String>> {
        discover::discover(&self.fleet, &self.starts, journal).await
    }

    /// Removes every pod of the run, within `[limits] clean_up`, and says what it could not remove.
    pub async fn clean_up(&self, journal: &Journal) -> Vec<String> {
        self.fleet.clean_up(journal).await
    }
}
