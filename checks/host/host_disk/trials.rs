//! File systems that the data directory should not be on, or that are full.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

const DATA_KIND: &str = "/host/system/mounts/2/type";

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the data directory is on NAS",
        finding: &super::NETWORK_FILE_SYSTEM,
        faults: &[Fault::Set(DATA_KIND, "\"nfs\"")],
    },
    Trial {
        name: "the data directory is a bucket",
        finding: &super::NETWORK_FILE_SYSTEM,
        faults: &[Fault::Set(DATA_KIND, "\"fuse.ossfs\"")],
    },
    Trial {
        name: "/tmp is mounted with noexec",
        finding: &super::NOEXEC_TMP,
        faults: &[Fault::Set("/host/system/mounts/1/options", "\"rw,nosuid,nodev,noexec\"")],
    },
    Trial {
        name: "the disk is 95 % full",
        finding: &super::SPACE_LOW,
        faults: &[Fault::Set("/host/system/data_room/free", "2621440")],
    },
    Trial {
        name: "the inodes are used up",
        finding: &super::INODES_LOW,
        faults: &[Fault::Set("/host/system/data_room/free_inodes", "12")],
    },
];
