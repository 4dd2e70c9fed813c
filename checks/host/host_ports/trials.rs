//! Programs on the ports of DSS.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "a notebook server of another account has the port of DSS's notebooks",
        finding: &super::TAKEN_BY_OTHER,
        faults: &[
            Fault::Set("/host/system/processes/3/uid", "1002"),
            Fault::Set("/host/system/processes/3/hidden", "true"),
        ],
    },
    Trial {
        name: "something of root listens seven ports after the base port",
        finding: &super::NEIGHBOUR_TAKEN,
        faults: &[Fault::Add(
            "/host/system/processes",
            r#"{"number": 900, "parent": 1, "uid": 0, "name": "agent", "command": "/usr/sbin/agent", "ports": [7], "hidden": true,
                "limits": {"files": [1024, 1024], "processes": [1024, 1024]}}"#,
        )],
    },
];
