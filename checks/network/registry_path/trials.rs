//! Hosts that pulls go through and that a node does not reach.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "one node cannot resolve the registry",
        finding: &super::UNRESOLVABLE,
        faults: &[Fault::Add(
            "/network/node_dns",
            r#"{"node":"cn-hangzhou.10.0.2.13","name":"lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com","addresses":[]}"#,
        )],
    },
    Trial {
        name: "one node cannot resolve the layer store",
        finding: &super::UNRESOLVABLE,
        faults: &[Fault::Add(
            "/network/node_dns",
            r#"{"node":"cn-hangzhou.10.0.2.13","name":"lab-registry-layers.oss-cn-hangzhou-internal.aliyuncs.com","addresses":[]}"#,
        )],
    },
    Trial {
        name: "packets of one node to the registry are dropped",
        finding: &super::FILTERED,
        faults: &[Fault::Add(
            "/network/filtered",
            r#"{"node":"cn-hangzhou.10.0.1.12","address":"10.0.0.40","ports":"443","how":"drop"}"#,
        )],
    },
    Trial {
        name: "packets of nodes to the token service are dropped",
        finding: &super::FILTERED,
        faults: &[Fault::Add(
            "/network/filtered",
            r#"{"node":"*","address":"100.103.7.20","ports":"443","how":"drop"}"#,
        )],
    },
    Trial {
        name: "a proxy that inspects TLS answers one node for the token service",
        finding: &super::PROXIED,
        faults: &[Fault::Add(
            "/network/intercepted",
            r#"{"node":"cn-hangzhou.10.0.1.12","host":"dockerauth-ee-vpc.cn-hangzhou.aliyuncs.com","how":"certificate"}"#,
        )],
    },
    Trial {
        name: "one node's runtime is sent to a proxy that wants a login",
        finding: &super::PROXIED,
        faults: &[Fault::Add(
            "/kubernetes/pull_failures",
            r#"{"node":"cn-hangzhou.10.0.1.12","said":"rpc error: code = Unknown desc = failed to pull and unpack image \"{image}\": failed to resolve reference \"{image}\": failed to do request: Head \"https://lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com/v2/dss/ackcheck-probe/manifests/1\": Proxy Authentication Required"}"#,
        )],
    },
    Trial {
        name: "one node reaches a server without TLS",
        finding: &super::PROXIED,
        faults: &[Fault::Add(
            "/kubernetes/pull_failures",
            r#"{"node":"cn-hangzhou.10.0.1.12","said":"rpc error: code = Unknown desc = failed to pull and unpack image \"{image}\": failed to resolve reference \"{image}\": failed to do request: Head \"https://lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com/v2/dss/ackcheck-probe/manifests/1\": http: server gave HTTP response to HTTPS client"}"#,
        )],
    },
    Trial {
        name: "one node is shown a certificate that has expired",
        finding: &super::TLS,
        faults: &[Fault::Add(
            "/network/intercepted",
            r#"{"node":"cn-hangzhou.10.0.1.12","host":"lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com","how":"expired"}"#,
        )],
    },
    Trial {
        name: "the token service has a public address for one node",
        finding: &super::PUBLIC_INSTEAD_OF_INTERNAL,
        faults: &[Fault::Add(
            "/network/cluster_dns",
            r#"{"node":"cn-hangzhou.10.0.1.12","name":"dockerauth-ee-vpc.cn-hangzhou.aliyuncs.com","addresses":["121.199.240.10"]}"#,
        )],
    },
];
