//! Buckets that cannot be written to.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the user lacks PutObject",
        finding: "denied",
        faults: &[Fault::Add("/storage/key/denied", "\"oss:PutObject\"")],
    },
    Trial {
        name: "the bucket policy denies PutObject",
        finding: "read-only",
        faults: &[Fault::Add("/storage/bucket/policy_denies", "\"oss:PutObject\"")],
    },
];
