//! Seats on a lab, as the site file has it or with something of it changed, and what was written down there.

use std::sync::Arc;

use ackcheck::site::Site;
use ackcheck_core::config::Config;
use ackcheck_core::evidence::Evidence;
use ackcheck_core::fault::Fault;
use ackcheck_core::seat::Seen;
use ackcheck_core::verdict::{Broken, Unseen};
use ackcheck_lab::LabOptions;
use ackcheck_live::LiveSeats;

use super::{canary, lab};

/// A lab with these faults.
pub(crate) async fn site(faults: &[Fault]) -> Site {
    lab::open(&LabOptions { faults: faults.to_vec(), ..LabOptions::default() }).await.unwrap()
}

/// Seats of a run on it, as its site file has it but for `edit`.
pub(crate) fn open(site: &Site, run: &str, edit: impl FnOnce(&mut Config)) -> LiveSeats {
    let mut config = Config::clone(&site.config);
    edit(&mut config);
    LiveSeats::open(Arc::new(config), site.scrubber.clone(), run).unwrap()
}

/// Changes nothing of the site file.
pub(crate) fn as_it_is(_: &mut Config) {}

/// What a journal kept, a line for each entry; it holds no secret.
#[track_caller]
pub(crate) fn written(evidence: &[Evidence]) -> String {
    let written = evidence.iter().map(|entry| format!("{} {}\n", entry.asked, entry.answered)).collect::<String>();
    canary::secret_free("evidence", &written).unwrap();
    written
}

/// Nothing was seen, since what answered cannot be read, for this reason.
#[track_caller]
pub(crate) fn unreadable<T: std::fmt::Debug>(seen: Seen<T>, what: &str, why: &str) {
    match seen {
        Err(Unseen::Broken(Broken::Unreadable { what: w, why: y })) if w.contains(what) && y.contains(why) => {}
        other => panic!("expected {what:?} and {why:?}: {other:?}"),
    }
}
