//! Appliances that let only some methods through.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[Trial {
    name: "a firewall answers POST with a page of its own",
    finding: &super::POST_BLOCKED,
    faults: &[Fault::Set("/storage/bucket/post_blocked", "true")],
}];
