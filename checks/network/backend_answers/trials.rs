//! Backends that are not there, not up, or not this one.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the backend is down",
        finding: &super::REFUSED,
        faults: &[Fault::Set("/dss/backend/answers", "\"refused\"")],
    },
    Trial {
        name: "the backend fails at every request",
        finding: &super::NO_ANSWER,
        faults: &[Fault::Add("/gateway/broken", r#"{"host":"dss.lab.internal","how":"error-500"}"#)],
    },
    Trial {
        name: "the backend hangs",
        finding: &super::NO_ANSWER,
        faults: &[Fault::Add("/gateway/broken", r#"{"host":"dss.lab.internal","how":"silent"}"#)],
    },
    Trial {
        name: "another program has the port",
        finding: &super::OTHER_INSTANCE,
        faults: &[Fault::Set("/dss/backend/answers", "\"nginx\"")],
    },
    Trial {
        name: "an older DSS was never restarted",
        finding: &super::OTHER_INSTANCE,
        faults: &[Fault::Set("/dss/backend/version", "\"9.0.5\"")],
    },
];
