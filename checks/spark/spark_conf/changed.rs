//! A Spark configuration as one recipe or model runs with it.

use ackcheck_core::seat::dss::HadoopConnection;
use ackcheck_core::seat::dss::containers::{Configuration, Configurations};
use ackcheck_core::seat::dss::recipes::SparkChange;
use ackcheck_core::verdict::Finding;

use super::{described, of_spark, of_text, overrides};

/// What is wrong with it that is not wrong with the configuration itself. DSS does not run what starts from a configuration
/// that is not there.
pub(super) fn judge(change: &SparkChange, found: &Configurations, connections: &[HadoopConnection]) -> Vec<Finding> {
    let Some(base) = of_spark(found).find(|one| one.name == change.of) else { return Vec::new() };
    let name = format!("{}, as {} changes it", base.name, change.by);
    let with = |conf| Configuration { name: name.clone(), conf, ..base.clone() };
    let whole = with([base.conf.clone(), change.conf.clone()].concat());
    let of_base = of_text(base, found);
    let mut findings = of_text(&whole, found);
    findings.retain(|finding| !of_base.iter().any(|known| known.code == finding.code));
    findings.extend(overrides::of(&with(change.conf.clone()), connections));
    let page = format!("{} → Advanced → Spark configuration", change.by);
    findings.into_iter().map(|finding| described(finding, &name, page.clone())).collect()
}
