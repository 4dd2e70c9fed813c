//! Names that are not whole, or not the host's.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the host has its short name only",
        finding: &super::NOT_QUALIFIED,
        faults: &[Fault::Set("/host/fqdn", "\"dss\"")],
    },
    Trial {
        name: "the host is called localhost.localdomain",
        finding: &super::NOT_QUALIFIED,
        faults: &[Fault::Set("/host/fqdn", "\"localhost.localdomain\"")],
    },
    Trial {
        name: "/etc/hosts gives the name to 127.0.1.1",
        finding: &super::LOOPBACK,
        faults: &[Fault::Set("/host/hosts/dss.lab.internal", "[\"127.0.1.1\"]")],
    },
    Trial {
        name: "the name is of a machine that was replaced",
        finding: &super::NOT_OWN_ADDRESS,
        faults: &[Fault::Set("/host/hosts/dss.lab.internal", "[\"10.0.0.99\"]")],
    },
];
