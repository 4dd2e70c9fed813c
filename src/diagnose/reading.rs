//! How logs are read: what is young enough, and when to stop.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use jiff::Timestamp;

use crate::stamp::Clock;

/// How logs are read.
#[derive(Debug, Clone)]
pub struct Reading {
    pub clock: Clock,
    /// Only what is younger.
    pub since: Option<Duration>,
    /// Set where no more shall be read: what was read until then counts.
    pub stop: Arc<AtomicBool>,
}

impl Reading {
    /// Nothing before it is told.
    pub(crate) fn begin(&self) -> Option<Timestamp> {
        self.since.and_then(|since| self.clock.now.checked_sub(since).ok())
    }
}
