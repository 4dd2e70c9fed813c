//! An address that executors connect to, and who answers there.

use std::net::IpAddr;

use ackcheck_core::reach::is_public;
use ackcheck_core::seat::greeting::{Answered, CalledPorts, HostGreeting};
use ackcheck_core::seat::pod::DssHost;
use ackcheck_core::seat::{Pod, Seen};
use ackcheck_core::verdict::{Code, Unseen};

use super::drivers::Driver;
use super::{LISTENS_ELSEWHERE, UNREACHABLE, WRONG_ADDRESS};
use crate::network::alibaba::list;
use crate::network::called;

/// Java takes the first address, of IPv4 where there is one. Which of several is the first changes from answer to answer.
pub(super) fn taken_by_executors(addresses: Vec<IpAddr>) -> Vec<IpAddr> {
    let v4 = addresses.iter().any(IpAddr::is_ipv4);
    addresses.into_iter().filter(|address| address.is_ipv4() == v4).collect()
}

/// What is wrong with an address that executors connect to.
pub(super) struct Wrong {
    pub(super) code: &'static Code,
    pub(super) seen: String,
}

/// Judges an address that executors on the node of this pod connect to; `usual` is the one that pods call DSS at.
pub(super) async fn of_address(
    pod: &dyn Pod,
    host: &DssHost,
    usual: IpAddr,
    driver: &Driver,
    address: IpAddr,
) -> Seen<Option<Wrong>> {
    let own = host.addresses.contains(&address);
    let other = driver.listens_on.filter(|listens| own && *listens != address);
    if let Some(listens) = other {
        let seen = format!("the driver listens on {listens} alone");
        return Ok(Some(Wrong { code: &LISTENS_ELSEWHERE, seen }));
    }
    if address == usual {
        return Ok(None);
    }
    // Something in front of the host hands connections on to the address that others use, unless the driver has its own.
    let listens_on = if own { address } else { driver.listens_on.unwrap_or(usual) };
    let ports = called::left_to_others(host, &driver.ports);
    let greeting = pod.greeted_by_host(&CalledPorts { address, listens_on, ports, all: false }).await;
    match greeting {
        Ok(greeting) => of_greeting(&greeting, pod.node(), own),
        // From elsewhere it is only known whose address it is.
        Err(Unseen::NotDescribed(_)) if !own && !is_public(&address) => {
            let seen = format!("the DSS host has {}", list(&host.addresses));
            Ok(Some(Wrong { code: &WRONG_ADDRESS, seen }))
        }
        Err(unseen) => Err(unseen),
    }
}

/// `own`: the address is the host's.
fn of_greeting(greeting: &HostGreeting, node: &str, own: bool) -> Seen<Option<Wrong>> {
    let answered = |by: Answered| greeting.ranges.iter().any(|range| range.by == by);
    let did = [
        (Answered::Accepted, "another machine accepts connections"),
        (Answered::Refused, "connections are refused"),
        (Answered::Nobody, "nobody answers"),
    ];
    let Some((by, did)) = did.into_iter().find(|(by, _)| answered(*by)) else {
        let unclear = greeting.ranges.iter().find(|range| range.by != Answered::Own);
        return unclear.map_or(Ok(None), |range| {
            let why = "what answered there changed from one call to the next";
            Err(Unseen::unreadable(format!("port {range} where ackcheck listens, from {node}"), why))
        });
    };
    let ports: Vec<String> = greeting.ranges.iter().filter(|range| range.by == by).map(ToString::to_string).collect();
    let code = if own || answered(Answered::Own) { &UNREACHABLE } else { &WRONG_ADDRESS };
    let seen = format!("ackcheck listens on the DSS host, but from pods on {node} {did} on port {}", ports.join(", "));
    Ok(Some(Wrong { code, seen }))
}

#[cfg(test)]
mod tests {
    use ackcheck_core::seat::greeting::{AnsweredPorts, Greeting};

    use super::*;

    fn judged(each: &[Answered], own: bool) -> &'static str {
        let ranges = AnsweredPorts::of((40_000..).zip(each.iter().copied()));
        let (not_opened, pod, callers) = Default::default();
        match of_greeting(&HostGreeting { ranges, whole: false, not_opened, pod, callers }, "n", own) {
            Ok(None) => "reached",
            Ok(Some(wrong)) => wrong.code.name,
            Err(_) => "unseen",
        }
    }

    #[test]
    fn only_what_another_did_each_time_is_held_against_an_address() {
        use Answered::{Accepted, Nobody, Own, Refused, Unclear};
        for (each, of_own, of_other) in [
            (&[Own, Own][..], "reached", "reached"),
            (&[Nobody, Nobody], "unreachable", "wrong-address"),
            (&[Refused], "unreachable", "wrong-address"),
            (&[Accepted], "unreachable", "wrong-address"),
            // A forwarder of some ports.
            (&[Own, Refused], "unreachable", "unreachable"),
            (&[Own, Unclear(Greeting::Silent)], "unseen", "unseen"),
        ] {
            assert_eq!((judged(each, true), judged(each, false)), (of_own, of_other), "{each:?}");
        }
    }

    #[test]
    fn executors_take_any_of_the_addresses_of_ipv4_and_ipv6_only_where_there_is_none() {
        let addresses = |all: &[&str]| all.iter().map(|one| one.parse().unwrap()).collect::<Vec<IpAddr>>();
        let taken = |all: &[&str]| list(&taken_by_executors(addresses(all)));
        assert_eq!(taken(&["fd00::20", "10.0.0.20", "10.0.0.99"]), "10.0.0.20, 10.0.0.99");
        assert_eq!(taken(&["fd00::20"]), "fd00::20");
    }
}
