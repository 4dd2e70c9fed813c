//! Limits of the account and of the running backend.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

const OWN: &str = "/host/system/limits";
const PROCESSES: &str = "/host/system/processes";

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the account may open 4096 files, and so may the backend that it started",
        finding: &super::NOFILE_LOW,
        faults: &[
            Fault::Set("/host/system/limits/files", "[1024, 4096]"),
            Fault::Set("/host/system/processes/1/limits/files", "[4096, 4096]"),
        ],
    },
    Trial {
        name: "DSS does not run yet, and its account may open 4096 files",
        finding: &super::NOFILE_LOW,
        faults: &[Fault::Set(PROCESSES, "[]"), Fault::Set("/host/system/limits/files", "[1024, 4096]")],
    },
    Trial {
        name: "DSS does not run yet, and its account may have 4096 processes",
        finding: &super::NPROC_LOW,
        faults: &[
            Fault::Set(PROCESSES, "[]"),
            Fault::Set(OWN, r#"{"files": [1024, 1048576], "processes": [4096, 4096]}"#),
        ],
    },
    Trial {
        name: "the account may have more, but systemd starts DSS with a limit of its own",
        finding: &super::BACKEND_LIMITS_STALE,
        faults: &[Fault::Set("/host/system/processes/1/limits/files", "[4096, 4096]")],
    },
];
