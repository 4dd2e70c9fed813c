//! Settings of ports that contradict each other.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const KEPT: Fault =
    Fault::Write(LabFile::Data("config/dip.properties"), "dku.feature.portRangeLimitation.enabled=true\n");
const RANGE: Fault = Fault::Set("/network/site/ports", r#"["30000-30999"]"#);

/// Sets a property of a Spark configuration.
const fn spark(json: &'static str) -> Fault {
    Fault::AddIn(LabFile::Data("config/general-settings.json"), "/sparkSettings/executionConfigs/0/conf", json)
}

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "Spark's driver is pinned to a privileged port",
        finding: &super::SPARK_PORT_REFUSED,
        faults: &[spark(r#"{"key": "spark.driver.port", "value": "443"}"#)],
    },
    Trial {
        name: "Spark's block manager is pinned to a range",
        finding: &super::SPARK_PORT_REFUSED,
        faults: &[spark(r#"{"key": "spark.blockManager.port", "value": "30100-30200"}"#)],
    },
    Trial {
        name: "the site file says that DSS is kept to a range, and its settings do not offer one",
        finding: &super::RANGE_INCONSISTENT,
        faults: &[RANGE],
    },
    Trial {
        name: "the last ports that the driver tries are not in the range",
        finding: &super::SPARK_BEYOND_RANGE,
        faults: &[RANGE, KEPT, spark(r#"{"key": "spark.driver.port", "value": "30990"}"#)],
    },
    Trial {
        name: "the block manager of the driver has a port of its own that is not in the range",
        finding: &super::SPARK_BEYOND_RANGE,
        faults: &[
            RANGE,
            KEPT,
            spark(r#"{"key": "spark.blockManager.port", "value": "30100"}"#),
            spark(r#"{"key": "spark.driver.blockManager.port", "value": "40000"}"#),
        ],
    },
    Trial {
        name: "the driver tries ports of DSS",
        finding: &super::SPARK_ON_DSS_PORTS,
        faults: &[spark(r#"{"key": "spark.driver.port", "value": "11190"}"#)],
    },
    Trial {
        name: "connections of the host come from all unprivileged ports",
        finding: &super::DSS_PORTS_NOT_RESERVED,
        faults: &[Fault::Set("/host/files/~1proc~1sys~1net~1ipv4~1ip_local_port_range", r#""1024\t65535\n""#)],
    },
    Trial {
        name: "a port of DSS is missing from those that are reserved",
        finding: &super::DSS_PORTS_NOT_RESERVED,
        faults: &[
            Fault::Set("/host/files/~1proc~1sys~1net~1ipv4~1ip_local_port_range", r#""10000\t65535\n""#),
            Fault::Set(
                "/host/files/~1proc~1sys~1net~1ipv4~1ip_local_reserved_ports",
                r#""8080,11200-11201,11203-11210\n""#,
            ),
        ],
    },
];
