//! Buckets that cannot be listed.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[Trial {
    name: "the user lacks ListObjects",
    finding: &super::DENIED,
    faults: &[Fault::Add("/storage/key/denied", "\"oss:ListObjects\"")],
}];
