//! Ports that pods cannot reach.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "a host firewall drops ports 20000 to 59999 from one node",
        finding: &super::PORTS_FILTERED,
        faults: &[Fault::Add(
            "/network/filtered",
            r#"{"node":"cn-hangzhou.10.0.1.12","address":"10.0.0.20","ports":"20000-59999","how":"drop"}"#,
        )],
    },
    Trial {
        name: "packets to one port are dropped from everywhere",
        finding: &super::PORTS_FILTERED,
        faults: &[Fault::Add(
            "/network/filtered",
            r#"{"node":"*","address":"10.0.0.20","ports":"40404","how":"drop"}"#,
        )],
    },
    Trial {
        name: "all packets from one node are dropped",
        finding: &super::HOST_UNREACHABLE,
        faults: &[Fault::Add(
            "/network/filtered",
            r#"{"node":"cn-hangzhou.10.0.2.13","address":"10.0.0.20","ports":"1-65535","how":"drop"}"#,
        )],
    },
    Trial {
        name: "there is no route to the host",
        finding: &super::HOST_UNREACHABLE,
        faults: &[Fault::Add(
            "/network/filtered",
            r#"{"node":"*","address":"10.0.0.20","ports":"1-65535","how":"no-route"}"#,
        )],
    },
    Trial {
        name: "firewalld rejects everything but SSH and DSS",
        finding: &super::REJECTED_BY_HOST,
        faults: &[
            Fault::Add("/network/filtered", r#"{"node":"*","address":"10.0.0.20","ports":"1-21","how":"reject"}"#),
            Fault::Add("/network/filtered", r#"{"node":"*","address":"10.0.0.20","ports":"23-11199","how":"reject"}"#),
            Fault::Add(
                "/network/filtered",
                r#"{"node":"*","address":"10.0.0.20","ports":"11211-65535","how":"reject"}"#,
            ),
        ],
    },
    Trial {
        name: "DSS is kept to a range, and the firewall is open for that and no more",
        finding: &super::UNREQUIRED_FILTERED,
        faults: &[
            Fault::Set("/network/site/ports", r#"["30000-30999"]"#),
            Fault::Write(LabFile::Data("config/dip.properties"), "dku.feature.portRangeLimitation.enabled=true\n"),
            Fault::Add("/network/filtered", r#"{"node":"*","address":"10.0.0.20","ports":"31000-65535","how":"drop"}"#),
        ],
    },
    Trial {
        name: "DSS is kept to a range, and a security group and a network ACL are open for little more",
        finding: &super::UNREQUIRED_FILTERED,
        faults: &[
            Fault::Set("/network/site/ports", r#"["30000-30999"]"#),
            Fault::Write(LabFile::Data("config/dip.properties"), "dku.feature.portRangeLimitation.enabled=true\n"),
            Fault::Add(
                "/cloud/security_groups/0/rules",
                r#"{"id": "sgr-bp1labdrop00000006", "direction": "ingress", "protocol": "TCP", "ports": "31000/65535", "policy": "Drop", "priority": 1, "range": "10.0.0.0/8"}"#,
            ),
            Fault::Set("/cloud/network_acls/0/ingress/0/range", "\"10.0.0.0/8\""),
            Fault::Set("/cloud/network_acls/0/ingress/0/ports", "\"1/11000\""),
        ],
    },
    Trial {
        name: "the site file says that DSS is kept to a range, and its settings offer none",
        finding: &super::PORTS_FILTERED,
        faults: &[
            Fault::Set("/network/site/ports", r#"["30000-30999"]"#),
            Fault::Add("/network/filtered", r#"{"node":"*","address":"10.0.0.20","ports":"31000-65535","how":"drop"}"#),
        ],
    },
    Trial {
        name: "the port of the backend is not in the range that DSS is kept to, and needed all the same",
        finding: &super::PORTS_FILTERED,
        faults: &[
            Fault::Set("/network/site/ports", r#"["30000-30999"]"#),
            Fault::Write(LabFile::Data("config/dip.properties"), "dku.feature.portRangeLimitation.enabled=true\n"),
            Fault::Add("/network/filtered", r#"{"node":"*","address":"10.0.0.20","ports":"11203","how":"drop"}"#),
        ],
    },
];
