//! Jars that came, or were overwritten, while DSS ran.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the jars were put there while DSS ran",
        finding: &super::OLDER_PROCESS,
        faults: &[Fault::Set("/host/system/jars", r#"{"born": 60, "written": 86400, "changed": 60, "open": "not"}"#)],
    },
    Trial {
        name: "the jars were put there while DSS ran, on a file system that keeps no birth",
        finding: &super::OLDER_PROCESS,
        faults: &[Fault::Set(
            "/host/system/jars",
            r#"{"born": null, "written": 60, "changed": 60, "open": "not shown"}"#,
        )],
    },
    Trial {
        name: "the jars were overwritten while DSS ran",
        finding: &super::OTHER_FILE,
        faults: &[Fault::Set("/host/system/jars", r#"{"born": 86400, "written": 60, "changed": 60, "open": "this"}"#)],
    },
    Trial {
        name: "the jars were replaced while DSS ran, by files of the same names",
        finding: &super::OTHER_FILE,
        faults: &[Fault::Set("/host/system/jars", r#"{"born": 60, "written": 86400, "changed": 60, "open": "old"}"#)],
    },
];
