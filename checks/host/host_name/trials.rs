//! Names that are not qualified, or not the host's.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the host only has its short name",
        finding: &super::NOT_QUALIFIED,
        faults: &[Fault::Set("/host/fqdn", "\"dss\"")],
    },
    Trial {
        name: "the host is called localhost.localdomain",
        finding: &super::NOT_QUALIFIED,
        faults: &[Fault::Set("/host/fqdn", "\"localhost.localdomain\"")],
    },
    Trial {
        name: "/etc/hosts assigns the name to 127.0.1.1",
        finding: &super::LOOPBACK,
        faults: &[Fault::Set("/host/hosts/dss.lab.internal", "[\"127.0.1.1\"]")],
    },
    Trial {
        name: "the name belongs to a machine that was replaced",
        finding: &super::NOT_OWN_ADDRESS,
        faults: &[Fault::Set("/host/hosts/dss.lab.internal", "[\"10.0.0.99\"]")],
    },
];
