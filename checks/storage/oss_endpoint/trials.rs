//! Endpoints that do not work.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

/// The endpoint of DSS's connection: settings-agree compares it with the site file's.
const OF_DSS: &str = "/deployment/bucket/endpoint";

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
        faults: &[
            Fault::Set("/storage/site/endpoint", "\"oss-cn-hangzou-internal.aliyuncs.com\""),
            Fault::Set(OF_DSS, "\"oss-cn-hangzou-internal.aliyuncs.com\""),
        ],
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
        faults: &[
            Fault::Set("/storage/site/endpoint", "\"oss-cn-shanghai.aliyuncs.com\""),
            Fault::Set(OF_DSS, "\"oss-cn-shanghai.aliyuncs.com\""),
        ],
    },
    Trial {
        name: "the endpoint is Shanghai's internal one, which is silent in Hangzhou",
        finding: &super::WRONG_REGION,
        faults: &[
            Fault::Set("/storage/site/endpoint", "\"oss-cn-shanghai-internal.aliyuncs.com\""),
            Fault::Set(OF_DSS, "\"oss-cn-shanghai-internal.aliyuncs.com\""),
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
    Trial {
        name: "the endpoint is the placeholder of the documentation",
        finding: &super::PLACEHOLDER,
        faults: &[Fault::Set("/storage/site/endpoint", "\"OSS_ENDPOINT_DOMAIN_NAME\"")],
    },
    Trial {
        name: "the endpoint is one of OSS-HDFS",
        finding: &super::OSS_HDFS,
        faults: &[Fault::Set("/storage/site/endpoint", "\"cn-hangzhou.oss-dls.aliyuncs.com\"")],
    },
    Trial {
        name: "a non-breaking space ends the endpoint",
        finding: &super::MALFORMED,
        faults: &[Fault::Set("/storage/site/endpoint", "\"oss-cn-hangzhou-internal.aliyuncs.com\u{a0}\"")],
    },
    Trial {
        name: "the endpoint is an address of OSS",
        finding: &super::PATH_STYLE_REFUSED,
        faults: &[Fault::Set("/storage/site/endpoint", "\"http://100.118.28.52\"")],
    },
    Trial {
        name: "the endpoint is an address, to which no certificate is issued",
        finding: &super::PATH_STYLE_REFUSED,
        faults: &[Fault::Set("/storage/site/endpoint", "\"127.0.0.1:9\"")],
    },
    Trial {
        name: "the public endpoint is closed to the account",
        finding: &super::PUBLIC_ACCESS_CLOSED,
        faults: &[
            Fault::Set("/storage/site/endpoint", "\"oss-cn-hangzhou.aliyuncs.com\""),
            Fault::Set("/storage/public_data_closed", "true"),
        ],
    },
    Trial {
        name: "the endpoint is that of transfer acceleration, the bucket in another region",
        finding: &super::ACCELERATE,
        faults: &[
            Fault::Set("/storage/site/endpoint", "\"oss-accelerate.aliyuncs.com\""),
            Fault::Set(OF_DSS, "\"oss-accelerate.aliyuncs.com\""),
            Fault::Set("/storage/bucket/region", "\"cn-shanghai\""),
        ],
    },
];
