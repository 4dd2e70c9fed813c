//! What shapes a run besides its plan.

use std::sync::Arc;
use std::time::Duration;

use crate::config::Config;
use crate::secret::Scrubber;

/// What shapes a run besides its plan.
#[derive(Debug, Clone)]
pub struct Options {
    /// The deployment as its owner describes it.
    pub config: Arc<Config>,
    /// Knows the secrets of the site, and learns those that seats read.
    pub scrubber: Scrubber,
    /// What time it is. Nothing else in the core looks at the calendar.
    pub clock: Clock,
    /// Cases at once, at least 1.
    pub jobs: usize,
    /// For the whole run, cleaning up not included.
    pub timeout: Duration,
    /// For the report: what is looked at.
    pub site: String,
    /// For the report: the options as given.
    pub shown: Vec<(String, String)>,
    /// Site-wide facts for the remedies, besides those the site file describes; later ones stand over earlier ones.
    pub facts: Vec<(&'static str, String)>,
}

/// Tells the time of the calendar.
pub type Clock = fn() -> jiff::Timestamp;

impl Options {
    /// The defaults: 16 cases at once, and the time that the site file gives a run.
    pub fn new(config: Arc<Config>, scrubber: Scrubber, clock: Clock) -> Options {
        Options {
            timeout: config.limits.run,
            config,
            scrubber,
            clock,
            jobs: 16,
            site: String::new(),
            shown: Vec::new(),
            facts: Vec::new(),
        }
    }
}
