//! Jars that lack something which Hadoop meets long after DSS was started.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const JDOM: LabFile = LabFile::Install("hadoop-standalone-libs/jdom2-2.0.6.jar");

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "jdom2, which the SDK of OSS needs, was not copied",
        finding: &super::CLASS_MISSING,
        faults: &[Fault::Delete(JDOM)],
    },
    Trial {
        name: "hadoop-aliyun 3.2.1 stands beside Hadoop 3.2.2",
        finding: &super::METHOD_MISSING,
        faults: &[Fault::Add("/dss/libraries", "\"org.apache.hadoop:hadoop-common:3.2.2\"")],
    },
    Trial {
        name: "Hadoop is of a release that is for a later Java",
        finding: &super::JAVA_TOO_OLD,
        faults: &[Fault::Add("/dss/libraries", "\"org.apache.hadoop:hadoop-common:3.6.0\"")],
    },
    Trial {
        name: "nobody copied JAXB, which Java 11 does not have",
        finding: &super::JAVA_TOO_NEW,
        faults: &[Fault::Delete(LabFile::Install("hadoop-standalone-libs/jaxb-api-2.3.1.jar"))],
    },
    Trial {
        name: "the download of jdom2 was interrupted",
        finding: &super::CORRUPT,
        faults: &[Fault::Truncate(JDOM, 200)],
    },
];
