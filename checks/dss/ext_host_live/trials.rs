//! Backends that were started before the scripts were edited.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

const LIVE: &str = "/host/system/processes/1/environment/DKU_BACKEND_EXT_HOST";

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the backend still has the name that the host had before",
        finding: &super::RESTART_NEEDED,
        faults: &[Fault::Set(LIVE, "\"old-dss.lab.internal\"")],
    },
    Trial { name: "the line was added while DSS ran", finding: &super::RESTART_NEEDED, faults: &[Fault::Remove(LIVE)] },
];
