//! What is set of the ports that DSS uses agrees: the range of the site file, the ports that Spark's driver is pinned to, the
//! ports that DSS itself listens on, and those that Linux gives to connections of the host (HOWTO 2.1: all ports, unless DSS
//! is kept to a range). Ports that are chosen at random are in no file, and not judged here.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::required_ports::RequiredPorts;
use ackcheck_core::seat::{Dss, Ports, Seen, host};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

mod outgoing;

mod spark;
mod trials;

use crate::network::called;
use outgoing::Outgoing;

static SPARK_PORT_REFUSED: Code =
    Code::fail("spark-port-refused", "Spark does not start with the port that it is pinned to");
static RANGE_INCONSISTENT: Code =
    Code::warn("range-inconsistent", "the site file names a range of ports that DSS is not kept to");
static SPARK_BEYOND_RANGE: Code = Code::warn(
    "spark-beyond-range",
    "Spark's driver is pinned to ports beyond the range that the site file says DSS is kept to",
);
static SPARK_ON_DSS_PORTS: Code =
    Code::warn("spark-on-dss-ports", "Spark's driver is pinned to ports that DSS itself listens on");
static DSS_PORTS_NOT_RESERVED: Code = Code::warn(
    "dss-ports-not-reserved",
    "connections of the DSS host can take a port that DSS has to listen on when it starts",
);

pub(crate) static CHECK: Check = Check {
    id: "ports-required",
    title: "What is set of the ports of DSS and Spark's driver agrees",
    stage: Stage::Acceptance,
    needs: &[],
    uses: &[&host::READ],
    deadline: Duration::from_secs(30),
    findings: &[
        &SPARK_PORT_REFUSED,
        &RANGE_INCONSISTENT,
        &SPARK_BEYOND_RANGE,
        &SPARK_ON_DSS_PORTS,
        &DSS_PORTS_NOT_RESERVED,
    ],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Dss(|context, dss| Box::pin(judge(context, dss))),
};

async fn judge(context: &Context, dss: &dyn Dss) -> Judgement {
    let required = called::ports_by_files(context).await?;
    let backend = match dss.backend_port().await {
        Err(Unseen::NotDescribed(_)) => None,
        seen => seen?,
    };
    let own = RequiredPorts::own(backend);
    let (mut findings, mut unknown) = match spark::judged(dss, &required, own).await {
        Ok(found) => found,
        Err(unseen) => (Vec::new(), Some(unseen)),
    };
    findings.extend(required.ignored.iter().map(|ignored| RANGE_INCONSISTENT.found(ignored.clone())));
    if let Some(own) = own {
        match of_connections(context, own).await {
            Ok(found) => findings.extend(found),
            Err(unseen) => unknown = unknown.or(Some(unseen)),
        }
    }
    match (Finding::gravest(findings), unknown) {
        (Some(gravest), _) => Ok(gravest.into()),
        (None, Some(unseen)) => Err(unseen),
        (None, None) => Ok(Verdict::Pass),
    }
}

/// Whether a connection of the host can be in the way of a DSS that starts.
async fn of_connections(context: &Context, own: Ports) -> Seen<Option<Finding>> {
    let outgoing = Outgoing::of(&*context.host()?).await?;
    let taken: Vec<String> = outgoing.can_take(own).iter().map(ToString::to_string).collect();
    let seen = format!("connections of the host come from the ports {}; DSS starts on {own}", outgoing.range);
    let found = || DSS_PORTS_NOT_RESERVED.found(seen).with("reserved", outgoing.reserving(own));
    Ok((!taken.is_empty()).then(|| found().with("taken", taken.join(", "))))
}
