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
        finding: &super::READ_ONLY,
        faults: &[Fault::Set("/registry/read_only", "true")],
    },
    Trial {
        name: "the registry's storage fails",
        finding: &super::UPLOAD_FAILS,
        faults: &[Fault::Add(
            "/registry/answers",
            r#"{"method":"PUT","path":"/v2/*/blobs/uploads/*","status":500,"body":"{\"errors\":[{\"code\":\"UNKNOWN\",\"message\":\"unknown error\"}]}"}"#,
        )],
    },
    Trial {
        name: "/v2/ is open, and the password that uploads want was changed",
        finding: &super::UNAUTHORIZED,
        faults: &[Fault::Set("/registry/open_root", "true"), Fault::Set("/registry/password", "\"changed\"")],
    },
    Trial {
        name: "/v2/ is open, and the rest asks for a login",
        finding: &super::ASKS_LATE,
        faults: &[Fault::Set("/registry/open_root", "true")],
    },
    Trial {
        name: "uploads are put off for an hour",
        finding: &super::THROTTLED,
        faults: &[Fault::Add(
            "/registry/answers",
            r#"{"method":"POST","path":"/v2/*/blobs/uploads/","status":429,"headers":{"retry-after":"3600"},"body":"{\"errors\":[{\"code\":\"TOOMANYREQUESTS\",\"message\":\"too many requests\"}]}"}"#,
        )],
    },
    Trial {
        name: "the project's quota is used up",
        finding: &super::QUOTA,
        faults: &[Fault::Add(
            "/registry/answers",
            r#"{"method":"PUT","path":"/v2/*/blobs/uploads/*","status":403,"body":"{\"errors\":[{\"code\":\"DENIED\",\"message\":\"adding 2.1 MiB of storage resource, which when updated to current usage of 99 MiB will exceed the configured upper limit of 100 MiB.\"}]}"}"#,
        )],
    },
    Trial {
        name: "a proxy limits the size of requests",
        finding: &super::BODY_LIMIT,
        faults: &[Fault::Add(
            "/registry/answers",
            r#"{"method":"PUT","path":"/v2/*/blobs/uploads/*","above":65536,"status":413,"headers":{"content-type":"text/html"},"body":"<html><head><title>413 Request Entity Too Large</title></head></html>"}"#,
        )],
    },
];
