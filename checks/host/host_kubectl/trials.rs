//! Hosts whose kubectl does not serve DSS.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "kubectl is not installed",
        finding: &super::MISSING,
        faults: &[Fault::Set("/host/kubectl", "\"missing\"")],
    },
    Trial {
        name: "kubectl is a script that prints a greeting first",
        finding: &super::NOT_KUBECTL,
        faults: &[Fault::Set("/host/kubectl", "\"wrapped\"")],
    },
    Trial {
        name: "the account's environment sends kubectl to a proxy that does not answer",
        finding: &super::REFUSED,
        faults: &[Fault::Set("/host/kubectl", "\"proxied\"")],
    },
    Trial {
        name: "kubectl is four minor versions behind the cluster",
        finding: &super::VERSION_SKEW,
        faults: &[Fault::Set("/host/kubectl", "\"old\"")],
    },
];
