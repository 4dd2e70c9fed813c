//! DSS versions that do not work.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "DSS is 8.0.3",
        finding: &super::TOO_OLD,
        faults: &[
            Fault::SetIn(LabFile::Data("dss-version.json"), "/product_version", "\"8.0.3\""),
            Fault::SetIn(LabFile::Install("dss-version.json"), "/product_version", "\"8.0.3\""),
        ],
    },
    Trial {
        name: "the version file is truncated",
        finding: &super::UNREADABLE,
        faults: &[Fault::Truncate(LabFile::Data("dss-version.json"), 20)],
    },
    Trial {
        name: "installer.sh -u was never run",
        finding: &super::UPGRADE_UNFINISHED,
        faults: &[Fault::SetIn(LabFile::Install("dss-version.json"), "/product_version", "\"99.0.0\"")],
    },
];
