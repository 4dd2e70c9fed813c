//! Pulls that fail on a node although the push succeeded.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the pull secret has an old password",
        finding: &super::UNAUTHORIZED,
        faults: &[Fault::Set("/kubernetes/pull_secrets/0/password", "\"CANARY-old-password\"")],
    },
    Trial {
        name: "the namespace has no pull secret",
        finding: &super::NO_PULL_SECRET,
        faults: &[Fault::Remove("/kubernetes/pull_secrets/0")],
    },
    Trial {
        name: "no service account has the pull secret",
        finding: &super::NO_PULL_SECRET,
        faults: &[Fault::Set("/kubernetes/pull_secrets/0/service_accounts", "[]")],
    },
    Trial {
        name: "the credential helper only covers the namespace default",
        finding: &super::HELPER_NOT_COVERING_NAMESPACE,
        faults: &[
            Fault::Remove("/kubernetes/pull_secrets/0"),
            Fault::Add("/kubernetes/credential_helper/watch_namespaces", "\"default\""),
        ],
    },
    Trial {
        name: "one node cannot reach the registry",
        finding: &super::UNREACHABLE_FROM_NODE,
        faults: &[Fault::Add(
            "/network/filtered",
            r#"{"node":"cn-hangzhou.10.0.1.12","address":"10.0.0.40","ports":"443","how":"drop"}"#,
        )],
    },
    Trial {
        name: "nodes cannot reach the token service",
        finding: &super::UNREACHABLE_FROM_NODE,
        faults: &[Fault::Add(
            "/network/filtered",
            r#"{"node":"*","address":"100.103.7.20","ports":"443","how":"drop"}"#,
        )],
    },
    Trial {
        name: "one node cannot resolve the registry",
        finding: &super::UNREACHABLE_FROM_NODE,
        faults: &[Fault::Add(
            "/network/node_dns",
            r#"{"node":"cn-hangzhou.10.0.2.13","name":"lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com","addresses":[]}"#,
        )],
    },
    Trial {
        name: "one node is an ARM machine",
        finding: &super::WRONG_ARCHITECTURE,
        faults: &[Fault::Add("/kubernetes/architecture", r#"{"node":"cn-hangzhou.10.0.2.13","is":"arm64"}"#)],
    },
];
