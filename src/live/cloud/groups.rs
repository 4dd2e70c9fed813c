//! Security groups with all their rules, lists expanded.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde_json::Value;

use super::answers::{Group, Permission};
use super::call::{Call, ECS, Paging};
use super::openapi::Account;
use ackcheck_core::evidence::Journal;
use ackcheck_core::seat::cloud::{GroupKind, Peer, Rule, SecurityGroup};
use ackcheck_core::seat::{Ports, Seen};
use ackcheck_core::verdict::Unseen;

/// The most groups that one call names (DescribeSecurityGroups, `SecurityGroupIds`).
const MOST_IDS: usize = 100;

/// These groups, in the order of their ids; one that the account lacks is left out.
pub(super) async fn security_groups(
    account: &Account,
    journal: &Journal,
    region: &str,
    ids: &[String],
) -> Seen<Vec<SecurityGroup>> {
    let mut groups = Vec::new();
    for some in ids.chunks(MOST_IDS) {
        let call = Call::rpc(&ECS, "DescribeSecurityGroups", region)
            .with("SecurityGroupIds", Value::from(some.to_vec()).to_string());
        let paging = Paging::Token("MaxResults", "100");
        let mut found: Vec<Group> = account.list(journal, &call, "/SecurityGroups/SecurityGroup", paging).await?;
        found.retain(|group| ids.contains(&group.security_group_id));
        found.sort_by(|a, b| a.security_group_id.cmp(&b.security_group_id));
        for group in found {
            groups.push(with_rules(account, journal, region, group).await?);
        }
    }
    Ok(groups)
}

async fn with_rules(account: &Account, journal: &Journal, region: &str, group: Group) -> Seen<SecurityGroup> {
    let id = group.security_group_id;
    let call = Call::rpc(&ECS, "DescribeSecurityGroupAttribute", region)
        .with("SecurityGroupId", id.as_str())
        .with("Direction", "all");
    let paging = Paging::Token("MaxResults", "1000");
    let permissions: Vec<Permission> = account.list(journal, &call, "/Permissions/Permission", paging).await?;
    // The policy is on every page; the first was asked already, so this asks nothing.
    let first = account.call(journal, &call.clone().with("MaxResults", "1000")).await?;
    let inner = first.get("InnerAccessPolicy").and_then(Value::as_str).unwrap_or_default();
    let kind = match group.security_group_type.to_ascii_lowercase().as_str() {
        "normal" => GroupKind::Basic,
        "enterprise" => GroupKind::Advanced,
        other => return Err(Unseen::unreadable(format!("security group {id}"), format!("its type is {other:?}"))),
    };
    let mut rules = Vec::new();
    for permission in permissions {
        rules.extend(rule(account, journal, region, &permission).await?);
    }
    let inner_accept = inner.eq_ignore_ascii_case("accept");
    Ok(SecurityGroup { id, name: group.security_group_name, vpc: group.vpc_id, kind, inner_accept, rules })
}

/// A rule as it is written: none where it is not for TCP, and so cannot matter; one for each thing that it may be where
/// that cannot be read.
async fn rule(account: &Account, journal: &Journal, region: &str, permission: &Permission) -> Seen<Vec<Rule>> {
    let mut unread = Vec::new();
    match Rule::is_for_tcp(&permission.ip_protocol) {
        Some(true) => {}
        Some(false) => return Ok(Vec::new()),
        None => unread.push(format!("its protocol is {:?}", permission.ip_protocol)),
    }
    let ingress = or_either(is(&permission.direction, "ingress", "egress"), &mut unread);
    let accept = or_either(is(&permission.policy, "accept", "drop"), &mut unread);
    let ports = match permission.port_range_list_id.as_str() {
        "" => vec![or_all(ports(&permission.port_range), Ports::ALL, &mut unread)],
        list => port_list(account, journal, region, list).await?,
    };
    let priority = or_all(priority(&permission.priority), 1, &mut unread);
    let source_ports = or_all(source_ports(&permission.source_port_range), None, &mut unread);
    let mut rules = Vec::new();
    for ingress in ingress {
        let everywhere = Peer::Range(IpNet::V4(Ipv4Net::default()));
        let peer = match or_all(peer(permission, ingress), everywhere, &mut unread) {
            Peer::PrefixList { id, .. } => {
                let ranges = prefix_list(account, journal, region, &id).await?;
                Peer::PrefixList { id, ranges }
            }
            peer => peer,
        };
        let own = or_all(own(permission, ingress), None, &mut unread);
        for &accept in &accept {
            rules.push(Rule {
                id: permission.security_group_rule_id.clone(),
                ingress,
                accept,
                priority,
                protocol: permission.ip_protocol.to_ascii_uppercase(),
                ports: ports.clone(),
                peer: peer.clone(),
                own,
                source_ports,
                unread: None,
            });
        }
    }
    let unread = (!unread.is_empty()).then(|| unread.join(", "));
    rules.iter_mut().for_each(|rule| rule.unread.clone_from(&unread));
    Ok(rules)
}

/// What was read; or the most that it may be, with what cannot be read.
pub(super) fn or_all<T>(read: Result<T, String>, all: T, unread: &mut Vec<String>) -> T {
    read.unwrap_or_else(|why| {
        unread.push(why);
        all
    })
}

pub(super) fn or_either(read: Result<bool, String>, unread: &mut Vec<String>) -> Vec<bool> {
    or_all(read.map(|read| vec![read]), vec![true, false], unread)
}

pub(super) fn is(text: &str, yes: &str, no: &str) -> Result<bool, String> {
    match (text.eq_ignore_ascii_case(yes), text.eq_ignore_ascii_case(no)) {
        (true, _) => Ok(true),
        (_, true) => Ok(false),
        _ => Err(format!("{text:?} is neither {yes} nor {no}")),
    }
}

fn priority(value: &Value) -> Result<u32, String> {
    let number = match value {
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(number) => number.as_u64().and_then(|number| u32::try_from(number).ok()),
        _ => None,
    };
    number.ok_or_else(|| format!("its priority is {value}"))
}

/// `22/22`, `1/65535`; `-1/-1` is every port.
pub(super) fn ports(text: &str) -> Result<Ports, String> {
    if text == "-1/-1" {
        return Ok(Ports::ALL);
    }
    let both = text.split_once('/').and_then(|(from, to)| Some((from.parse::<u16>().ok()?, to.parse::<u16>().ok()?)));
    let ports = both.and_then(|(from, to)| Ports::new(from.max(1), to).ok());
    ports.ok_or_else(|| format!("its ports are {text:?}"))
}

/// `1024/65535`; none for every port.
fn source_ports(text: &str) -> Result<Option<Ports>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let read = ports(text).map_err(|_| format!("its source ports are {text:?}"))?;
    Ok(Some(read).filter(|read| *read != Ports::ALL))
}

/// The range of the own side that a rule is for; none for all of IPv4. One for IPv6 alone is for no IPv4 address.
fn own(permission: &Permission, ingress: bool) -> Result<Option<IpNet>, String> {
    let (range, sixth) = match ingress {
        true => (&permission.dest_cidr_ip, &permission.ipv6_dest_cidr_ip),
        false => (&permission.source_cidr_ip, &permission.ipv6_source_cidr_ip),
    };
    match (range.as_str(), sixth.as_str()) {
        ("", "") => Ok(None),
        ("", _) => Ok(Some(IpNet::V6(Ipv6Net::default()))),
        (range, _) => Ok(Some(range_of(range)?).filter(|range| *range != IpNet::V4(Ipv4Net::default()))),
    }
}

/// A range beats a group, and both beat a prefix list, where a rule names several (AuthorizeSecurityGroup). A range of
/// IPv6 is for no IPv4 address, however it is written.
fn peer(permission: &Permission, ingress: bool) -> Result<Peer, String> {
    let (range, sixth, group, list) = match ingress {
        true => (
            &permission.source_cidr_ip,
            &permission.ipv6_source_cidr_ip,
            &permission.source_group_id,
            &permission.source_prefix_list_id,
        ),
        false => (
            &permission.dest_cidr_ip,
            &permission.ipv6_dest_cidr_ip,
            &permission.dest_group_id,
            &permission.dest_prefix_list_id,
        ),
    };
    match (range.as_str(), sixth.as_str(), group.as_str(), list.as_str()) {
        ("", "", "", "") => Err("it names no peer".to_owned()),
        ("", "", "", list) => Ok(Peer::PrefixList { id: list.to_owned(), ranges: Vec::new() }),
        ("", "", group, _) => Ok(Peer::Group(group.to_owned())),
        ("", sixth, ..) => Ok(Peer::Range(range_of(sixth).unwrap_or(IpNet::V6(Ipv6Net::default())))),
        (range, ..) => Ok(Peer::Range(range_of(range)?)),
    }
}

/// `10.0.0.0/8`, or one address.
pub(super) fn range_of(text: &str) -> Result<IpNet, String> {
    let address = || text.parse::<std::net::IpAddr>().ok().map(IpNet::from);
    text.parse::<IpNet>().ok().or_else(address).ok_or_else(|| format!("{text:?} is no range of addresses"))
}

async fn prefix_list(account: &Account, journal: &Journal, region: &str, id: &str) -> Seen<Vec<IpNet>> {
    let call = Call::rpc(&ECS, "DescribePrefixListAttributes", region).with("PrefixListId", id);
    let answer = account.call(journal, &call).await?;
    let texts =
        texts(&answer, "/Entries/Entry", "Cidr").ok_or_else(|| Unseen::unreadable(call.ram_action(), "no entries"))?;
    let ranges = texts.iter().map(|text| range_of(text)).collect::<Result<_, _>>();
    ranges.map_err(|why| Unseen::unreadable(format!("prefix list {id}"), why))
}

async fn port_list(account: &Account, journal: &Journal, region: &str, id: &str) -> Seen<Vec<Ports>> {
    let call = Call::rpc(&ECS, "DescribePortRangeListEntries", region).with("PortRangeListId", id);
    let answer = account.call(journal, &call).await?;
    let texts =
        texts(&answer, "/Entries", "PortRange").ok_or_else(|| Unseen::unreadable(call.ram_action(), "no entries"))?;
    let all = texts.iter().map(|text| ports(text)).collect::<Result<_, _>>();
    all.map_err(|why| Unseen::unreadable(format!("port list {id}"), why))
}

/// One text of every entry of a list.
fn texts(answer: &Value, list: &str, name: &str) -> Option<Vec<String>> {
    let entries = answer.pointer(list)?.as_array()?;
    entries.iter().map(|entry| entry.get(name)?.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
#[path = "groups_tests.rs"]
mod tests;
