//! Base images that were not pushed, or not again after an upgrade, or for another processor.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const GENERAL: LabFile = LabFile::Data("config/general-settings.json");

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the base image was built and not pushed",
        finding: &super::MISSING,
        faults: &[Fault::Set("/registry/base_images/exec/pushed", "false")],
    },
    Trial {
        name: "the container configuration names a base image that nobody pushed",
        finding: &super::MISSING,
        faults: &[Fault::SetIn(
            GENERAL,
            "/containerSettings/executionConfigs/0/baseImage",
            "\"dataiku-exec-cuda:dss-14.2.0\"",
        )],
    },
    Trial {
        name: "DSS was upgraded, and the Spark image not built again",
        finding: &super::OTHER_VERSION,
        faults: &[Fault::Set("/registry/base_images/spark/version", "\"13.5.7\"")],
    },
    Trial {
        name: "the container configuration still names the image from before the upgrade",
        finding: &super::OTHER_VERSION,
        faults: &[
            Fault::Set("/registry/base_images/exec/version", "\"13.5.7\""),
            Fault::SetIn(
                GENERAL,
                "/containerSettings/executionConfigs/0/baseImage",
                "\"dku-exec-base-labinstallid0123456789ab:dss-13.5.7\"",
            ),
        ],
    },
    Trial {
        name: "the image was built on an ARM machine",
        finding: &super::OTHER_ARCHITECTURE,
        faults: &[Fault::Set("/registry/base_images/exec/architectures", "[\"arm64\"]")],
    },
    Trial {
        name: "the image was built for two other processors",
        finding: &super::OTHER_ARCHITECTURE,
        faults: &[Fault::Set("/registry/base_images/spark/architectures", "[\"arm64\", \"s390x\"]")],
    },
];
