//! Buckets that do not suit Hadoop.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

/// A bucket in this state.
macro_rules! bucket {
    ($name:literal, $finding:ident, $($field:literal = $value:literal),+) => {
        Trial {
            name: $name,
            finding: &super::$finding,
            faults: &[$(Fault::Set(concat!("/storage/bucket/", $field), $value)),+],
        }
    };
}

pub(super) static TRIALS: &[Trial] = &[
    bucket!("the bucket's class is Archive", ARCHIVE_CLASS, "storage_class" = "\"Archive\""),
    Trial {
        name: "the class is ColdArchive, and the key cannot read the bucket's information",
        finding: &super::ARCHIVE_CLASS,
        faults: &[
            Fault::Set("/storage/bucket/storage_class", "\"ColdArchive\""),
            Fault::Add("/storage/key/denied", "\"oss:GetBucketInfo\""),
        ],
    },
    bucket!("a rule forbids overwriting", OVERWRITE_FORBIDDEN, "refuses" = "\"overwrite\""),
    bucket!("the bucket is disabled", DISABLED, "refuses" = "\"all\""),
    bucket!("the key cannot use the bucket's KMS key", KMS_FORBIDDEN, "refuses" = "\"kms\""),
    bucket!("hotlink protection refuses an empty Referer", REFERER_PROTECTED, "refuses" = "\"referer\""),
    bucket!("the VPC endpoint's policy names other buckets", VPC_ENDPOINT_POLICY, "refuses" = "\"vpc-endpoint\""),
    Trial {
        name: "the bucket is another account's, which lets the key look and not write",
        finding: &super::OTHER_ACCOUNT,
        faults: &[
            Fault::Set("/storage/bucket/owner", "\"1000000000000002\""),
            Fault::Add("/storage/key/denied", "\"oss:PutObject\""),
        ],
    },
];
