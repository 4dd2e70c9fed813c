//! All a check may know besides its one seat: the site, the time, its deadline.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::config::Config;

/// What one case of a check is given.
#[derive(Debug, Clone)]
pub struct Context {
    config: Arc<Config>,
    now: jiff::Timestamp,
    until: Instant,
}

impl Context {
    /// A context for a case that starts `now` and must end at `until`.
    pub fn new(config: Arc<Config>, now: jiff::Timestamp, until: Instant) -> Context {
        Context { config, now, until }
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
}
