//! Backends that are down, failing, or not this one.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the backend is down",
        finding: &super::REFUSED,
        faults: &[Fault::Set("/dss/backend/answers", "\"refused\"")],
    },
    Trial {
        name: "the backend fails every request",
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
        name: "DSS was not restarted after an upgrade",
        finding: &super::OTHER_INSTANCE,
        faults: &[Fault::Set("/dss/backend/version", "\"9.0.5\"")],
    },
];
