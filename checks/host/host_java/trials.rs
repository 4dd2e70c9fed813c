//! Javas that are not there, or not for this release of DSS.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const JAVA: &str = "/host/programs/java";
const DEFAULT: LabFile = LabFile::Data("bin/env-default.sh");
const SITE: LabFile = LabFile::Data("bin/env-site.sh");

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "an update of the host removed the Java",
        finding: &super::MISSING,
        faults: &[Fault::Set(JAVA, r#""missing""#)],
    },
    Trial {
        name: "the installer's line is gone",
        finding: &super::MISSING,
        faults: &[Fault::Replace(DEFAULT, "export DKUJAVABIN=", "# export DKUJAVABIN=")],
    },
    Trial {
        name: "env-site.sh names a Java that was never installed",
        finding: &super::MISSING,
        faults: &[Fault::Replace(
            SITE,
            "export http_proxy",
            "export DKUJAVABIN=/usr/lib/jvm/java-99-of-nobody/bin/java\nexport http_proxy",
        )],
    },
    Trial { name: "DSS 14 with Java 11", finding: &super::WRONG_VERSION, faults: &[Fault::Set(JAVA, r#""11.0.25""#)] },
    Trial { name: "DSS 14 with Java 8", finding: &super::WRONG_VERSION, faults: &[Fault::Set(JAVA, r#""1.8.0_432""#)] },
    Trial {
        name: "DSS 14 with Java 21",
        finding: &super::UNLISTED_VERSION,
        faults: &[Fault::Set(JAVA, r#""21.0.5""#)],
    },
];
