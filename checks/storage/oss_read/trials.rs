//! Buckets that cannot be read from.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the user lacks GetObject",
        finding: &super::DENIED,
        faults: &[Fault::Add("/storage/key/denied", "\"oss:GetObject\"")],
    },
    Trial {
        name: "the bucket policy denies GetObject",
        finding: &super::POLICY_DENIES,
        faults: &[Fault::Add("/storage/bucket/policy_denies", "\"oss:GetObject\"")],
    },
];
