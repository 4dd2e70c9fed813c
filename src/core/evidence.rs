//! What was asked and what came back, kept by the seats, with every secret scrubbed as it is written.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::place::Vantage;
use crate::secret::Scrubber;
use crate::sync::locked;

/// One thing that was asked and what came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Where it was asked from.
    pub vantage: Vantage,
    /// The question, as a person would type it: `GET https://…`, `read /data/dataiku/bin/env-site.sh`.
    pub asked: String,
    /// The answer, shortened.
    pub answered: String,
    /// How long it took.
    pub took: Duration,
}

/// The longest answer kept, in bytes: enough for any error body, too little for a data set.
pub const LONGEST_ANSWER: usize = 4096;
/// The same of what is asked from each of thousands of nodes.
pub const LONGEST_ANSWER_OF_NODES: usize = 1024;
/// The most entries kept for one case; the first and the latest say most.
pub const MOST_ENTRIES: usize = 64;

/// Where the seats of one case write what they asked and heard.
#[derive(Debug, Clone)]
pub struct Journal {
    scrubber: Scrubber,
    entries: Arc<Mutex<Vec<Evidence>>>,
    /// For how long ackcheck itself was stopped during a wait that ended in vain.
    spoilt: Arc<Mutex<Option<Duration>>>,
}

impl Journal {
    /// An empty journal that scrubs with `scrubber`.
    pub fn new(scrubber: Scrubber) -> Journal {
        Journal { scrubber, entries: Arc::default(), spoilt: Arc::default() }
    }

    /// One for the same case whose entries nobody reads.
    pub fn aside(&self) -> Journal {
        Journal { entries: Arc::default(), ..self.clone() }
    }

    /// Notes that a wait ended in vain while ackcheck itself was stopped, for so long: the case has seen nothing.
    pub fn spoil(&self, stopped: Duration) {
        let mut spoilt = locked(&self.spoilt);
        *spoilt = Some(spoilt.unwrap_or_default().max(stopped));
    }

    /// Whether such a wait was noted since this was last asked, and for how long ackcheck was stopped.
    pub fn take_spoilt(&self) -> Option<Duration> {
        locked(&self.spoilt).take()
    }

    /// The scrubber, for seats that learn a secret while they look.
    pub fn scrubber(&self) -> &Scrubber {
        &self.scrubber
    }

    /// Writes one question and its answer.
    pub fn note(&self, vantage: Vantage, asked: impl AsRef<str>, answered: impl AsRef<str>, took: Duration) {
        let mut answer = self.scrubber.scrub(answered.as_ref());
        let longest = if vantage == Vantage::Node { LONGEST_ANSWER_OF_NODES } else { LONGEST_ANSWER };
        if answer.len() > longest {
            let cut = (0..=longest).rev().find(|&at| answer.is_char_boundary(at)).unwrap_or(0);
            let left = answer.len() - cut;
            answer.truncate(cut);
            answer.push_str(&format!("… ({left} bytes more)"));
        }
        let mut asked = self.scrubber.scrub(asked.as_ref());
        // A report keeps tens of thousands of them.
        asked.shrink_to_fit();
        answer.shrink_to_fit();
        let mut entries = locked(&self.entries);
        if entries.len() == MOST_ENTRIES {
            entries.remove(MOST_ENTRIES / 2);
        }
        entries.push(Evidence { vantage, asked, answered: answer, took });
    }

    /// What was written, in order. A report keeps it: it takes no more room than it needs.
    pub fn take(&self) -> Vec<Evidence> {
        let mut entries = std::mem::take(&mut *locked(&self.entries));
        entries.shrink_to_fit();
        entries
    }
}
