//! Buckets whose objects can be read and written, and not copied.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

/// The key may do everything but this.
macro_rules! but_for {
    ($action:literal, $objects:literal) => {
        Fault::Set(
            "/storage/key/policies",
            concat!(
                r#"[{"Version": "1", "Statement": [{"Effect": "Allow", "Action": ["oss:*"], "Resource": ["*"]},
                {"Effect": "Deny", "Action": [""#,
                $action,
                r#""], "Resource": ["acs:oss:*:*:"#,
                $objects,
                r#""]}]}]"#
            ),
        )
    };
}

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "a policy denies reading what is to be copied",
        finding: &super::DENIED,
        faults: &[but_for!("oss:GetObject", "*oss-copy-from.txt")],
    },
    Trial {
        name: "a policy denies writing the copy",
        finding: &super::DENIED,
        faults: &[but_for!("oss:PutObject", "*oss-copy-to.txt")],
    },
    Trial {
        name: "what serves the bucket takes a copy for a put without a body",
        finding: &super::WRONG_CONTENT,
        faults: &[Fault::Set("/storage/bucket/does_wrong", "\"empty-copies\"")],
    },
];
