//! Buckets that take small objects and no large ones, and keys that cannot give an upload up.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "a proxy takes bodies of 64 KiB at the most",
        finding: &super::BODY_LIMIT,
        faults: &[Fault::Set("/storage/bucket/body_limit", "65536")],
    },
    Trial {
        name: "what serves the bucket keeps the last part alone",
        finding: &super::WRONG_CONTENT,
        faults: &[Fault::Set("/storage/bucket/does_wrong", "\"keeps-last-part\"")],
    },
    Trial {
        name: "the user lacks AbortMultipartUpload",
        finding: &super::ABORT_DENIED,
        faults: &[Fault::Add("/storage/key/denied", "\"oss:AbortMultipartUpload\"")],
    },
    Trial {
        name: "the bucket policy denies AbortMultipartUpload",
        finding: &super::ABORT_DENIED,
        faults: &[Fault::Add("/storage/bucket/policy_denies", "\"oss:AbortMultipartUpload\"")],
    },
];
