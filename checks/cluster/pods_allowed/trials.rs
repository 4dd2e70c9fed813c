//! An account that cannot create pods.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[Trial {
    name: "the account is not allowed to create pods",
    finding: &super::MISSING_RIGHT,
    faults: &[Fault::Add("/kubernetes/denied", r#"{"verb":"create","group":"","resource":"pods","namespace":"dss"}"#)],
}];
