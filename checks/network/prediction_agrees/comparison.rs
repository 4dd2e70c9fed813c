//! What packets did beside what the cloud's rules say, and whose doing a difference is.

use std::net::IpAddr;

use ackcheck_core::context::Context;
use ackcheck_core::place::Vantage;
use ackcheck_core::required_ports::RequiredPorts;
use ackcheck_core::seat::host::firewall::Firewall;
use ackcheck_core::seat::{Pod, PortState, Ports, Swept};
use ackcheck_core::verdict::Unseen;
use ipnet::{IpNet, Ipv4Net};

use super::host_firewall::{Dropped, dropped};
use super::policies::{Denied, denied};
use super::walk::{Packets, tidy, without};
use crate::network::prediction::{self, Answers, Asked, Closing, Link, Predicted};

/// What packets from the pods of a node did, by what explains it.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    /// Lost, as the rules of the cloud say, surely or perhaps.
    pub(crate) explained: Vec<Closing>,
    /// Lost although the rules let them through, and what the pods' network policies deny of them.
    pub(crate) by_policy: Vec<Denied>,
    /// What the host's firewall drops of the others.
    pub(crate) by_firewall: Vec<Dropped>,
    /// Lost, and nothing that was read drops them.
    pub(crate) unexplained: Vec<Ports>,
    /// Arrived although the rules close them.
    pub(crate) against: Vec<Closing>,
    /// What is known of network policies besides, in words; none where nobody had to ask.
    pub(crate) policies: Option<String>,
    /// What is known of the host's firewall, in words; none where nobody had to ask.
    pub(crate) firewall: Option<String>,
    /// Where the node's pods send from, where somebody had to ask.
    pub(crate) senders: Vec<Ipv4Net>,
}

/// What a comparison can come to.
pub(crate) enum Compared {
    Made(Comparison),
    /// The cloud has no rules for the way, in words.
    NoRules(String),
}

/// Compares for one node.
pub(crate) async fn compare(
    context: &Context,
    pod: &dyn Pod,
    address: IpAddr,
    swept: &Swept,
) -> Result<Compared, Unseen> {
    if address.is_ipv6() {
        return Ok(Compared::NoRules(format!("pods connect to {address}, and only rules for IPv4 are predicted")));
    }
    let cloud = context.cloud()?;
    let asked = context.once(
        Vantage::Cloud,
        "the rules between the cluster and the DSS host",
        prediction::ask(context, &*cloud),
    );
    let asked = asked.await?;
    let answers = match &*asked {
        Asked::Answered(answers) => answers,
        Asked::NotEcs(why) => return Ok(Compared::NoRules(format!("the cloud has no rules for the DSS host: {why}"))),
    };
    let predicted = answers.of_node(pod.node(), address)?;
    let mut comparison = beside(&predicted, swept);
    if !comparison.unexplained.is_empty() {
        ask_the_policies(context, pod, address, &mut comparison).await;
    }
    if !comparison.unexplained.is_empty() {
        ask_the_host(context, answers, pod.node(), address, &mut comparison).await?;
    }
    Ok(Compared::Made(comparison))
}

/// The rules beside the packets. What is closed perhaps agrees with either.
fn beside(predicted: &Predicted, swept: &Swept) -> Comparison {
    let of = |lost: bool| {
        let arrives = |state| matches!(state, PortState::Open | PortState::Closed);
        let ranges = swept.ranges.iter().filter(move |range| arrives(range.state) != lost);
        tidy(ranges.map(|range| range.ports).collect())
    };
    let (lost, arrived) = (of(true), of(false));
    let within = |closings: &[Closing], ports: &[Ports]| -> Vec<Closing> {
        let both = closings.iter().flat_map(|closing| {
            let hit = ports.iter().filter_map(|ports| closing.ports.intersection(*ports));
            hit.map(|ports| Closing { ports, ..closing.clone() }).collect::<Vec<_>>()
        });
        both.collect()
    };
    let mut explained = within(&predicted.closed, &lost);
    explained.extend(within(&predicted.uncertain, &lost));
    let known: Vec<Ports> = explained.iter().map(|closing| closing.ports).collect();
    Comparison {
        unexplained: without(lost, &known),
        against: within(&predicted.closed, &arrived),
        explained,
        ..Comparison::default()
    }
}

/// Moves what the pods' network policies surely deny from the unexplained to them. Where they cannot be read, the cause
/// stays unknown.
async fn ask_the_policies(context: &Context, pod: &dyn Pod, address: IpAddr, comparison: &mut Comparison) {
    let asked = context.once(Vantage::Cluster, "the network policies of the pods", pod.egress_policies()).await;
    let asked = match asked {
        Ok(policies) => is_node(context, address).await.map(|is_node| (policies, is_node)),
        Err(unseen) => Err(unseen),
    };
    let policies = match asked {
        Ok((policies, false)) => policies,
        // Engines know nodes by more than their addresses.
        Ok((_, true)) => {
            comparison.policies = Some(format!("{address} is a node's, and what they say of nodes is not judged"));
            return;
        }
        Err(unseen) => {
            comparison.policies = Some(format!("they were not judged: {unseen}"));
            return;
        }
    };
    comparison.by_policy = denied(&policies, address, &comparison.unexplained);
    let known: Vec<Ports> = comparison.by_policy.iter().flat_map(|denied| denied.ports.clone()).collect();
    comparison.unexplained = without(std::mem::take(&mut comparison.unexplained), &known);
    let mut unread: Vec<&str> = policies.unread.iter().map(|unread| unread.why.as_str()).collect();
    unread.extend(policies.vague.iter().map(String::as_str));
    comparison.policies = Some(match unread.as_slice() {
        [] => "those that were read do not surely drop them".to_owned(),
        unread => format!("those that were read do not surely drop them, and others were not: {}", unread.join("; ")),
    });
}

/// Whether a node of the cluster has the address.
async fn is_node(context: &Context, address: IpAddr) -> Result<bool, Unseen> {
    let nodes = context.cluster()?.nodes().await?;
    Ok(nodes.iter().flat_map(|node| &node.addresses).any(|of_node| of_node.parse() == Ok(address)))
}

/// Moves what the host's firewall surely drops from the unexplained to it.
async fn ask_the_host(
    context: &Context,
    answers: &Answers,
    node: &str,
    address: IpAddr,
    comparison: &mut Comparison,
) -> Result<(), Unseen> {
    comparison.senders = answers.senders(node)?;
    let asked = async { context.host()?.firewall().await };
    let firewall = context.once(Vantage::Host, "the firewall of the DSS host", asked).await;
    let firewall = firewall.as_deref();
    let ruleset = match firewall {
        Ok(Firewall::Read(ruleset)) => ruleset,
        // What is not known of the host leaves the cause unknown, and nothing else.
        Ok(Firewall::NotRead { why }) => {
            comparison.firewall = Some(format!("the firewall of the DSS host was not read: {why}"));
            return Ok(());
        }
        Err(unseen) => {
            comparison.firewall = Some(format!("the firewall of the DSS host was not read: {unseen}"));
            return Ok(());
        }
    };
    let each = comparison.senders.iter().map(|from| dropped(ruleset, Packets { from: IpNet::V4(*from), to: address }));
    let by_firewall = by_all(each.collect(), &comparison.unexplained);
    let known: Vec<Ports> = by_firewall.iter().map(|dropped| dropped.ports).collect();
    comparison.unexplained = without(std::mem::take(&mut comparison.unexplained), &known);
    if !comparison.unexplained.is_empty() {
        let read = firewall.map(ToString::to_string).unwrap_or_default();
        comparison.firewall =
            Some(format!("the firewall of the DSS host was read ({read}), and does not surely drop them"));
    }
    comparison.by_firewall = by_firewall;
    Ok(())
}

/// What is dropped whichever of the senders it is, of these ports.
fn by_all(each: Vec<Vec<Dropped>>, of: &[Ports]) -> Vec<Dropped> {
    let closed = |drops: &[Dropped]| tidy(drops.iter().map(|dropped| dropped.ports).collect());
    let mut each = each.into_iter();
    let Some(first) = each.next() else { return Vec::new() };
    let rest: Vec<Vec<Ports>> = each.map(|drops| closed(&drops)).collect();
    let inside = |ports: Vec<Ports>, these: &[Ports]| without(ports, &without(vec![Ports::ALL], these));
    let cut = first.into_iter().flat_map(|dropped| {
        let all = rest.iter().map(Vec::as_slice).chain([of]);
        let left = all.fold(vec![dropped.ports], &inside);
        left.into_iter().map(move |ports| Dropped { ports, ..dropped.clone() }).collect::<Vec<_>>()
    });
    cut.collect()
}

impl Comparison {
    /// What it says of the ports that pods have to reach.
    pub(crate) fn of(self, required: &RequiredPorts) -> Comparison {
        let closings = |all: Vec<Closing>| -> Vec<Closing> {
            let within = |closing: Closing| {
                let cut = |ports| Closing { ports, ..closing.clone() };
                required.within(closing.ports).map(cut).collect::<Vec<_>>()
            };
            all.into_iter().flat_map(within).collect()
        };
        let ports = |all: Vec<Ports>| -> Vec<Ports> {
            all.into_iter().flat_map(|ports| required.within(ports).collect::<Vec<_>>()).collect()
        };
        let by_policy = self.by_policy.into_iter().map(|denied| Denied { ports: ports(denied.ports), ..denied });
        let by_firewall = self.by_firewall.into_iter().flat_map(|dropped| {
            let cut = |ports| Dropped { ports, ..dropped.clone() };
            required.within(dropped.ports).map(cut).collect::<Vec<_>>()
        });
        Comparison {
            explained: closings(self.explained),
            by_policy: by_policy.filter(|denied| !denied.ports.is_empty()).collect(),
            policies: self.policies,
            by_firewall: by_firewall.collect(),
            unexplained: ports(self.unexplained),
            against: closings(self.against),
            firewall: self.firewall,
            senders: self.senders,
        }
    }

    /// The ids of the checks whose failures explain what was lost, the first broken link first.
    pub(crate) fn explained_by(&self) -> Vec<&'static str> {
        let mut links: Vec<Link> = self.explained.iter().map(|closing| closing.link).collect();
        links.sort_unstable();
        let mut checks: Vec<&'static str> = links.into_iter().map(check_of).collect();
        checks.dedup();
        if !(self.by_policy.is_empty() && self.by_firewall.is_empty() && self.unexplained.is_empty()) {
            checks.push(super::CHECK.id);
        }
        checks
    }
}

/// The check that judges a link of the way.
fn check_of(link: Link) -> &'static str {
    match link {
        Link::Routes => crate::network::pod_routes::CHECK.id,
        Link::AclForward | Link::AclReturn => crate::network::network_acl::CHECK.id,
        Link::SenderGroups | Link::HostGroups => crate::network::security_group_ports::CHECK.id,
    }
}

#[cfg(test)]
mod tests {
    use ackcheck_core::seat::SweptPorts;

    use super::super::host_firewall::Owner;
    use super::*;

    fn ports(first: u16, last: u16) -> Ports {
        Ports::new(first, last).unwrap()
    }

    fn closing(first: u16, last: u16) -> Closing {
        Closing { ports: ports(first, last), link: Link::HostGroups, why: "a rule".to_owned() }
    }

    #[test]
    fn each_port_is_agreed_on_lost_without_a_rule_or_open_against_one() {
        let predicted = Predicted { closed: vec![closing(100, 199)], uncertain: vec![closing(300, 399)] };
        let state = |first, last, state| SweptPorts { ports: ports(first, last), state };
        let swept = Swept {
            ranges: vec![
                state(1, 99, PortState::Closed),
                state(100, 149, PortState::Filtered),
                state(150, 159, PortState::Open),
                state(160, 249, PortState::Filtered),
                state(250, 299, PortState::Closed),
                state(300, 349, PortState::Unreachable),
                state(350, 65_535, PortState::Closed),
            ],
        };
        let comparison = beside(&predicted, &swept);
        let of = |closings: &[Closing]| -> Vec<Ports> { closings.iter().map(|closing| closing.ports).collect() };
        assert_eq!(of(&comparison.explained), [ports(100, 149), ports(160, 199), ports(300, 349)]);
        assert_eq!(comparison.unexplained, [ports(200, 249)]);
        assert_eq!(of(&comparison.against), [ports(150, 159)]);
        assert_eq!(comparison.explained_by(), ["security-group-ports", "prediction-agrees"]);
    }

    #[test]
    fn only_what_is_dropped_for_every_sender_is_the_firewalls() {
        let drop = |first, last| {
            let (rule, table, chain) = (String::new(), String::new(), String::new());
            vec![Dropped { ports: ports(first, last), rule, table, chain, owner: Owner::Other }]
        };
        let both = by_all(vec![drop(10, 90), drop(50, 200)], &[ports(1, 60), ports(70, 80)]);
        let both: Vec<Ports> = both.into_iter().map(|dropped| dropped.ports).collect();
        assert_eq!(both, [ports(50, 60), ports(70, 80)]);
        assert!(by_all(vec![drop(10, 90), Vec::new()], &[Ports::ALL]).is_empty());
    }
}
