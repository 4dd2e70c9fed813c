//! Keys that do not open.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the key was deleted",
        finding: "unknown-key",
        faults: &[Fault::Set("/storage/key/state", "\"deleted\"")],
    },
    Trial {
        name: "the key was disabled",
        finding: "disabled",
        faults: &[Fault::Set("/storage/key/state", "\"disabled\"")],
    },
    Trial {
        name: "the secret is another key's",
        finding: "wrong-secret",
        faults: &[Fault::Set("/storage/key/secret", "\"CANARYanotherSecretZ9y8X7w6\"")],
    },
    Trial {
        name: "the temporary key's time is over",
        finding: "expired-token",
        faults: &[Fault::Set("/storage/temporary_key/state", "\"expired\"")],
    },
    Trial {
        name: "the bucket policy denies everything",
        finding: "policy-denies",
        faults: &[Fault::Add("/storage/bucket/policy_denies", "\"oss:*\"")],
    },
];
