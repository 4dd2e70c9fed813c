//! Spark's driver, as its configuration has it: what executors are given, what it listens on, and with which ports.

use std::net::IpAddr;

use ackcheck_core::context::Context;
use ackcheck_core::seat::dss::containers::{Configuration, spark};
use ackcheck_core::seat::{NameAnswer, Seen};

mod address;
pub(crate) mod pinned;

pub(super) use address::Address;

/// Where the driver listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Listens {
    /// On every address of the host.
    Everywhere,
    On(IpAddr),
    /// It stops: the host does not resolve the name, in these words.
    Nowhere {
        said: String,
    },
}

impl Listens {
    /// The one address, where it is one.
    pub(super) fn address(&self) -> Option<IpAddr> {
        match self {
            Listens::On(address) => Some(*address),
            Listens::Everywhere | Listens::Nowhere { .. } => None,
        }
    }
}

/// The property that decides where the driver listens, and its text where it has one.
fn decides(one: &Configuration) -> Option<(&'static str, &str)> {
    let key = match one.property(spark::BIND_ADDRESS) {
        Some(_) => spark::BIND_ADDRESS,
        None => spark::DRIVER_HOST,
    };
    Some((key, one.text(key)?))
}

/// The property that decides where the driver listens, its text, and what that leads to on the DSS host; none where neither
/// property is there, or where it has no value that Spark would take.
///
/// # Errors
/// Where the DSS host cannot be asked for what a name means.
pub(super) async fn listens_on<'a>(
    context: &Context,
    one: &'a Configuration,
) -> Seen<Option<(&'static str, &'a str, Listens)>> {
    let Some((key, text)) = decides(one) else { return Ok(None) };
    let listens = match Address::of(text) {
        Address::Wildcard => Listens::Everywhere,
        Address::Ip(address) => Listens::On(address),
        Address::Name { .. } => match context.host()?.resolve(text).await? {
            NameAnswer::NoSuchName { said } | NameAnswer::NoServer { said } => Listens::Nowhere { said },
            NameAnswer::Addresses(addresses) => match taken_by_java(&addresses) {
                Some(address) => Listens::On(address),
                None => Listens::Nowhere { said: "no address".to_owned() },
            },
        },
        Address::Loopback | Address::Placeholder | Address::Malformed(_) => return Ok(None),
    };
    Ok(Some((key, text, listens)))
}

/// The address that Java's `InetAddress.getByName` takes of those that a resolver gives: the first, those of IPv4 before
/// others (JDK 8 to 25, `java.net.preferIPv6Addresses` not set).
pub(super) fn taken_by_java(addresses: &[IpAddr]) -> Option<IpAddr> {
    addresses.iter().find(|address| address.is_ipv4()).or(addresses.first()).copied()
}

#[cfg(test)]
pub(super) mod tests {
    use ackcheck_core::seat::dss::PropertyValue;
    use ackcheck_core::seat::dss::containers::ConfigurationKind;
    use ackcheck_core::seat::dss::pods::PodSettings;

    use super::*;

    /// A configuration with these two properties.
    pub(in crate::spark) fn configuration(host: Option<&str>, bind: Option<&str>) -> Configuration {
        let property = |key: &str, value: &str| (key.to_owned(), PropertyValue::Clear(value.to_owned()));
        let host = host.map(|host| property(spark::DRIVER_HOST, host));
        let bind = bind.map(|bind| property(spark::BIND_ADDRESS, bind));
        Configuration {
            kind: ConfigurationKind::Spark,
            name: "ack".to_owned(),
            managed: true,
            repositories: Vec::new(),
            namespace: None,
            kubeconfig: None,
            context: None,
            pushed_with: None,
            base_image: None,
            pull_secret: None,
            conf: host.into_iter().chain(bind).collect(),
            pods: PodSettings::default(),
        }
    }

    #[test]
    fn without_a_bind_address_the_driver_listens_on_what_executors_are_given() {
        for (host, bind, expected) in [
            (Some("10.0.0.20"), None, Some((spark::DRIVER_HOST, "10.0.0.20"))),
            (Some("10.0.0.99"), Some("10.0.0.20"), Some((spark::BIND_ADDRESS, "10.0.0.20"))),
            (Some("dss.corp.example"), Some(" 0.0.0.0 "), Some((spark::BIND_ADDRESS, "0.0.0.0"))),
            // One that is empty is there, and Spark does not start with it.
            (Some("dss.corp.example"), Some(""), None),
            (None, None, None),
        ] {
            assert_eq!(decides(&configuration(host, bind)), expected, "{host:?} {bind:?}");
        }
    }

    #[test]
    fn java_takes_the_first_address_and_those_of_ipv4_before_others() {
        let taken = |all: &[&str]| {
            let all: Vec<IpAddr> = all.iter().map(|one| one.parse().unwrap()).collect();
            taken_by_java(&all).map(|address| address.to_string())
        };
        assert_eq!(taken(&["::1", "127.0.1.1", "10.0.0.20"]).as_deref(), Some("127.0.1.1"));
        assert_eq!(taken(&["fd00::20"]).as_deref(), Some("fd00::20"));
        assert_eq!(taken(&[]), None);
    }
}
