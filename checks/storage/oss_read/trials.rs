//! Buckets that cannot be read from.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[Trial {
    name: "the user lacks GetObject",
    finding: &super::DENIED,
    faults: &[Fault::Add("/storage/key/denied", "\"oss:GetObject\"")],
}];
