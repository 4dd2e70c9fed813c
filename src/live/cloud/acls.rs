//! The network ACLs of vSwitches, prefix lists expanded.

use ipnet::{IpNet, Ipv4Net};

use super::answers::{self, AclEntry, PrefixListEntry};
use super::call::{Call, Paging, VPC};
use super::groups::{is, or_all, or_either, ports, range_of};
use super::openapi::Account;
use super::vswitches::vswitches;
use ackcheck_core::evidence::Journal;
use ackcheck_core::seat::cloud::{AclEntry as Entry, NetworkAcl, Rule, VSwitchAcl};
use ackcheck_core::seat::{Ports, Seen};
use ackcheck_core::verdict::Unseen;

/// The ACLs of these vSwitches of a VPC, in their order.
pub(super) async fn network_acls(
    account: &Account,
    journal: &Journal,
    region: &str,
    vpc: &str,
    ids: &[String],
) -> Seen<Vec<VSwitchAcl>> {
    let known = vswitches(account, journal, region, vpc).await?;
    let mut acls = Vec::new();
    for id in ids {
        let vswitch = known.iter().find(|vswitch| vswitch.v_switch_id == *id);
        let missing = || Unseen::unreadable(format!("the network ACL of {id}"), format!("{vpc} has no such vSwitch"));
        let acl = match vswitch.ok_or_else(missing)?.network_acl_id.as_str() {
            "" => None,
            acl => Some(network_acl(account, journal, region, acl).await?),
        };
        acls.push(VSwitchAcl { vswitch: id.clone(), acl });
    }
    Ok(acls)
}

async fn network_acl(account: &Account, journal: &Journal, region: &str, id: &str) -> Seen<NetworkAcl> {
    let call = Call::rpc(&VPC, "DescribeNetworkAclAttributes", region).with("NetworkAclId", id);
    let mut answer = account.call(journal, &call).await?;
    let attribute = answer.get_mut("NetworkAclAttribute").map(serde_json::Value::take).unwrap_or_default();
    let read: answers::NetworkAcl = answers::all(&call.ram_action(), vec![attribute])?.remove(0);
    let (mut ingress, mut egress) = (Vec::new(), Vec::new());
    for entry in read.ingress_acl_entries.ingress_acl_entry {
        ingress.extend(entries(account, journal, region, &entry, &entry.source_cidr_ip).await?);
    }
    for entry in read.egress_acl_entries.egress_acl_entry {
        egress.extend(entries(account, journal, region, &entry, &entry.destination_cidr_ip).await?);
    }
    Ok(NetworkAcl { id: id.to_owned(), ingress, egress })
}

/// An entry as it is written: none where it is not for TCP, and so cannot matter; one for each thing that it may be where
/// that cannot be read.
async fn entries(account: &Account, journal: &Journal, region: &str, entry: &AclEntry, peer: &str) -> Seen<Vec<Entry>> {
    let mut unread = Vec::new();
    match Rule::is_for_tcp(&entry.protocol) {
        Some(true) => {}
        Some(false) => return Ok(Vec::new()),
        None => unread.push(format!("its protocol is {:?}", entry.protocol)),
    }
    let accept = or_either(is(&entry.policy, "accept", "drop"), &mut unread);
    let ports = or_all(ports(&entry.port), Ports::ALL, &mut unread);
    let ranges = match peer.starts_with("pl-") {
        true => Ok(prefix_list(account, journal, region, peer).await?),
        false => range_of(peer).map(|range| vec![range]),
    };
    let ranges = or_all(ranges, vec![IpNet::V4(Ipv4Net::default())], &mut unread);
    let unread = (!unread.is_empty()).then(|| unread.join(", "));
    let as_read = |accept| Entry {
        id: entry.network_acl_entry_id.clone(),
        accept,
        ranges: ranges.clone(),
        ports,
        of_system: !entry.entry_type.is_empty() && !entry.entry_type.eq_ignore_ascii_case("custom"),
        unread: unread.clone(),
    };
    Ok(accept.into_iter().map(as_read).collect())
}

async fn prefix_list(account: &Account, journal: &Journal, region: &str, id: &str) -> Seen<Vec<IpNet>> {
    let call = Call::rpc(&VPC, "GetVpcPrefixListEntries", region).with("PrefixListId", id);
    let entries: Vec<PrefixListEntry> =
        account.list(journal, &call, "/PrefixListEntry", Paging::Token("MaxResults", "100")).await?;
    let ranges = entries.iter().map(|entry| range_of(&entry.cidr)).collect::<Result<_, _>>();
    ranges.map_err(|why| Unseen::unreadable(format!("prefix list {id}"), why))
}
