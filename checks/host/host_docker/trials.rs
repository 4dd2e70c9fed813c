//! States of Docker in which DSS cannot build images, or may come to build them otherwise than is thought.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the daemon is stopped",
        finding: &super::DAEMON_DOWN,
        faults: &[Fault::Set("/host/docker/state", "\"daemon-down\"")],
    },
    Trial {
        name: "the account is not in the docker group",
        finding: &super::SOCKET_DENIED,
        faults: &[Fault::Set("/host/docker/state", "\"socket-denied\"")],
    },
    Trial {
        name: "podman-docker is installed",
        finding: &super::PODMAN,
        faults: &[Fault::Set("/host/docker/state", "\"podman\"")],
    },
    Trial {
        name: "Docker is not installed",
        finding: &super::CLIENT_MISSING,
        faults: &[Fault::Set("/host/docker/state", "\"missing\"")],
    },
    Trial {
        name: "nerdctl is linked to the name docker",
        finding: &super::NOT_DOCKER,
        faults: &[Fault::Set("/host/docker/state", "\"nerdctl\"")],
    },
    Trial {
        name: "the daemon was upgraded, the client was not",
        finding: &super::API_MISMATCH,
        faults: &[Fault::Set("/host/docker/state", "\"client-too-old\"")],
    },
    Trial {
        name: "DOCKER_API_VERSION names a version that the daemon does not have",
        finding: &super::API_MISMATCH,
        faults: &[Fault::Set("/host/docker/state", "\"client-too-new\"")],
    },
    Trial {
        name: "an Open Policy Agent refuses the account",
        finding: &super::PLUGIN_DENIES,
        faults: &[Fault::Set("/host/docker/state", "\"plugin-denies\"")],
    },
    Trial {
        name: "docker is a script that calls sudo",
        finding: &super::ASKS_FOR_A_PASSWORD,
        faults: &[Fault::Set("/host/docker/state", "\"asks-for-a-password\"")],
    },
    Trial {
        name: "the daemon runs in an ARM virtual machine",
        finding: &super::OTHER_ARCHITECTURE,
        faults: &[Fault::Set("/host/docker/architecture", "\"arm64\"")],
    },
    Trial {
        name: "the daemon has been switched to Windows containers",
        finding: &super::WINDOWS,
        faults: &[Fault::Set("/host/docker/os", "\"windows\"")],
    },
    Trial {
        name: "old images fill the disk",
        finding: &super::DISK_FULL,
        faults: &[Fault::Set("/host/docker/root/free", "1200")],
    },
    Trial {
        name: "layers of many files leave no inodes",
        finding: &super::DISK_FULL,
        faults: &[Fault::Set("/host/docker/root/free_inodes", "40")],
    },
    Trial {
        name: "DOCKER_HOST leads to a build server",
        finding: &super::REMOTE_DAEMON,
        faults: &[Fault::Set("/host/docker/endpoint", "\"tcp://10.0.0.9:2376\"")],
    },
    Trial {
        name: "a setting of the docker command has the wrong type, and a helper has the login",
        finding: &super::CONFIG_UNREADABLE,
        faults: &[Fault::Set(
            "/host/docker/settings",
            r#""{\"credHelpers\": {\"{{host}}\": \"lab\"}, \"psFormat\": 5}""#,
        )],
    },
];
