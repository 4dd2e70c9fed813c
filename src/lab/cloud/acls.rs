//! The VPC product's network ACLs, and the prefix lists that their entries name.

use serde_json::{Value, json};

use super::words::Refusal;
use super::world::AclEntry;
use super::{Answer, Caller};

/// An ACL with its entries, in their order.
pub(super) fn attributes(call: &Caller<'_>) -> Answer {
    let id = call.must("NetworkAclId")?;
    let here = |vpc: &str| call.account.vpc(vpc).is_ok_and(|vpc| vpc.region == call.region);
    let acl = call.account.network_acls.iter().find(|acl| acl.id == id && here(&acl.vpc));
    let acl =
        acl.ok_or_else(|| Refusal::new(404, "InvalidNetworkAcl.NotFound", "The specified network acl is not found."))?;
    let bound = acl.vswitches.iter();
    let bound = bound.map(|id| json!({"ResourceId": id, "ResourceType": "VSwitch", "Status": "BINDED"}));
    Ok(json!({"NetworkAclAttribute": {
        "NetworkAclId": acl.id, "NetworkAclName": "", "Description": "", "VpcId": acl.vpc, "RegionId": call.region,
        "Status": "Available", "OwnerId": 0, "CreationTime": "2026-01-02T03:04:05Z", "Tags": {"Tag": []},
        "Resources": {"Resource": bound.collect::<Vec<_>>()},
        "IngressAclEntries": {"IngressAclEntry": entries(&acl.ingress, "SourceCidrIp")},
        "EgressAclEntries": {"EgressAclEntry": entries(&acl.egress, "DestinationCidrIp")},
    }}))
}

fn entries(entries: &[AclEntry], side: &str) -> Vec<Value> {
    let body = |entry: &AclEntry| {
        let sixth = entry.range.contains(':');
        json!({
            "NetworkAclEntryId": entry.id, "NetworkAclEntryName": "", "Description": "", "Policy": entry.policy,
            "Protocol": entry.protocol, side: entry.range, "Port": entry.ports, "EntryType": entry.origin,
            "IpVersion": if sixth { "IPV6" } else { "IPV4" },
        })
    };
    entries.iter().map(body).collect()
}

/// The entries of a prefix list, in pages.
pub(super) fn prefix_list(call: &Caller<'_>) -> Answer {
    let id = call.must("PrefixListId")?;
    let list = call.account.prefix_lists.iter().find(|list| list.id == id).ok_or_else(|| {
        Refusal::new(400, "ResourceNotFound.PrefixList", "The specified resource of PrefixList is not found.")
    })?;
    let (page, next) = call.page(&list.ranges, "MaxResults")?;
    let entry = |range: &ipnet::IpNet| json!({"PrefixListId": list.id, "RegionId": call.region, "Cidr": range.to_string(), "Description": ""});
    Ok(json!({"PrefixListEntry": page.iter().map(entry).collect::<Vec<_>>(), "NextToken": next,
        "Count": page.len(), "TotalCount": list.ranges.len()}))
}
