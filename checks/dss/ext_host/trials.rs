//! Names that DSS does not see or pods cannot use.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const SITE: LabFile = LabFile::Data("bin/env-site.sh");
/// What the healthy file assigns.
const HEALTHY: &str = "DKU_BACKEND_EXT_HOST={{/deployment/host/name}}";

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the assignment is not exported",
        finding: &super::NOT_EXPORTED,
        faults: &[Fault::Replace(SITE, "export ", "")],
    },
    Trial {
        name: "it is 127.0.0.1",
        finding: &super::LOOPBACK,
        faults: &[Fault::Replace(SITE, HEALTHY, "DKU_BACKEND_EXT_HOST=127.0.0.1")],
    },
    Trial {
        name: "a later line sets it to localhost",
        finding: &super::LOOPBACK,
        faults: &[Fault::Replace(SITE, HEALTHY, "DKU_BACKEND_EXT_HOST=dss\nDKU_BACKEND_EXT_HOST='localhost'")],
    },
    Trial {
        name: "it is the address of Docker's bridge",
        finding: &super::LOOPBACK,
        faults: &[Fault::Replace(SITE, HEALTHY, "DKU_BACKEND_EXT_HOST=172.17.0.1")],
    },
    Trial {
        name: "it is the host's EIP",
        finding: &super::PUBLIC,
        faults: &[Fault::Replace(SITE, HEALTHY, "DKU_BACKEND_EXT_HOST=47.98.12.34")],
    },
    Trial {
        name: "it is a URL",
        finding: &super::MALFORMED,
        faults: &[Fault::Replace(SITE, HEALTHY, "DKU_BACKEND_EXT_HOST=http://dss.lab.internal:11200")],
    },
    Trial {
        name: "it is a URL with a user and a password",
        finding: &super::MALFORMED,
        faults: &[Fault::Replace(
            SITE,
            HEALTHY,
            "DKU_BACKEND_EXT_HOST=http://me:CANARYurlPassword@dss.lab.internal:11200",
        )],
    },
    Trial {
        name: "a space is inside its quotes",
        finding: &super::MALFORMED,
        faults: &[Fault::Replace(SITE, HEALTHY, "DKU_BACKEND_EXT_HOST='dss.lab.internal '")],
    },
    Trial {
        name: "it is the loopback address, written as one number",
        finding: &super::LOOPBACK,
        faults: &[Fault::Replace(SITE, HEALTHY, "DKU_BACKEND_EXT_HOST=0x7f000001")],
    },
    Trial {
        name: "it is a short form of the loopback address",
        finding: &super::LOOPBACK,
        faults: &[Fault::Replace(SITE, HEALTHY, "DKU_BACKEND_EXT_HOST=127.1")],
    },
    Trial {
        name: "it is the host's own address in octal",
        finding: &super::MALFORMED,
        faults: &[Fault::Replace(SITE, HEALTHY, "DKU_BACKEND_EXT_HOST=012.0.0.024")],
    },
    Trial {
        name: "the line of the HOWTO was copied as it is",
        finding: &super::PLACEHOLDER,
        faults: &[Fault::Replace(SITE, HEALTHY, "DKU_BACKEND_EXT_HOST=my.host.name")],
    },
    Trial {
        name: "the line of the documentation was copied as it is",
        finding: &super::PLACEHOLDER,
        faults: &[Fault::Replace(SITE, HEALTHY, "DKU_BACKEND_EXT_HOST=\"xxx.xxx.xxx.xxx\"")],
    },
    Trial {
        name: "the whole assignment is in quotes",
        finding: &super::LOOPBACK,
        faults: &[Fault::Replace(SITE, HEALTHY, "\"DKU_BACKEND_EXT_HOST=127.0.0.1\"")],
    },
    Trial {
        name: "a default is assigned",
        finding: &super::LOOPBACK,
        faults: &[Fault::Replace(
            SITE,
            "export DKU_BACKEND_EXT_HOST={{/deployment/host/name}}",
            ": \"${DKU_BACKEND_EXT_HOST:=localhost}\"; export DKU_BACKEND_EXT_HOST",
        )],
    },
    Trial {
        name: "it is the output of a command",
        finding: &super::DYNAMIC,
        faults: &[Fault::Replace(SITE, HEALTHY, "DKU_BACKEND_EXT_HOST=$(hostname -I | cut -d' ' -f1)")],
    },
    Trial {
        name: "it is the output of a command that is given a password",
        finding: &super::DYNAMIC,
        faults: &[Fault::Replace(
            SITE,
            HEALTHY,
            "DKU_BACKEND_EXT_HOST=$(curl -u me:CANARYcurlPassword http://inventory.lab.internal/)",
        )],
    },
    Trial {
        name: "it is only set if a file exists",
        finding: &super::DYNAMIC,
        faults: &[Fault::Replace(
            SITE,
            HEALTHY,
            "A=1\n[ -f /etc/dss ] && export DKU_BACKEND_EXT_HOST=dss.lab.internal",
        )],
    },
    Trial {
        name: "another script is sourced",
        finding: &super::DYNAMIC,
        faults: &[
            Fault::Replace(SITE, "# You can add", ". /etc/dss-environment.sh\n# You can add"),
            Fault::Replace(SITE, HEALTHY, "A=1"),
        ],
    },
    Trial {
        name: "another script is sourced with a password in its environment",
        finding: &super::DYNAMIC,
        faults: &[Fault::Replace(
            SITE,
            HEALTHY,
            "A=1\nPW=CANARYbefore . /etc/dss-environment.sh --token CANARYargument",
        )],
    },
    Trial {
        name: "a script with a password is evaluated",
        finding: &super::DYNAMIC,
        faults: &[Fault::Replace(SITE, HEALTHY, "A=1\neval \"PW=CANARYevaluated; ask --user me:$PW\"")],
    },
];
