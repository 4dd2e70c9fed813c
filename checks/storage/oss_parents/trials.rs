//! Keys that may list below the root alone.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

/// The key may do everything with objects, and list below the root.
const BELOW_THE_ROOT: Fault = Fault::Set(
    "/storage/key/policies",
    r#"[{"Version": "1", "Statement": [{"Effect": "Allow", "Action": ["oss:PutObject", "oss:GetObject", "oss:DeleteObject", "oss:AbortMultipartUpload"], "Resource": ["*"]},
        {"Effect": "Allow", "Action": ["oss:ListObjects"], "Resource": ["*"],
         "Condition": {"StringLike": {"oss:Prefix": ["dss/managed/*"]}}}]}]"#,
);

pub(super) static TRIALS: &[Trial] = &[
    Trial { name: "the key lists below an empty root alone", finding: &super::NOT_LISTABLE, faults: &[BELOW_THE_ROOT] },
    Trial {
        name: "the key lists below the root alone, where there are datasets",
        finding: &super::HIDDEN,
        faults: &[BELOW_THE_ROOT, Fault::Add("/storage/bucket/objects", "\"dss/managed/PROJECT/data.csv\"")],
    },
];
