//! What Spark's driver is pinned to, beside the ports that DSS itself listens on and those that the site file says are open.

use ackcheck_core::required_ports::RequiredPorts;
use ackcheck_core::seat::dss::containers::Configuration;
use ackcheck_core::seat::{Dss, Ports, Seen};
use ackcheck_core::verdict::{Finding, Unseen};

use super::{SPARK_BEYOND_RANGE, SPARK_ON_DSS_PORTS, SPARK_PORT_REFUSED};
use crate::spark::driver::pinned::{self, Pinned};
use crate::spark::{hidden_value, on_kubernetes};

/// What Spark's driver is pinned to by configurations for Kubernetes; and what of it only the running DSS knows.
pub(super) async fn judged(
    dss: &dyn Dss,
    required: &RequiredPorts,
    own: Option<Ports>,
) -> Seen<(Vec<Finding>, Option<Unseen>)> {
    let found = dss.configurations().await?;
    // Where DSS can be kept to a range it can set the ports itself. Whether it does is in no file.
    let set_by_dss = match dss.port_limit().await {
        Err(Unseen::NotDescribed(_)) => true,
        seen => seen?.possible,
    };
    let mut findings = Vec::new();
    let mut unknown = None;
    for one in on_kubernetes(&found) {
        for (key, pinned) in pinned::of(one) {
            match pinned {
                Pinned::Hidden(key) => unknown = Some(hidden_value(key, one)),
                Pinned::Refused(_) if set_by_dss => {
                    let why = "Spark does not start with it, unless DSS sets it itself (\"Auto configure Spark\")";
                    unknown = Some(Unseen::unreadable(format!("{key} of the Spark configuration {}", one.name), why));
                }
                Pinned::Refused(text) => {
                    let seen = format!("the Spark configuration {} has {key} = {text}", one.name);
                    findings.push(named(SPARK_PORT_REFUSED.found(seen).with("value", text), one, key));
                }
                Pinned::To(ranges) => findings.extend(of_ranges(one, key, &ranges, required, own)),
            }
        }
    }
    Ok((findings, unknown))
}

fn of_ranges(
    one: &Configuration,
    key: &'static str,
    ranges: &[Ports],
    required: &RequiredPorts,
    own: Option<Ports>,
) -> Vec<Finding> {
    let told = |ranges: &[Ports]| ranges.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let so = format!("the driver of the Spark configuration {} takes a port of {} ({key})", one.name, told(ranges));
    let beyond: Vec<Ports> = ranges.iter().flat_map(|range| required.beyond(*range)).collect();
    let shared: Vec<Ports> = ranges.iter().filter_map(|range| own?.intersection(*range)).collect();
    let mut findings = Vec::new();
    if !beyond.is_empty() {
        let seen = format!("{so}; the site file has {required}");
        findings.push(SPARK_BEYOND_RANGE.found(seen).with("beyond", told(&beyond)));
    }
    if !shared.is_empty() {
        let shared = told(&shared);
        findings.push(SPARK_ON_DSS_PORTS.found(format!("{so}; DSS itself listens on {shared}")).with("shared", shared));
    }
    findings.into_iter().map(|finding| named(finding, one, key)).collect()
}

fn named(finding: Finding, one: &Configuration, key: &'static str) -> Finding {
    finding.with("configuration", one.name.clone()).with("property", key)
}
