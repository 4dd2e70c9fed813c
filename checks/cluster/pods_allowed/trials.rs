//! An account that may create no pods.

use ackcheck::check::Trial;
use ackcheck::fault::Fault;

pub static TRIALS: &[Trial] = &[Trial {
    name: "the account may not create pods",
    finding: "missing-right",
    faults: &[Fault::Add("/kubernetes/denied", r#"{"verb":"create","group":"","resource":"pods","namespace":"dss"}"#)],
}];
