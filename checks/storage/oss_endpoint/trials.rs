//! Endpoints that do not work.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the endpoint is followed by a path",
        finding: &super::MALFORMED,
        faults: &[Fault::Set("/storage/site/endpoint", "\"oss-cn-hangzhou-internal.aliyuncs.com/lab-dss-data\"")],
    },
    Trial {
        name: "there is a space in the endpoint",
        finding: &super::MALFORMED,
        faults: &[Fault::Set("/storage/site/endpoint", "\"oss-cn-hangzhou internal.aliyuncs.com\"")],
    },
    Trial {
        name: "the bucket's domain name is given as the endpoint",
        finding: &super::BUCKET_IN_ENDPOINT,
        faults: &[Fault::Set("/storage/site/endpoint", "\"lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com\"")],
    },
    Trial {
        name: "the region's name is misspelt",
        finding: &super::UNRESOLVABLE,
        faults: &[Fault::Set("/storage/site/endpoint", "\"oss-cn-hangzou-internal.aliyuncs.com\"")],
    },
    Trial {
        name: "the endpoint refuses connections",
        finding: &super::UNREACHABLE,
        faults: &[Fault::Add(
            "/gateway/broken",
            r#"{"host": "lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com", "how": "refused"}"#,
        )],
    },
    Trial {
        name: "the endpoint is silent",
        finding: &super::UNREACHABLE,
        faults: &[Fault::Add(
            "/gateway/broken",
            r#"{"host": "lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com", "how": "silent"}"#,
        )],
    },
    Trial {
        name: "a proxy presents a certificate of an unknown authority",
        finding: &super::UNREACHABLE,
        faults: &[Fault::Add(
            "/gateway/broken",
            r#"{"host": "lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com", "how": "unknown-issuer"}"#,
        )],
    },
    Trial {
        name: "a gateway in between always answers 500",
        finding: &super::UNREACHABLE,
        faults: &[Fault::Add(
            "/gateway/broken",
            r#"{"host": "lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com", "how": "error-500"}"#,
        )],
    },
    Trial {
        name: "a gateway in between redirects in a circle",
        finding: &super::UNREACHABLE,
        faults: &[Fault::Add(
            "/gateway/broken",
            r#"{"host": "lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com", "how": "redirect-loop"}"#,
        )],
    },
    Trial {
        name: "what answers does not speak HTTP",
        finding: &super::UNREACHABLE,
        faults: &[Fault::Add(
            "/gateway/broken",
            r#"{"host": "lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com", "how": "garbage"}"#,
        )],
    },
    Trial {
        name: "the bucket is in Hangzhou, the endpoint in Shanghai",
        finding: &super::WRONG_REGION,
        faults: &[Fault::Set("/storage/site/endpoint", "\"oss-cn-shanghai.aliyuncs.com\"")],
    },
    Trial {
        name: "the endpoint is Shanghai's internal one, which is silent in Hangzhou",
        finding: &super::WRONG_REGION,
        faults: &[
            Fault::Set("/storage/site/endpoint", "\"oss-cn-shanghai-internal.aliyuncs.com\""),
            Fault::Add("/gateway/broken", r#"{"host": "*.oss-cn-shanghai-internal.aliyuncs.com", "how": "silent"}"#),
        ],
    },
    Trial {
        name: "the bucket was deleted",
        finding: &super::NO_SUCH_BUCKET,
        faults: &[Fault::Set("/storage/bucket/exists", "false")],
    },
    Trial {
        name: "the endpoint is written as a URL",
        finding: &super::SCHEME_OR_SLASH,
        faults: &[Fault::Set("/storage/site/endpoint", "\"https://oss-cn-hangzhou-internal.aliyuncs.com/\"")],
    },
    Trial {
        name: "the endpoint is the public one",
        finding: &super::PUBLIC_ENDPOINT,
        faults: &[Fault::Set("/storage/site/endpoint", "\"oss-cn-hangzhou.aliyuncs.com\"")],
    },
];
