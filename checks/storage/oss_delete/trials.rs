//! Buckets that do not let objects be deleted, or keep their versions.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the user lacks DeleteObject",
        finding: &super::DENIED,
        faults: &[Fault::Add("/storage/key/denied", "\"oss:DeleteObject\"")],
    },
    Trial {
        name: "the bucket policy denies DeleteObject",
        finding: &super::POLICY_DENIES,
        faults: &[Fault::Add("/storage/bucket/policy_denies", "\"oss:DeleteObject\"")],
    },
    Trial {
        name: "a retention policy is locked",
        finding: &super::RETAINED,
        faults: &[Fault::Set("/storage/bucket/retention", "true")],
    },
    Trial {
        name: "the bucket keeps versions",
        finding: &super::VERSIONED,
        faults: &[Fault::Set("/storage/bucket/versioned", "true")],
    },
];
