//! States of Docker in which DSS cannot build images.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the daemon is stopped",
        finding: &super::DAEMON_DOWN,
        faults: &[Fault::Set("/host/docker", "\"daemon-down\"")],
    },
    Trial {
        name: "the account is not in the docker group",
        finding: &super::SOCKET_DENIED,
        faults: &[Fault::Set("/host/docker", "\"socket-denied\"")],
    },
    Trial {
        name: "podman-docker is installed",
        finding: &super::PODMAN,
        faults: &[Fault::Set("/host/docker", "\"podman\"")],
    },
    Trial {
        name: "Docker is not installed",
        finding: &super::CLIENT_MISSING,
        faults: &[Fault::Set("/host/docker", "\"missing\"")],
    },
];
