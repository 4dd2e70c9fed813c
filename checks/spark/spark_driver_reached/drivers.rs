//! What Spark's executors are given for the driver, by each configuration that says so: the same for every node.

use std::net::IpAddr;
use std::sync::Arc;

use ackcheck_core::context::Context;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::dss::PropertyValue;
use ackcheck_core::seat::dss::containers::{Configuration, spark};
use ackcheck_core::seat::{Ports, Seen};
use ackcheck_core::verdict::Unseen;

use crate::spark::driver::pinned::{self, Pinned};
use crate::spark::driver::{Address, Listens, listens_on};
use crate::spark::{hidden_value, on_kubernetes};

/// The first port that a driver can have which is pinned to none.
const FIRST_OF_NOBODY: u16 = 1024;

/// What one configuration gives to executors.
#[derive(Debug)]
pub(super) struct Driver {
    /// The name of the configuration.
    pub(super) configuration: String,
    /// `spark.driver.host`.
    pub(super) given: String,
    /// What it is, where it is an address.
    pub(super) address: Option<IpAddr>,
    /// The one address that the driver listens on; none where it listens on all of the host's.
    pub(super) listens_on: Option<IpAddr>,
    /// The ports that the driver takes some of.
    pub(super) ports: Vec<Ports>,
}

/// Those of all configurations.
#[derive(Debug)]
pub(super) struct Drivers {
    pub(super) list: Vec<Driver>,
    /// What of it only the running DSS, or the DSS host, knows.
    pub(super) unknown: Option<Unseen>,
    /// Why there is none, where there is none.
    pub(super) why_none: &'static str,
}

impl Drivers {
    /// Asked once a run. Two configurations that come to the same are one.
    pub(super) async fn of(context: &Context) -> Seen<Arc<Drivers>> {
        context.once(Vantage::Dss, "what Spark's executors are given for the driver", asked(context)).await
    }
}

async fn asked(context: &Context) -> Seen<Drivers> {
    let found = context.dss()?.configurations().await?;
    let mut drivers =
        Drivers { list: Vec::new(), unknown: None, why_none: "DSS has no Spark configuration for Kubernetes" };
    for one in on_kubernetes(&found) {
        drivers.why_none = "no Spark configuration sets spark.driver.host: executors are given the host's own name";
        match of_configuration(context, one).await {
            Ok(driver) => {
                drivers.list.extend(driver.filter(|driver| !drivers.list.iter().any(|known| known.is(driver))))
            }
            Err(unseen) => drivers.unknown = Some(unseen),
        }
    }
    Ok(drivers)
}

impl Driver {
    /// The name of the configuration does not matter.
    fn is(&self, other: &Driver) -> bool {
        (&self.given, self.listens_on, &self.ports) == (&other.given, other.listens_on, &other.ports)
    }
}

async fn of_configuration(context: &Context, one: &Configuration) -> Seen<Option<Driver>> {
    let Some(given) = one.text(spark::DRIVER_HOST) else {
        return match one.property(spark::DRIVER_HOST) {
            None | Some(PropertyValue::Clear(_)) => Ok(None),
            Some(_) => Err(hidden_value(spark::DRIVER_HOST, one)),
        };
    };
    let address = match Address::of(given) {
        Address::Ip(address) => Some(address),
        Address::Name { .. } => None,
        // *spark-driver-host* fails, and nobody is asked this.
        Address::Loopback | Address::Wildcard | Address::Placeholder | Address::Malformed(_) => return Ok(None),
    };
    if one.property(spark::BIND_ADDRESS).is_some_and(|value| !matches!(value, PropertyValue::Clear(_))) {
        return Err(hidden_value(spark::BIND_ADDRESS, one));
    }
    let listens_on = match listens_on(context, one).await? {
        Some((_, _, Listens::On(address))) => Some(address),
        _ => None,
    };
    Ok(Some(Driver {
        configuration: one.name.clone(),
        given: given.to_owned(),
        address,
        listens_on,
        ports: ports(one),
    }))
}

/// The ports that the driver is pinned to, and where it is to none any that Linux may give. *ports-required* tells what is
/// wrong with them.
fn ports(one: &Configuration) -> Vec<Ports> {
    let pinned = pinned::of(one).into_iter().flat_map(|(_, pinned)| match pinned {
        Pinned::To(ranges) => ranges,
        Pinned::Refused(_) | Pinned::Hidden(_) => Vec::new(),
    });
    let pinned: Vec<Ports> = pinned.collect();
    match pinned.is_empty() {
        true => Ports::new(FIRST_OF_NOBODY, u16::MAX).into_iter().collect(),
        false => pinned,
    }
}
