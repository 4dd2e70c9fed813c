//! Pull secrets with ACR's temporary passwords.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const GENERAL: LabFile = LabFile::Data("config/general-settings.json");

/// DSS's pods name a secret of their own; the probe's pull with the account's.
const OWN_SECRET: Fault =
    Fault::SetIn(GENERAL, "/containerSettings/executionConfigs/0/imagePullSecretName", "\"dss-temporary\"");

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "DSS's pods pull with a temporary password from January",
        finding: &super::EXPIRED,
        faults: &[
            OWN_SECRET,
            Fault::Add(
                "/kubernetes/pull_secrets",
                r#"{"namespace":"dss","name":"dss-temporary","service_accounts":[],"username":"cr_temp_user","password":"eyJpbnN0YW5jZUlkIjoiY3JpLWxhYjAwMDAwMDAwMDAwMDAiLCJ0aW1lIjoiMTc2NzMyMzA0NTAwMCIsInR5cGUiOiJ1c2VyIiwidXNlcklkIjoiMTAwMDAwMDAwMDAwMDAwMSJ9:CANARY0123456789abcdef0123456789abcdef012"}"#,
            ),
        ],
    },
    Trial {
        name: "DSS's pods pull with a token that ended in January",
        finding: &super::EXPIRED,
        faults: &[
            OWN_SECRET,
            Fault::Add(
                "/kubernetes/pull_secrets",
                r#"{"namespace":"dss","name":"dss-temporary","service_accounts":[],"username":"robot","password":"eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3NjczMjMwNDUsInN1YiI6ImRzcyJ9.CANARYsignature0123456789abcdef"}"#,
            ),
        ],
    },
    Trial {
        name: "somebody copied a temporary password into the pull secret",
        finding: &super::EXPIRES_SOON,
        faults: &[
            OWN_SECRET,
            Fault::Add(
                "/kubernetes/pull_secrets",
                r#"{"namespace":"dss","name":"dss-temporary","service_accounts":[],"username":"cr_temp_user","password":"CANARYtemporaryPasswordThatDoesNotTell"}"#,
            ),
        ],
    },
];
