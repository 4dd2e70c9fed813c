//! Drivers that executors on a node do not reach.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const GENERAL: LabFile = LabFile::Data("config/general-settings.json");
const CONF: &str = "/sparkSettings/executionConfigs/0/conf";
const HOST: &str = "/sparkSettings/executionConfigs/0/conf/1/value";

const fn given(json: &'static str) -> Fault {
    Fault::SetIn(GENERAL, HOST, json)
}
const fn bind(json: &'static str) -> Fault {
    Fault::AddIn(GENERAL, CONF, json)
}

const EVERYWHERE: Fault = bind(r#"{"key": "spark.driver.bindAddress", "value": "0.0.0.0"}"#);
/// A name that the host knows from its own /etc/hosts.
const ON_THE_HOST: Fault = Fault::Set("/host/hosts/spark.lab.internal", "[\"10.0.0.20\"]");
const TWO_ADDRESSES: Fault = Fault::Set("/deployment/host/addresses", r#"["10.0.0.20", "10.0.0.21"]"#);

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "only the /etc/hosts of the DSS host has the driver's name",
        finding: &super::UNRESOLVABLE,
        faults: &[given("\"spark.lab.internal\""), ON_THE_HOST],
    },
    Trial {
        name: "on one node the driver's name leads to a machine that was replaced",
        finding: &super::WRONG_ADDRESS,
        faults: &[
            given("\"spark.lab.internal\""),
            Fault::Set("/dns/records/spark.lab.internal", "[\"10.0.0.20\"]"),
            Fault::Add(
                "/network/cluster_dns",
                r#"{"node": "cn-hangzhou.10.0.1.12", "name": "spark.lab.internal", "addresses": ["10.0.0.99"]}"#,
            ),
        ],
    },
    Trial {
        name: "executors are given an elastic IP address that hands nothing on",
        finding: &super::WRONG_ADDRESS,
        faults: &[given("\"47.96.10.20\""), EVERYWHERE],
    },
    Trial {
        name: "the driver listens on the second address, and executors are given the first",
        finding: &super::LISTENS_ELSEWHERE,
        faults: &[TWO_ADDRESSES, bind(r#"{"key": "spark.driver.bindAddress", "value": "10.0.0.21"}"#)],
    },
    Trial {
        name: "pods do not reach the second address of the host",
        finding: &super::UNREACHABLE,
        faults: &[
            TWO_ADDRESSES,
            given("\"10.0.0.21\""),
            Fault::Add(
                "/network/filtered",
                r#"{"node": "cn-hangzhou.10.0.1.11", "address": "10.0.0.21", "ports": "1-65535", "how": "drop"}"#,
            ),
        ],
    },
];
