//! What stands between pods and OSS.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "one node's pods cannot resolve the bucket",
        finding: &super::UNRESOLVABLE,
        faults: &[Fault::Add(
            "/network/cluster_dns",
            r#"{"node":"cn-hangzhou.10.0.1.11","name":"lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com","addresses":[]}"#,
        )],
    },
    // The layers of images are at the endpoint's usual address, and pulled by the node.
    Trial {
        name: "packets of one node's pods to an address of OSS are dropped",
        finding: &super::FILTERED,
        faults: &[Fault::Add(
            "/network/cluster_dns",
            r#"{"node":"cn-hangzhou.10.0.1.12","name":"lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com","addresses":["100.118.28.99"]}"#,
        )],
    },
    Trial {
        name: "a firewall rejects what pods send to an address of OSS",
        finding: &super::FILTERED,
        faults: &[
            Fault::Add(
                "/network/cluster_dns",
                r#"{"node":"*","name":"lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com","addresses":["100.98.35.10"]}"#,
            ),
            Fault::Add("/network/filtered", r#"{"node":"*","address":"100.98.35.10","ports":"443","how":"reject"}"#),
        ],
    },
    Trial {
        name: "a proxy that inspects TLS answers one node for the bucket",
        finding: &super::PROXIED,
        faults: &[Fault::Add(
            "/network/intercepted",
            r#"{"node":"cn-hangzhou.10.0.1.12","host":"lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com","how":"certificate"}"#,
        )],
    },
    Trial {
        name: "a page that wants a login answers nodes for the bucket",
        finding: &super::PROXIED,
        faults: &[Fault::Add(
            "/network/intercepted",
            r#"{"node":"*","host":"lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com","how":"page"}"#,
        )],
    },
    Trial {
        name: "something without TLS answers one node for the bucket",
        finding: &super::PROXIED,
        faults: &[Fault::Add(
            "/network/intercepted",
            r#"{"node":"cn-hangzhou.10.0.2.13","host":"lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com","how":"no-tls"}"#,
        )],
    },
    Trial {
        name: "one node is shown a certificate that has expired",
        finding: &super::TLS,
        faults: &[Fault::Add(
            "/network/intercepted",
            r#"{"node":"cn-hangzhou.10.0.2.13","host":"lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com","how":"expired"}"#,
        )],
    },
    Trial {
        name: "pods of one node are given OSS's public address",
        finding: &super::PUBLIC_INSTEAD_OF_INTERNAL,
        faults: &[Fault::Add(
            "/network/cluster_dns",
            r#"{"node":"cn-hangzhou.10.0.1.11","name":"lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com","addresses":["118.31.219.200"]}"#,
        )],
    },
];
