//! Nodes that OSS refuses.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[Trial {
    name: "the bucket policy only admits the DSS host's address",
    finding: &super::DENIED,
    faults: &[Fault::Add("/storage/bucket/policy_denies_from", "\"*\"")],
}];
