//! Pythons that an upgrade of the host took away or exchanged.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const PYTHON: &str = "/host/programs/python";
const SITE: LabFile = LabFile::Data("bin/env-site.sh");

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the Python that the data directory was made with is gone after an upgrade of the host",
        finding: &super::MISSING,
        faults: &[Fault::Set("/host/programs/python_link_broken", "true")],
    },
    Trial {
        name: "the data directory was copied without its Python",
        finding: &super::MISSING,
        faults: &[Fault::Set(PYTHON, r#""missing""#)],
    },
    Trial {
        name: "env-site.sh names a Python that was never installed",
        finding: &super::MISSING,
        faults: &[Fault::Replace(
            SITE,
            "export http_proxy",
            "export DKUPYTHONBIN=/opt/python-of-nobody/bin/python3\nexport http_proxy",
        )],
    },
    Trial { name: "DSS 14 with Python 3.6", finding: &super::WRONG_VERSION, faults: &[Fault::Set(PYTHON, r#""3.6""#)] },
    Trial {
        name: "the link leads to a later Python than DSS 14 has packages for",
        finding: &super::WRONG_VERSION,
        faults: &[Fault::Set(PYTHON, r#""3.13""#)],
    },
    Trial {
        name: "the administrator chose a Python that Dataiku does not list",
        finding: &super::UNLISTED_VERSION,
        faults: &[
            Fault::Set(PYTHON, r#""3.13""#),
            Fault::Replace(
                SITE,
                "export http_proxy",
                "export DKUPYTHONBIN=$DIP_HOME/pyenv/bin/python\nexport http_proxy",
            ),
        ],
    },
];
