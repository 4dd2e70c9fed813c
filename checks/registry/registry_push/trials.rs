//! Pushes that fail.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the user's policy lacks cr:PushRepository",
        finding: &super::DENIED,
        faults: &[Fault::Add("/registry/denied", r#"{"repository":"dss/*","action":"push"}"#)],
    },
    Trial {
        name: "the user has no permission in the namespace",
        finding: &super::DENIED,
        faults: &[
            Fault::Add("/registry/denied", r#"{"repository":"dss/*","action":"push"}"#),
            Fault::Add("/registry/denied", r#"{"repository":"dss/*","action":"pull"}"#),
        ],
    },
    Trial {
        name: "the namespace was never created",
        finding: &super::NOT_CREATED,
        faults: &[Fault::Remove("/registry/namespaces/dss")],
    },
    Trial {
        name: "the namespace does not create repositories on push",
        finding: &super::NOT_CREATED,
        faults: &[Fault::Set("/registry/namespaces/dss/auto_create", "false")],
    },
    Trial {
        name: "the namespace creates repositories with immutable tags",
        finding: &super::TAG_IMMUTABLE,
        faults: &[Fault::Set("/registry/namespaces/dss/tag_immutable", "true")],
    },
    Trial {
        name: "the registry is read-only for maintenance",
        finding: &super::UPLOAD_FAILS,
        faults: &[Fault::Set("/registry/read_only", "true")],
    },
];
