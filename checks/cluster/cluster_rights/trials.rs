//! Accounts with too few permissions.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the account is not allowed to create secrets",
        finding: &super::MISSING_RIGHT,
        faults: &[Fault::Add(
            "/kubernetes/denied",
            r#"{"verb":"create","group":"","resource":"secrets","namespace":"dss"}"#,
        )],
    },
    Trial {
        name: "the account is not allowed to read logs",
        finding: &super::MISSING_RIGHT,
        faults: &[Fault::Add(
            "/kubernetes/denied",
            r#"{"verb":"get","group":"","resource":"pods/log","namespace":"dss"}"#,
        )],
    },
    Trial {
        name: "the account is not allowed to create roles",
        finding: &super::MISSING_MANAGED_RIGHT,
        faults: &[Fault::Add(
            "/kubernetes/denied",
            r#"{"verb":"create","group":"rbac.authorization.k8s.io","resource":"roles","namespace":"dss"}"#,
        )],
    },
];
