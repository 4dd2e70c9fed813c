//! Hosts with too little memory, and services that are allowed too little.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the host has 16 GB",
        finding: &super::MEMORY_LOW,
        faults: &[Fault::Set("/host/system/memory_kb", "16123456")],
    },
    Trial {
        name: "systemd allows the service of DSS 8 GB",
        finding: &super::MEMORY_LOW,
        faults: &[Fault::Set(
            "/host/files/~1sys~1fs~1cgroup~1system.slice~1dataiku.service~1memory.max",
            r#""8589934592\n""#,
        )],
    },
];
