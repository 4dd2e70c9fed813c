//! Keys that OSS does not accept.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the key was deleted",
        finding: &super::UNKNOWN_KEY,
        faults: &[Fault::Set("/storage/key/state", "\"deleted\"")],
    },
    Trial {
        name: "the key was disabled",
        finding: &super::DISABLED,
        faults: &[Fault::Set("/storage/key/state", "\"disabled\"")],
    },
    Trial {
        name: "the secret belongs to another key",
        finding: &super::WRONG_SECRET,
        faults: &[Fault::Set("/storage/key/secret", "\"CANARYanotherSecretZ9y8X7w6\"")],
    },
    Trial {
        name: "the temporary key has expired",
        finding: &super::EXPIRED_TOKEN,
        faults: &[Fault::Set("/storage/temporary_key/state", "\"expired\"")],
    },
    Trial {
        name: "the bucket policy denies everything",
        finding: &super::POLICY_DENIES,
        faults: &[Fault::Add("/storage/bucket/policy_denies", "\"oss:*\"")],
    },
];
