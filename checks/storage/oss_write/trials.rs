//! Buckets that cannot be written to.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the user lacks PutObject",
        finding: &super::DENIED,
        faults: &[Fault::Add("/storage/key/denied", "\"oss:PutObject\"")],
    },
    Trial {
        name: "the bucket policy denies PutObject",
        finding: &super::READ_ONLY,
        faults: &[Fault::Add("/storage/bucket/policy_denies", "\"oss:PutObject\"")],
    },
    Trial {
        name: "a policy of the RAM user denies PutObject, in words that name the bucket policy",
        finding: &super::READ_ONLY,
        faults: &[Fault::Set(
            "/storage/key/policies",
            r#"[{"Version": "1", "Statement": [{"Effect": "Allow", "Action": ["oss:*"], "Resource": ["*"]},
                {"Effect": "Deny", "Action": ["oss:PutObject"], "Resource": ["*"]}]}]"#,
        )],
    },
];
