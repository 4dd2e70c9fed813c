//! Keys that OSS does not accept.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const CONNECTIONS: LabFile = LabFile::Data("config/connections.json");

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the key was deleted",
        finding: &super::UNKNOWN_KEY,
        faults: &[Fault::Set("/storage/key/state", "\"deleted\"")],
    },
    Trial {
        name: "the key is a temporary one without its token",
        finding: &super::TOKEN_MISSING,
        faults: &[
            Fault::Set("/deployment/oss_key/id", "\"STS.LabOssKeyWithoutToken01\""),
            // The connection of DSS has another one.
            Fault::Replace(CONNECTIONS, "STS.LabOssKeyWithoutToken01", "LTAI5tLabOssKeyId000001"),
        ],
    },
    Trial {
        name: "id and secret are swapped",
        finding: &super::SWAPPED,
        faults: &[
            Fault::Set("/deployment/oss_key/id", "\"CANARYossSecretA1b2C3d4E5f6G7\""),
            Fault::Set("/deployment/oss_key/secret", "\"LTAI5tLabOssKeyId000001\""),
            Fault::Set("/storage/key/state", "\"deleted\""),
            // The connection of DSS has them right.
            Fault::Replace(CONNECTIONS, "CANARYossSecretA1b2C3d4E5f6G7", "LTAI5tLabOssKeyId000001"),
        ],
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
        name: "the key of a RAM user comes with the token of an earlier one",
        finding: &super::TOKEN_NOT_WANTED,
        faults: &[Fault::Set("/deployment/oss_temporary_key/id", "\"LTAI5tLabExchangeKey0001\"")],
    },
    Trial {
        name: "the bucket policy denies everything",
        finding: &super::POLICY_DENIES,
        faults: &[Fault::Add("/storage/bucket/policy_denies", "\"oss:*\"")],
    },
    Trial {
        name: "a policy of the RAM user denies listing",
        finding: &super::POLICY_DENIES,
        faults: &[Fault::Set(
            "/storage/key/policies",
            r#"[{"Version": "1", "Statement": [{"Effect": "Allow", "Action": ["oss:*"], "Resource": ["*"]},
                {"Effect": "Deny", "Action": ["oss:ListObjects"], "Resource": ["*"]}]}]"#,
        )],
    },
    Trial {
        name: "a connection of DSS works in the bucket of the temporary key",
        finding: &super::TEMPORARY_KEY,
        faults: &[
            Fault::SetIn(CONNECTIONS, "/connections/oss_managed/params/root", "\"oss://lab-dss-exchange/dss/managed\""),
            Fault::Set("/storage/exchange_bucket/v1_refused", "false"),
        ],
    },
];
