//! Endpoints that do not serve.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the endpoint is followed by a path",
        finding: "malformed",
        faults: &[Fault::Set("/storage/site/endpoint", "\"oss-cn-hangzhou-internal.aliyuncs.com/lab-dss-data\"")],
    },
    Trial {
        name: "there is a space in the endpoint",
        finding: "malformed",
        faults: &[Fault::Set("/storage/site/endpoint", "\"oss-cn-hangzhou internal.aliyuncs.com\"")],
    },
    Trial {
        name: "the bucket's domain name was taken for the endpoint",
        finding: "bucket-in-endpoint",
        faults: &[Fault::Set("/storage/site/endpoint", "\"lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com\"")],
    },
    Trial {
        name: "the region's name is misspelt",
        finding: "unresolvable",
        faults: &[Fault::Set("/storage/site/endpoint", "\"oss-cn-hangzou-internal.aliyuncs.com\"")],
    },
    Trial {
        name: "the endpoint refuses connections",
        finding: "unreachable",
        faults: &[Fault::Add(
            "/gateway/broken",
            r#"{"host": "lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com", "how": "refused"}"#,
        )],
    },
    Trial {
        name: "the endpoint is silent",
        finding: "unreachable",
        faults: &[Fault::Add(
            "/gateway/broken",
            r#"{"host": "lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com", "how": "silent"}"#,
        )],
    },
    Trial {
        name: "another authority's certificate is in between",
        finding: "unreachable",
        faults: &[Fault::Add(
            "/gateway/broken",
            r#"{"host": "lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com", "how": "unknown-issuer"}"#,
        )],
    },
    Trial {
        name: "a gateway in between answers 500 for ever",
        finding: "unreachable",
        faults: &[Fault::Add(
            "/gateway/broken",
            r#"{"host": "lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com", "how": "error-500"}"#,
        )],
    },
    Trial {
        name: "a gateway in between redirects in a circle",
        finding: "unreachable",
        faults: &[Fault::Add(
            "/gateway/broken",
            r#"{"host": "lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com", "how": "redirect-loop"}"#,
        )],
    },
    Trial {
        name: "what answers speaks no HTTP",
        finding: "unreachable",
        faults: &[Fault::Add(
            "/gateway/broken",
            r#"{"host": "lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com", "how": "garbage"}"#,
        )],
    },
    Trial {
        name: "the bucket is in Hangzhou, the endpoint in Shanghai",
        finding: "wrong-region",
        faults: &[Fault::Set("/storage/site/endpoint", "\"oss-cn-shanghai.aliyuncs.com\"")],
    },
    Trial {
        name: "the endpoint is Shanghai's internal one, which is silent in Hangzhou",
        finding: "wrong-region",
        faults: &[
            Fault::Set("/storage/site/endpoint", "\"oss-cn-shanghai-internal.aliyuncs.com\""),
            Fault::Add("/gateway/broken", r#"{"host": "*.oss-cn-shanghai-internal.aliyuncs.com", "how": "silent"}"#),
        ],
    },
    Trial {
        name: "the bucket was deleted",
        finding: "no-such-bucket",
        faults: &[Fault::Set("/storage/bucket/exists", "false")],
    },
    Trial {
        name: "the endpoint is written as a URL",
        finding: "scheme-or-slash",
        faults: &[Fault::Set("/storage/site/endpoint", "\"https://oss-cn-hangzhou-internal.aliyuncs.com/\"")],
    },
    Trial {
        name: "the endpoint is the public one",
        finding: "public-endpoint",
        faults: &[Fault::Set("/storage/site/endpoint", "\"oss-cn-hangzhou.aliyuncs.com\"")],
    },
];
