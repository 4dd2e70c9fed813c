//! Hosts that are not where the cluster is.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

/// The vSwitch of the DSS host, and its security group with it, moved to another VPC of the region.
const MOVED: Fault = Fault::Set("/cloud/vswitches/0/vpc", "\"vpc-bp1labother000000001\"");
const GROUP_MOVED: Fault = Fault::Set("/cloud/security_groups/0/vpc", "\"vpc-bp1labother000000001\"");
/// What the other VPC's table leads to the cluster's VPC.
const OUT: [Fault; 3] = [
    Fault::Add(
        "/cloud/route_tables/1/entries",
        r#"{"range": "10.0.1.0/24", "hop": "Attachment", "to": "tr-attach-labother"}"#,
    ),
    Fault::Add(
        "/cloud/route_tables/1/entries",
        r#"{"range": "10.0.2.0/24", "hop": "Attachment", "to": "tr-attach-labother"}"#,
    ),
    Fault::Add(
        "/cloud/route_tables/1/entries",
        r#"{"range": "10.0.128.0/17", "hop": "Attachment", "to": "tr-attach-labother"}"#,
    ),
];
const BACK: Fault = Fault::Add(
    "/cloud/route_tables/0/entries",
    r#"{"range": "10.0.0.0/24", "hop": "Attachment", "to": "tr-attach-lab"}"#,
);

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the host is in a VPC that nothing joins",
        finding: &super::OTHER_VPC,
        faults: &[MOVED, GROUP_MOVED],
    },
    Trial {
        name: "a transit router leads there, and no route back",
        finding: &super::OTHER_VPC,
        faults: &[MOVED, GROUP_MOVED, OUT[0], OUT[1], OUT[2]],
    },
    Trial {
        name: "a transit router joins both VPCs",
        finding: &super::OTHER_VPC_ROUTED,
        faults: &[MOVED, GROUP_MOVED, OUT[0], OUT[1], OUT[2], BACK],
    },
    Trial {
        name: "the host is in Shanghai",
        finding: &super::OTHER_REGION,
        faults: &[
            Fault::Set("/cloud/vswitches/0/vpc", "\"vpc-uf6labshanghai000001\""),
            Fault::Set("/cloud/vswitches/0/zone", "\"cn-shanghai-l\""),
            Fault::Set("/cloud/security_groups/0/vpc", "\"vpc-uf6labshanghai000001\""),
        ],
    },
    Trial {
        name: "the host is a machine of one's own",
        finding: &super::HOST_NOT_ECS,
        faults: &[
            Fault::Set("/cloud/host_is_ecs", "false"),
            Fault::Add("/gateway/broken", r#"{"host": "100.100.100.200", "how": "refused"}"#),
        ],
    },
];
