//! Route tables that do not lead to Flannel's pods.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

const FLANNEL: Fault = Fault::Set("/deployment/pod_network", "\"flannel\"");
const OWN_TABLE: Fault = Fault::Set("/cloud/vswitches/0/route_table", "\"vtb-bp1labcustom00001\"");

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "a node's pod range has no route",
        finding: &super::ROUTE_MISSING,
        faults: &[FLANNEL, Fault::Add("/cloud/cluster/unrouted", "\"cn-hangzhou.10.0.1.12\"")],
    },
    Trial {
        name: "the route to a node's pods is not available",
        finding: &super::ROUTE_MISSING,
        faults: &[
            FLANNEL,
            Fault::Add("/cloud/cluster/unrouted", "\"cn-hangzhou.10.0.2.13\""),
            Fault::Add(
                "/cloud/route_tables/0/entries",
                r#"{"range": "172.20.2.0/24", "hop": "Instance", "to": "i-bp1labnode00000000013", "status": "Pending"}"#,
            ),
        ],
    },
    Trial {
        name: "a node was replaced, and its route was not",
        finding: &super::ROUTE_WRONG_NODE,
        faults: &[
            FLANNEL,
            Fault::Add("/cloud/cluster/unrouted", "\"cn-hangzhou.10.0.1.12\""),
            Fault::Add(
                "/cloud/route_tables/0/entries",
                r#"{"range": "172.20.1.0/24", "hop": "Instance", "to": "i-bp1labgone00000000009"}"#,
            ),
        ],
    },
    Trial {
        name: "a longer prefix takes half of a node's pods to another node",
        finding: &super::ROUTE_WRONG_NODE,
        faults: &[
            FLANNEL,
            Fault::Add(
                "/cloud/route_tables/0/entries",
                r#"{"range": "172.20.1.128/25", "hop": "Instance", "to": "i-bp1labnode00000000011"}"#,
            ),
        ],
    },
    Trial {
        name: "the host's vSwitch has a custom table that knows no pods",
        finding: &super::CUSTOM_TABLE,
        faults: &[
            FLANNEL,
            OWN_TABLE,
            Fault::Add(
                "/cloud/route_tables",
                r#"{"id": "vtb-bp1labcustom00001", "vpc": "vpc-bp1labvpc00000000001", "kind": "Custom", "entries": [
                    {"range": "0.0.0.0/0", "hop": "NatGateway", "to": "ngw-bp1lab00000000001"},
                    {"range": "172.20.0.0/24", "hop": "NetworkInterface", "to": "eni-bp1labnode0000011"}]}"#,
            ),
        ],
    },
];
