//! All a check may know besides the seat it judges from: the site, the time, its deadline, and a second seat where its
//! claim is about two vantages.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::config::Config;
use crate::evidence::Journal;
use crate::place::Vantage;
use crate::seat::{Cloud, Cluster, Dss, Host, Seats, Seen};

/// What one case of a check is given.
#[derive(Clone)]
pub struct Context {
    config: Arc<Config>,
    now: jiff::Timestamp,
    until: Instant,
    seats: Arc<dyn Seats>,
    journal: Journal,
}

impl Context {
    /// The seats that a check can open besides the one it judges from; it can use their operations too.
    pub const SECOND_SEATS: [Vantage; 4] = [Vantage::Host, Vantage::Dss, Vantage::Cluster, Vantage::Cloud];

    /// A context for a case that starts `now`, must end at `until`, and writes its evidence to `journal`.
    pub fn new(
        config: Arc<Config>,
        now: jiff::Timestamp,
        until: Instant,
        seats: Arc<dyn Seats>,
        journal: Journal,
    ) -> Context {
        Context { config, now, until, seats, journal }
    }

    /// The deployment as its owner describes it.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The time when the case started.
    pub fn now(&self) -> jiff::Timestamp {
        self.now
    }

    /// The time left to this case.
    pub fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// The region of the deployment, where the site says: `cn-hangzhou`.
    pub fn region(&self) -> Option<&str> {
        self.config.cloud.as_ref().and_then(|cloud| cloud.region.as_deref())
    }

    /// The DSS host, for a check that judges from elsewhere and needs to know of it.
    ///
    /// # Errors
    /// As [`Seats::host`].
    pub fn host(&self) -> Seen<Box<dyn Host>> {
        self.seats.host(self.journal.clone())
    }

    /// DSS itself, for a check that judges from elsewhere and needs to know of it.
    ///
    /// # Errors
    /// As [`Seats::dss`].
    pub fn dss(&self) -> Seen<Box<dyn Dss>> {
        self.seats.dss(self.journal.clone())
    }

    /// The Kubernetes API, for a check that judges from elsewhere and needs to know of it.
    ///
    /// # Errors
    /// As [`Seats::cluster`].
    pub fn cluster(&self) -> Seen<Box<dyn Cluster>> {
        self.seats.cluster(self.journal.clone())
    }

    /// The OpenAPI and the metadata, for a check that judges from elsewhere and needs to know of them.
    ///
    /// # Errors
    /// As [`Seats::cloud`].
    pub fn cloud(&self) -> Seen<Box<dyn Cloud>> {
        self.seats.cloud(self.journal.clone())
    }
}
