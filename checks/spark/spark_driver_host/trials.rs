//! Drivers that executors cannot reach.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const GENERAL: LabFile = LabFile::Data("config/general-settings.json");
const CONF: &str = "/sparkSettings/executionConfigs/0/conf";
const HOST: &str = "/sparkSettings/executionConfigs/0/conf/1/value";

const fn host(json: &'static str) -> Fault {
    Fault::SetIn(GENERAL, HOST, json)
}
const fn bind(json: &'static str) -> Fault {
    Fault::AddIn(GENERAL, CONF, json)
}

pub(super) static TRIALS: &[Trial] = &[
    Trial { name: "executors are given 127.0.0.1", finding: &super::LOOPBACK, faults: &[host("\"127.0.0.1\"")] },
    Trial {
        name: "the driver only listens on loopback",
        finding: &super::LOOPBACK,
        faults: &[bind(r#"{"key": "spark.driver.bindAddress", "value": "127.0.0.1"}"#)],
    },
    Trial {
        name: "the driver listens on another machine's address",
        finding: &super::NOT_OWN_ADDRESS,
        faults: &[bind(r#"{"key": "spark.driver.bindAddress", "value": "10.0.0.99"}"#)],
    },
    Trial {
        name: "/etc/hosts assigns the driver's name to 127.0.1.1",
        finding: &super::LOOPBACK,
        faults: &[host("\"spark.lab.internal\""), Fault::Set("/host/hosts/spark.lab.internal", "[\"127.0.1.1\"]")],
    },
    Trial {
        name: "the driver's name leads to a machine that was replaced",
        finding: &super::NOT_OWN_ADDRESS,
        faults: &[host("\"spark.lab.internal\""), Fault::Set("/host/hosts/spark.lab.internal", "[\"10.0.0.99\"]")],
    },
    Trial {
        name: "the DSS host does not know the driver's name",
        finding: &super::UNRESOLVABLE,
        faults: &[host("\"spark.lab.internal\"")],
    },
    Trial {
        name: "executors are given the host's elastic IP address",
        finding: &super::NOT_OWN_ADDRESS,
        faults: &[host("\"47.96.10.20\"")],
    },
    Trial {
        name: "executors are given a URL",
        finding: &super::MALFORMED,
        faults: &[host("\"http://dss.lab.internal\"")],
    },
    Trial {
        name: "executors are given the documentation's placeholder",
        finding: &super::PLACEHOLDER,
        faults: &[host("\"my.host.name\"")],
    },
    Trial {
        name: "the driver listens on everything and has no name",
        finding: &super::WILDCARD_ALONE,
        faults: &[
            bind(r#"{"key": "spark.driver.bindAddress", "value": "0.0.0.0"}"#),
            Fault::RemoveIn(GENERAL, "/sparkSettings/executionConfigs/0/conf/1"),
        ],
    },
    Trial {
        name: "executors are given a short name",
        finding: &super::SHORT_NAME,
        faults: &[host("\"dss\""), Fault::Set("/dns/records/dss", "[\"10.0.0.20\"]")],
    },
];
