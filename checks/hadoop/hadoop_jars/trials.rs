//! Jars that are missing, doubled or damaged.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const ALIYUN: LabFile = LabFile::Install("hadoop-standalone-libs/hadoop-aliyun-3.2.1.jar");
const SDK: LabFile = LabFile::Install("hadoop-standalone-libs/aliyun-sdk-oss-3.11.2.jar");

pub(super) static TRIALS: &[Trial] = &[
    Trial { name: "hadoop-aliyun is missing", finding: &super::MISSING, faults: &[Fault::Delete(ALIYUN)] },
    Trial { name: "aliyun-sdk-oss is missing", finding: &super::MISSING, faults: &[Fault::Delete(SDK)] },
    Trial {
        name: "the integration was reinstalled, which removed both",
        finding: &super::MISSING,
        faults: &[Fault::Delete(ALIYUN), Fault::Delete(SDK)],
    },
    Trial {
        name: "another jar has its name",
        finding: &super::NO_CLASSES,
        faults: &[
            Fault::Delete(ALIYUN),
            Fault::Copy(
                LabFile::Install("hadoop-standalone-libs/re2j-1.1.jar"),
                "hadoop-standalone-libs/hadoop-aliyun-3.2.1.jar",
            ),
        ],
    },
    Trial {
        name: "the SDK is present twice, and the copies differ",
        finding: &super::DUPLICATE,
        faults: &[
            Fault::Copy(SDK, "hadoop-standalone-libs/aliyun-sdk-oss-3.11.2-copy.jar"),
            // When the first entry was last changed.
            Fault::Blank(SDK, 10, 4),
        ],
    },
    Trial {
        name: "the SDK is present twice",
        finding: &super::IDENTICAL_COPIES,
        faults: &[Fault::Copy(SDK, "hadoop-standalone-libs/aliyun-sdk-oss-3.11.2-copy.jar")],
    },
    Trial {
        name: "the disk lost some bytes of the jar",
        finding: &super::CORRUPT,
        faults: &[Fault::Blank(ALIYUN, 60, 20)],
    },
    Trial {
        name: "a download page was saved as the jar",
        finding: &super::NOT_A_JAR,
        faults: &[Fault::Write(SDK, "<html><head><title>302 Found</title></head><body></body></html>\n")],
    },
    Trial { name: "the download was interrupted", finding: &super::TRUNCATED, faults: &[Fault::Truncate(ALIYUN, 200)] },
    Trial {
        name: "the disk was full, and the file is empty",
        finding: &super::TRUNCATED,
        faults: &[Fault::Truncate(SDK, 0)],
    },
    Trial {
        name: "the archive was unpacked into a folder of the same name",
        finding: &super::UNREADABLE,
        faults: &[
            Fault::Delete(SDK),
            Fault::Write(
                LabFile::Install("hadoop-standalone-libs/aliyun-sdk-oss-3.11.2.jar/META-INF/MANIFEST.MF"),
                "Manifest-Version: 1.0\n",
            ),
        ],
    },
];
