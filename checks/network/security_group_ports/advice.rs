//! What is blocked, in words, and the commands that open it.

use ackcheck_core::required_ports::RequiredPorts;
use ackcheck_core::seat::Ports;
use ackcheck_core::seat::cloud::{Eni, Peer, Rule, SecurityGroup};

use crate::network::prediction::rules::By;
use crate::network::prediction::ways::Closed;
use crate::network::prediction::words::{MOST_NAMED, by_in_words, narrowed_to};

/// The blocked ports, each with their sources and what blocks them.
pub(super) fn in_words(closed: &[Closed<'_>], guarding: &[&SecurityGroup]) -> String {
    let mut lines: Vec<(Ports, By<'_>, Vec<&str>)> = Vec::new();
    for (source, blocked) in closed.iter().flat_map(|closed| closed.blocked.iter().map(|b| (closed.source, b))) {
        let what = source.what.as_str();
        match lines.iter_mut().find(|(ports, by, _)| *ports == blocked.ports && *by == blocked.by) {
            Some((_, _, sources)) if sources.contains(&what) => {}
            Some((_, _, sources)) => sources.push(what),
            None => lines.push((blocked.ports, blocked.by, vec![what])),
        }
    }
    let said = lines.iter().take(MOST_NAMED).map(|(ports, by, sources)| {
        let from = match sources.as_slice() {
            [one] => (*one).to_owned(),
            [first, rest @ ..] => format!("{first} and {} more", rest.len()),
            [] => String::new(),
        };
        format!("TCP {} from {from}: {}", ports_in_words(*ports), by_in_words(*by, guarding))
    });
    let mut said = said.collect::<Vec<_>>().join("; ");
    if lines.len() > MOST_NAMED {
        said.push_str(&format!("; and {} more", lines.len() - MOST_NAMED));
    }
    said
}

/// The rules that allow members of a group, for pods whose addresses are not in any group.
pub(super) fn admitting_groups(guarding: &[&SecurityGroup]) -> String {
    let rules = guarding.iter().flat_map(|group| &group.rules).filter(|rule| rule.ingress && rule.accept);
    let named: Vec<String> = rules
        .filter_map(|rule| match &rule.peer {
            Peer::Group(id) => Some(format!("rule {} allows {id}", rule.id)),
            _ => None,
        })
        .take(MOST_NAMED)
        .collect();
    match named.as_slice() {
        [] => "; the nodes are allowed as members of the same group, but pod addresses are not in it".to_owned(),
        named => format!("; {}, which includes the nodes but not the pod addresses", named.join(", ")),
    }
}

fn ports_in_words(ports: Ports) -> String {
    match ports {
        Ports::ALL => format!("{ports} (every port)"),
        ports => ports.to_string(),
    }
}

/// Allows each blocked source on every port that pods have to reach, ahead of the rules that drop it.
pub(super) fn open_ingress(closed: &[Closed<'_>], required: &RequiredPorts, region: &str, target: &Eni) -> String {
    let group = target.security_groups.first().map_or("", String::as_str);
    let mut commands = weaken(closed, region);
    for source in closed.iter().map(|closed| closed.source) {
        commands.extend(required.ranges().iter().map(|ports| {
            format!(
                "aliyun ecs AuthorizeSecurityGroup --RegionId {region} --SecurityGroupId {group} --IpProtocol tcp \
                 --PortRange {}/{} --SourceCidrIp {} --Policy accept --Priority 1",
                ports.first(),
                ports.last(),
                source.to_admit
            )
        }));
    }
    once(commands)
}

/// Allows each blocked source to reach the DSS host on every port that pods have to reach.
pub(super) fn open_egress(closed: &[Closed<'_>], required: &RequiredPorts, region: &str) -> String {
    let mut commands = weaken(closed, region);
    for (group, host) in closed.iter().filter_map(|closed| Some((closed.source.groups.first()?, closed.address))) {
        commands.extend(required.ranges().iter().map(|ports| {
            format!(
                "aliyun ecs AuthorizeSecurityGroupEgress --RegionId {region} --SecurityGroupId {group} --IpProtocol tcp \
                 --PortRange {}/{} --DestCidrIp {host}/32 --Policy accept --Priority 1",
                ports.first(),
                ports.last()
            )
        }));
    }
    once(commands)
}

/// At the same priority Drop beats Accept, so a Drop of priority 1 has to give way before an Accept can take effect.
fn weaken(closed: &[Closed<'_>], region: &str) -> Vec<String> {
    let drops = closed.iter().flat_map(|closed| &closed.blocked).filter_map(|blocked| match blocked.by {
        By::Rule(group, rule) if rule.priority <= 1 => Some(give_way(group, rule, region)),
        _ => None,
    });
    drops.collect()
}

fn give_way(group: &SecurityGroup, rule: &Rule, region: &str) -> String {
    let egress = if rule.ingress { "" } else { "Egress" };
    let (id, side) = (&group.id, if rule.ingress { "Source" } else { "Dest" });
    let peer = match &rule.peer {
        Peer::Range(range) => format!("--{side}CidrIp {range}"),
        Peer::Group(peer) => format!("--{side}GroupId {peer}"),
        Peer::PrefixList { id, .. } => format!("--{side}PrefixListId {id}"),
    };
    match rule.ports.as_slice() {
        [ports] if narrowed_to(rule).is_none() => {
            let protocol = rule.protocol.to_ascii_lowercase();
            let ports =
                if protocol == "all" { "-1/-1".to_owned() } else { format!("{}/{}", ports.first(), ports.last()) };
            format!(
                "aliyun ecs ModifySecurityGroup{egress}Rule --RegionId {region} --SecurityGroupId {id} \
                 --SecurityGroupRuleId {} --IpProtocol {protocol} --PortRange {ports} {peer} --Policy drop --Priority 2",
                rule.id
            )
        }
        _ => format!(
            "aliyun ecs RevokeSecurityGroup{egress} --RegionId {region} --SecurityGroupId {id} \
             --SecurityGroupRuleId.1 {}",
            rule.id
        ),
    }
}

/// Each command once, in order.
fn once(commands: Vec<String>) -> String {
    let mut seen: Vec<String> = Vec::new();
    for command in commands {
        if !seen.contains(&command) {
            seen.push(command);
        }
    }
    seen.join("\n")
}
