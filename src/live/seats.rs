//! Every seat on one deployment, and what the cases of a run share behind them.

use std::sync::Arc;

use async_trait::async_trait;

use super::store;
use super::store::{NoConnections, StoreRun};
use super::wire::Wire;
use crate::config::Config;
use crate::evidence::{Journal, Scrubber};
use crate::seat::{Cloud, Cluster, Dss, Host, Pod, Registry, Seats, Seen, Store};
use crate::verdict::{Broken, Unseen};

/// The seats of one run.
pub struct LiveSeats {
    store: Arc<StoreRun>,
    /// For what is asked when no case asks any more.
    after: Journal,
}

impl LiveSeats {
    /// Opens what all cases share. `run_id` is in the name of everything the run creates.
    pub fn open(config: Arc<Config>, scrubber: Scrubber, run_id: &str) -> Result<LiveSeats, Broken> {
        let wire = Wire::new(config)?;
        let store = Arc::new(StoreRun::new(wire, run_id, Arc::new(NoConnections)));
        Ok(LiveSeats { store, after: Journal::new(scrubber) })
    }
}

#[async_trait]
impl Seats for LiveSeats {
    fn host(&self, _journal: Journal) -> Seen<Box<dyn Host>> {
        Err(Unseen::not_described("not built yet"))
    }
    fn dss(&self, _journal: Journal) -> Seen<Box<dyn Dss>> {
        Err(Unseen::not_described("not built yet"))
    }
    fn cluster(&self, _journal: Journal) -> Seen<Box<dyn Cluster>> {
        Err(Unseen::not_described("not built yet"))
    }
    fn cloud(&self, _journal: Journal) -> Seen<Box<dyn Cloud>> {
        Err(Unseen::not_described("not built yet"))
    }
    fn store(&self, journal: Journal) -> Seen<Box<dyn Store>> {
        store::open(&self.store, journal)
    }
    fn registry(&self, _journal: Journal) -> Seen<Box<dyn Registry>> {
        Err(Unseen::not_described("not built yet"))
    }
    async fn nodes(&self, _journal: Journal) -> Seen<Vec<String>> {
        Err(Unseen::not_described("not built yet"))
    }
    fn pod(&self, _node: &str, _journal: Journal) -> Seen<Box<dyn Pod>> {
        Err(Unseen::not_described("not built yet"))
    }
    async fn clean_up(&self) -> Vec<String> {
        self.store.clean_up(&self.after).await
    }
}
