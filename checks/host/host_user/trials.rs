//! Accounts that DSS should not run as.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

const OWNER: &str = "/host/system/owner";

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "root owns the data directory and runs DSS",
        finding: &super::ROOT,
        faults: &[
            Fault::Set("/host/system/uid", "0"),
            Fault::Set(OWNER, "0"),
            Fault::Set("/host/system/processes/0/uid", "0"),
            Fault::Set("/host/system/processes/1/uid", "0"),
            Fault::Set("/host/system/processes/2/uid", "0"),
            Fault::Set("/host/system/processes/3/uid", "0"),
        ],
    },
    Trial {
        name: "DSS was started by another account",
        finding: &super::NOT_OWNER,
        faults: &[Fault::Set(OWNER, "1002")],
    },
    Trial {
        name: "the account was made without a home",
        finding: &super::HOME_MISSING,
        faults: &[Fault::Set("/host/system/accounts/1/home_is", "null")],
    },
    Trial {
        name: "the home is a file",
        finding: &super::HOME_MISSING,
        faults: &[Fault::Set("/host/system/accounts/1/home_is", "\"regular file\"")],
    },
    Trial {
        name: "the host does not know the account",
        finding: &super::HOME_MISSING,
        faults: &[Fault::Remove("/host/system/accounts/1")],
    },
];
