//! Backends that are not there, not up, or not this one.

use ackcheck::check::Trial;
use ackcheck::fault::Fault;

pub static TRIALS: &[Trial] = &[
    Trial {
        name: "the backend is down",
        finding: "refused",
        faults: &[Fault::Remove("/network/host_ports/offsets/1")],
    },
    Trial {
        name: "the backend is still starting",
        finding: "no-answer",
        faults: &[Fault::Set("/host/backend/answers", "\"starting\"")],
    },
    Trial {
        name: "the backend hangs",
        finding: "no-answer",
        faults: &[Fault::Add("/gateway/broken", r#"{"host":"dss.lab.internal","how":"silent"}"#)],
    },
    Trial {
        name: "another program has the port",
        finding: "other-instance",
        faults: &[Fault::Set("/host/backend/answers", "\"other-program\"")],
    },
    Trial {
        name: "an older DSS was never restarted",
        finding: "other-instance",
        faults: &[Fault::Set("/host/backend/version", "\"9.0.5\"")],
    },
];
