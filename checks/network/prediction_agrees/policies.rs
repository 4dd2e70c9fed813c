//! Which ports of the DSS host the network policies of a namespace keep its pods from.

use std::net::IpAddr;

use ackcheck_core::seat::Ports;
use ackcheck_core::seat::pod::EgressPolicy;

use super::host_firewall::{tidy, without};

/// What policies keep pods from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Denied {
    pub(crate) ports: Vec<Ports>,
    /// Those that select the pods for egress: each allows, and what none of them allows is denied.
    pub(crate) policies: Vec<Selecting>,
}

/// A policy by its name, and the label selector of the pods that it is for, as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selecting {
    pub(crate) name: String,
    pub(crate) pods: String,
}

/// Of these ports those that no policy allows; none where no policy selects the pods.
pub(super) fn denied(policies: &[EgressPolicy], to: IpAddr, of: &[Ports]) -> Option<Denied> {
    if policies.is_empty() {
        return None;
    }
    let rules = policies.iter().flat_map(|policy| &policy.allows).filter(|allowed| allowed.is_for(to));
    let allowed = tidy(rules.flat_map(|allowed| allowed.ports.iter().copied()).collect());
    let ports = without(of.to_vec(), &allowed);
    let selecting = |policy: &EgressPolicy| Selecting { name: policy.name.clone(), pods: policy.pods.clone() };
    let policies = policies.iter().map(selecting).collect();
    (!ports.is_empty()).then_some(Denied { ports, policies })
}

#[cfg(test)]
mod tests {
    use ackcheck_core::seat::pod::Allowed;

    use super::*;

    fn ports(first: u16, last: u16) -> Ports {
        Ports::new(first, last).unwrap()
    }

    #[test]
    fn what_no_policy_allows_is_denied_once_one_selects_the_pods() {
        let to: IpAddr = "10.0.0.20".parse().unwrap();
        let policy = |name: &str, allows| EgressPolicy { name: name.to_owned(), pods: "{}".to_owned(), allows };
        assert_eq!(denied(&[], to, &[Ports::ALL]), None);
        let nothing = policy("nothing", Vec::new());
        assert_eq!(denied(std::slice::from_ref(&nothing), to, &[ports(5, 9)]).unwrap().ports, [ports(5, 9)]);
        let web = |range: &str| {
            let to = Some((range.parse().unwrap(), Vec::new()));
            policy("web", vec![Allowed { to, ports: vec![ports(80, 90)] }])
        };
        let both = denied(&[nothing.clone(), web("10.0.0.0/8")], to, &[ports(70, 100)]).unwrap();
        let names: Vec<&str> = both.policies.iter().map(|policy| policy.name.as_str()).collect();
        assert_eq!((both.ports, names), (vec![ports(70, 79), ports(91, 100)], vec!["nothing", "web"]));
        assert_eq!(denied(&[nothing, web("10.0.0.0/8")], to, &[ports(80, 85)]), None);
        assert!(denied(&[web("192.168.0.0/16")], to, &[ports(80, 80)]).is_some());
    }
}
