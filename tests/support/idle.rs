//! What does not apply to the lab as it is.

use ackcheck_core::record::{Case, Ending};

/// Cases that do not apply to any lab: no connection of DSS works in its second bucket.
pub(crate) fn is_idle(case: &Case) -> bool {
    let idle = case.id.to_string() == "hadoop-read-write[bucket lab-dss-exchange]";
    idle && matches!(&case.ending, Ending::NotApplicable { reason } if reason.starts_with("no connection of DSS has its root in"))
}
