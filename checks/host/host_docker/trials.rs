//! States of Docker in which DSS cannot build.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the daemon is stopped",
        finding: "daemon-down",
        faults: &[Fault::Set("/host/docker", "\"daemon-down\"")],
    },
    Trial {
        name: "the account is not in the docker group",
        finding: "socket-denied",
        faults: &[Fault::Set("/host/docker", "\"socket-denied\"")],
    },
    Trial {
        name: "podman-docker is installed",
        finding: "podman",
        faults: &[Fault::Set("/host/docker", "\"podman\"")],
    },
    Trial {
        name: "Docker is not installed",
        finding: "client-missing",
        faults: &[Fault::Set("/host/docker", "\"missing\"")],
    },
];
