//! Integrations that are missing, disabled, or left behind by an upgrade.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const SITE: LabFile = LabFile::Data("bin/env-site.sh");
const HADOOP: LabFile = LabFile::Data("bin/env-hadoop.sh");

pub(super) static TRIALS: &[Trial] = &[
    Trial { name: "it was never installed", finding: &super::MISSING, faults: &[Fault::Delete(HADOOP)] },
    Trial {
        name: "the library folder does not contain hadoop-common",
        finding: &super::MISSING,
        faults: &[Fault::Delete(LabFile::Install("hadoop-standalone-libs/hadoop-common-3.2.1.jar"))],
    },
    Trial {
        name: "DKU_HADOOP_ENABLED is false",
        finding: &super::DISABLED,
        faults: &[Fault::Replace(HADOOP, "DKU_HADOOP_ENABLED=true", "DKU_HADOOP_ENABLED=false")],
    },
    Trial {
        name: "env-site.sh, which comes last, switches it off",
        finding: &super::DISABLED,
        faults: &[Fault::Replace(SITE, "export http_proxy", "export DKU_HADOOP_ENABLED=false\nexport http_proxy")],
    },
    Trial {
        name: "the class path names the install directory from before an upgrade",
        finding: &super::STALE_PATH,
        faults: &[Fault::Replace(HADOOP, "$DKUINSTALLDIR", "/opt/dataiku-dss-8.0.2")],
    },
    Trial {
        name: "an upgrade left the libraries behind",
        finding: &super::STALE_PATH,
        faults: &[Fault::Delete(LabFile::Install("hadoop-standalone-libs"))],
    },
];
