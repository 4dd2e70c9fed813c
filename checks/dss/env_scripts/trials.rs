//! Lines at which bash stops, and lines that do not do what they seem to.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const SITE: LabFile = LabFile::Data("bin/env-site.sh");
const DEFAULT: LabFile = LabFile::Data("bin/env-default.sh");
/// What the healthy file exports.
const HEALTHY: &str = "export DKU_BACKEND_EXT_HOST={{/deployment/host/name}}";

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "a quote is never closed",
        finding: &super::NOT_VALID_SHELL,
        faults: &[Fault::Replace(SITE, HEALTHY, "export DKU_BACKEND_EXT_HOST='dss.lab.internal")],
    },
    Trial {
        name: "spaces are around the equals sign",
        finding: &super::NOT_VALID_SHELL,
        faults: &[Fault::Replace(SITE, HEALTHY, "export DKU_BACKEND_EXT_HOST = dss.lab.internal")],
    },
    Trial {
        name: "a byte order mark is before the line",
        finding: &super::NOT_VALID_SHELL,
        faults: &[Fault::Replace(SITE, HEALTHY, "\u{feff}export DKU_BACKEND_EXT_HOST=dss.lab.internal")],
    },
    Trial {
        name: "it is written for another shell",
        finding: &super::NOT_VALID_SHELL,
        faults: &[Fault::Replace(SITE, HEALTHY, "setenv DKU_BACKEND_EXT_HOST dss.lab.internal")],
    },
    Trial {
        name: "the file was saved on Windows, with an empty line",
        finding: &super::NOT_VALID_SHELL,
        faults: &[Fault::Replace(SITE, HEALTHY, "A=1\r\n\r\nB=1\r")],
    },
    Trial {
        name: "the command that appends the line was pasted into the file",
        finding: &super::SETS_NOTHING,
        faults: &[Fault::Replace(
            SITE,
            HEALTHY,
            "cat >> env-site.sh <<EOF\nexport DKU_BACKEND_EXT_HOST=dss.lab.internal\nEOF",
        )],
    },
    Trial {
        name: "env is written for export",
        finding: &super::SETS_NOTHING,
        faults: &[Fault::Replace(SITE, HEALTHY, "env DKU_BACKEND_EXT_HOST=dss.lab.internal")],
    },
    Trial {
        name: "an alias is written for export, which scripts do not expand",
        finding: &super::SETS_NOTHING,
        faults: &[Fault::Replace(SITE, HEALTHY, "alias e=export\ne DKU_BACKEND_EXT_HOST=dss.lab.internal")],
    },
    Trial {
        name: "the export is in a subshell",
        finding: &super::SETS_NOTHING,
        faults: &[Fault::Replace(SITE, HEALTHY, "(export DKU_BACKEND_EXT_HOST=dss.lab.internal)")],
    },
    Trial {
        name: "an underscore is missing in the name",
        finding: &super::NEARLY_THE_NAME,
        faults: &[Fault::Replace(SITE, HEALTHY, "export DKU_BACKEND_EXTHOST=dss.lab.internal")],
    },
    Trial {
        name: "the line is in env-default.sh",
        finding: &super::OVERWRITTEN,
        faults: &[
            Fault::Replace(SITE, HEALTHY, "A=1"),
            Fault::Replace(
                DEFAULT,
                "export DKU_NODE_TYPE",
                "export DKU_BACKEND_EXT_HOST={{/deployment/host/name}}\nexport DKU_NODE_TYPE",
            ),
        ],
    },
];
