//! Sources that Docker on the DSS host does not reach, or not as they are.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const SETTINGS: LabFile = LabFile::Data("config/general-settings.json");

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "Docker Hub's name does not resolve",
        finding: &super::UNREACHABLE,
        faults: &[Fault::Remove("/dns/records/registry-1.docker.io")],
    },
    Trial {
        name: "Docker Hub's token service is not let through",
        finding: &super::UNREACHABLE,
        faults: &[Fault::Add("/gateway/broken", r#"{"host": "auth.docker.io", "how": "refused"}"#)],
    },
    Trial {
        name: "the daemon's proxy does not answer",
        finding: &super::UNREACHABLE,
        faults: &[Fault::Set("/host/docker/proxies/https", r#""http://proxy.corp.example:3128""#)],
    },
    Trial {
        name: "a mirror and Docker Hub are both out of reach",
        finding: &super::UNREACHABLE,
        faults: &[
            Fault::Add("/host/docker/mirrors", r#""https://mirror.corp.example/""#),
            Fault::Add("/gateway/broken", r#"{"host": "mirror.corp.example", "how": "refused"}"#),
            Fault::Add("/gateway/broken", r#"{"host": "registry-1.docker.io", "how": "refused"}"#),
        ],
    },
    Trial {
        name: "the index that DSS names is not let through",
        finding: &super::UNREACHABLE,
        faults: &[
            Fault::SetIn(
                SETTINGS,
                "/codeEnvsSettings",
                r#"{"pipInstallExtraOptions": ["--index-url", "https://cran.corp.example/simple"]}"#,
            ),
            Fault::Add("/gateway/broken", r#"{"host": "cran.corp.example", "how": "refused"}"#),
        ],
    },
    Trial {
        name: "the mirror of CRAN that DSS names is gone",
        finding: &super::UNREACHABLE,
        faults: &[Fault::SetIn(
            SETTINGS,
            "/codeEnvsSettings",
            r#"{"pipInstallExtraOptions": [], "cranMirrorURL": "https://cran.nowhere.example/"}"#,
        )],
    },
    Trial {
        name: "the index that DSS names does not have pip",
        finding: &super::UNREACHABLE,
        faults: &[
            Fault::SetIn(
                SETTINGS,
                "/codeEnvsSettings",
                r#"{"pipInstallExtraOptions": ["--index-url=https://dss:CANARY-index@cran.corp.example/simple"]}"#,
            ),
            Fault::Set("/sources/hosts/cran.corp.example", "404"),
        ],
    },
    Trial {
        name: "Docker Hub refuses as there were too many pulls",
        finding: &super::THROTTLED,
        faults: &[Fault::Set("/sources/docker_hub/throttled", r#""refused""#)],
    },
    Trial {
        name: "Docker Hub says that no pull is left",
        finding: &super::THROTTLED,
        faults: &[Fault::Set("/sources/docker_hub/throttled", r#""headers""#)],
    },
    Trial {
        name: "the daemon's mirror does not have the base image",
        finding: &super::MIRROR_STALE,
        faults: &[
            Fault::Add("/host/docker/mirrors", r#""https://mirror.corp.example/""#),
            Fault::Set("/sources/mirror/images", "{}"),
        ],
    },
    Trial {
        name: "the daemon's mirror has an old base image",
        finding: &super::MIRROR_STALE,
        faults: &[
            Fault::Add("/host/docker/mirrors", r#""https://mirror.corp.example/""#),
            Fault::Set(
                "/sources/mirror/images",
                r#"{"library/almalinux": {"9": "sha256:0000aa0df1af54a6ad8f4dec9ec3e0df16feec385c4fb761ac5c5ccdd829d017"}}"#,
            ),
        ],
    },
];
