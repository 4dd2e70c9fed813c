//! A DSS that does not run, or does not have its port.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

const NO_PORT: Fault = Fault::Set("/host/system/processes/1/ports", "[]");

pub(super) static TRIALS: &[Trial] = &[
    Trial { name: "DSS was stopped", finding: &super::DOWN, faults: &[Fault::Set("/host/system/processes", "[]")] },
    Trial { name: "the backend has run for an hour, and has no port", finding: &super::DOWN, faults: &[NO_PORT] },
    Trial {
        name: "the notebook server has the port of the backend",
        finding: &super::OTHER_PROCESS,
        faults: &[NO_PORT, Fault::Set("/host/system/processes/3/ports", "[2, 1]")],
    },
    Trial {
        name: "DSS was started twenty seconds ago",
        finding: &super::STARTING,
        faults: &[NO_PORT, Fault::Set("/host/system/started", "20")],
    },
];
