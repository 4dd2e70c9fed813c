//! Network ACLs that drop connections or answers.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the host's vSwitch lets no pod of the cluster in",
        finding: &super::BLOCKED_FORWARD,
        faults: &[Fault::Set("/cloud/network_acls/0/ingress/1/range", "\"10.0.0.0/17\"")],
    },
    Trial {
        name: "an entry above drops a hundred ports",
        finding: &super::BLOCKED_FORWARD,
        faults: &[
            Fault::Set("/cloud/network_acls/0/ingress/0/range", "\"10.0.2.0/23\""),
            Fault::Set("/cloud/network_acls/0/ingress/0/ports", "\"11300/11399\""),
        ],
    },
    Trial {
        name: "DSS is kept to a range, and an entry drops its backend along with ports that nobody uses",
        finding: &super::BLOCKED_FORWARD,
        faults: &[
            Fault::Set("/network/site/ports", r#"["30000-30999"]"#),
            Fault::Write(LabFile::Data("config/dip.properties"), "dku.feature.portRangeLimitation.enabled=true\n"),
            Fault::Set("/cloud/network_acls/0/ingress/0/range", "\"10.0.2.0/23\""),
            Fault::Set("/cloud/network_acls/0/ingress/0/ports", "\"1/11201\""),
        ],
    },
    Trial {
        name: "an ACL without entries lets nothing out",
        finding: &super::BLOCKED_FORWARD,
        faults: &[Fault::Set("/cloud/network_acls/1/egress", "[]")],
    },
    Trial {
        name: "the nodes' vSwitch lets nothing out to the host",
        finding: &super::BLOCKED_FORWARD,
        faults: &[
            Fault::Set("/cloud/network_acls/1/egress/0/range", "\"10.0.0.20/32\""),
            Fault::Set("/cloud/network_acls/1/egress/0/ports", "\"1024/65535\""),
        ],
    },
    Trial {
        name: "answers are let out to the ports of servers alone",
        finding: &super::BLOCKED_RETURN,
        faults: &[Fault::Set("/cloud/network_acls/0/egress/1/ports", "\"1/32767\"")],
    },
    Trial {
        name: "the last ports that connections come from are missing",
        finding: &super::BLOCKED_RETURN,
        faults: &[Fault::Set("/cloud/network_acls/0/egress/1/ports", "\"32768/60000\"")],
    },
    Trial {
        name: "a zone is missing from the prefix list of the answers",
        finding: &super::BLOCKED_RETURN,
        faults: &[Fault::Remove("/cloud/prefix_lists/1/ranges/1")],
    },
    Trial {
        name: "the pods' vSwitch lets no answers in",
        finding: &super::BLOCKED_RETURN,
        faults: &[Fault::Set("/cloud/network_acls/1/ingress/0/range", "\"10.0.1.0/24\"")],
    },
];
