//! Hosts that are in another VPC or region than the cluster.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

/// Moves the vSwitch of the DSS host to another VPC of the region; its security group has to follow.
const MOVED: Fault = Fault::Set("/cloud/vswitches/0/vpc", "\"vpc-bp1labother000000001\"");
const GROUP_MOVED: Fault = Fault::Set("/cloud/security_groups/0/vpc", "\"vpc-bp1labother000000001\"");
/// The routes from the other VPC to the cluster's.
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
        name: "the host is in another VPC, without any route",
        finding: &super::OTHER_VPC,
        faults: &[MOVED, GROUP_MOVED],
    },
    Trial {
        name: "a transit router leads there, but no route leads back",
        finding: &super::OTHER_VPC,
        faults: &[MOVED, GROUP_MOVED, OUT[0], OUT[1], OUT[2]],
    },
    Trial {
        name: "a transit router connects both VPCs",
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
        name: "the host is not an ECS instance",
        finding: &super::HOST_NOT_ECS,
        faults: &[
            Fault::Set("/cloud/host_is_ecs", "false"),
            Fault::Add("/gateway/broken", r#"{"host": "100.100.100.200", "how": "refused"}"#),
        ],
    },
];
