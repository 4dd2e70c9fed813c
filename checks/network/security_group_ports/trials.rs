//! Security groups that block pods on their way in or out.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

/// The rule of the DSS host's group that allows Flannel's pods, by its place in the world.
const FLANNEL_PODS: &str = "/cloud/security_groups/0/rules/2";

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "a stronger rule drops a hundred ports from one zone",
        finding: &super::PORTS_BLOCKED,
        faults: &[Fault::Add(
            "/cloud/security_groups/0/rules",
            r#"{"id": "sgr-bp1labdrop00000001", "direction": "ingress", "protocol": "TCP", "ports": "11300/11399", "policy": "Drop", "priority": 1, "range": "10.0.1.0/24"}"#,
        )],
    },
    Trial {
        name: "DSS is kept to a range, and a rule drops a part of it along with ports that nobody uses",
        finding: &super::PORTS_BLOCKED,
        faults: &[
            Fault::Set("/network/site/ports", r#"["30000-30999"]"#),
            Fault::Write(LabFile::Data("config/dip.properties"), "dku.feature.portRangeLimitation.enabled=true\n"),
            Fault::Add(
                "/cloud/security_groups/0/rules",
                r#"{"id": "sgr-bp1labdrop00000004", "direction": "ingress", "protocol": "TCP", "ports": "30900/65535", "policy": "Drop", "priority": 1, "range": "10.0.1.0/24"}"#,
            ),
        ],
    },
    Trial {
        name: "the site file names a range that DSS is not kept to, and a rule drops what is beyond it",
        finding: &super::PORTS_BLOCKED,
        faults: &[
            Fault::Set("/network/site/ports", r#"["30000-30999"]"#),
            Fault::Add(
                "/cloud/security_groups/0/rules",
                r#"{"id": "sgr-bp1labdrop00000005", "direction": "ingress", "protocol": "TCP", "ports": "31000/65535", "policy": "Drop", "priority": 1, "range": "10.0.1.0/24"}"#,
            ),
        ],
    },
    Trial {
        name: "the rule for pods was never added",
        finding: &super::PORTS_BLOCKED,
        faults: &[Fault::Remove("/cloud/security_groups/0/rules/1")],
    },
    Trial {
        name: "priority 10 is weaker than a drop of 2",
        finding: &super::PORTS_BLOCKED,
        faults: &[
            Fault::Set("/cloud/security_groups/0/rules/1/priority", "\"10\""),
            Fault::Add(
                "/cloud/security_groups/0/rules",
                r#"{"id": "sgr-bp1labdrop00000002", "direction": "ingress", "protocol": "ALL", "ports": "-1/-1", "policy": "Drop", "priority": "2", "range": "10.0.192.0/18"}"#,
            ),
        ],
    },
    Trial {
        name: "the rule for pods is for another host's address",
        finding: &super::PORTS_BLOCKED,
        faults: &[Fault::Set("/cloud/security_groups/0/rules/1/own_range", "\"10.0.0.21/32\"")],
    },
    Trial {
        name: "a drop that is for the host's address",
        finding: &super::PORTS_BLOCKED,
        faults: &[Fault::Add(
            "/cloud/security_groups/0/rules",
            r#"{"id": "sgr-bp1labdrop00000003", "direction": "ingress", "protocol": "all", "ports": "80/80", "policy": "Drop", "priority": "1", "range": "0.0.0.0/0", "own_range": "10.0.0.0/27"}"#,
        )],
    },
    Trial {
        name: "a zone is missing from the prefix list",
        finding: &super::PORTS_BLOCKED,
        faults: &[Fault::Remove("/cloud/prefix_lists/0/ranges/1")],
    },
    Trial {
        name: "Flannel's pods are not in the group that is allowed",
        finding: &super::POD_SOURCE_NOT_COVERED,
        faults: &[
            Fault::Set("/deployment/pod_network", "\"flannel\""),
            Fault::Set(
                FLANNEL_PODS,
                r#"{"id": "sgr-bp1labgroup0000001", "direction": "ingress", "protocol": "TCP", "ports": "1/65535", "policy": "Accept", "priority": "1", "group": "sg-bp1labcluster00001"}"#,
            ),
        ],
    },
    Trial {
        name: "an advanced group without egress rules",
        finding: &super::EGRESS_BLOCKED,
        faults: &[Fault::Set("/cloud/security_groups/1/kind", "\"enterprise\"")],
    },
    Trial {
        name: "a basic group drops traffic to the host's network",
        finding: &super::EGRESS_BLOCKED,
        faults: &[Fault::Add(
            "/cloud/security_groups/1/rules",
            r#"{"id": "sgr-bp1labout000000001", "direction": "egress", "protocol": "TCP", "ports": "1024/65535", "policy": "Drop", "priority": "1", "range": "10.0.0.0/24"}"#,
        )],
    },
];
