//! The VPC product: VPCs, vSwitches, their routes and their ACLs.

use serde_json::{Value, json};

use super::acls;
use super::words::Refusal;
use super::world::{RouteTable, VSwitch, Vpc};
use super::{Answer, Caller, unknown_action};

/// Answers an action of the VPC product.
pub(super) fn answer(action: &str, call: &Caller<'_>) -> Answer {
    match action {
        "DescribeVpcs" => vpcs(call),
        "DescribeVSwitches" => vswitches(call),
        "DescribeRouteTableList" => route_tables(call),
        "DescribeRouteEntryList" => route_entries(call),
        "DescribeNetworkAclAttributes" => acls::attributes(call),
        "GetVpcPrefixListEntries" => acls::prefix_list(call),
        _ => Err(unknown_action()),
    }
}

fn region_of<'a>(call: &'a Caller<'_>, vpc: &str) -> &'a str {
    call.account.vpc(vpc).map_or("", |vpc| vpc.region.as_str())
}

fn vpcs(call: &Caller<'_>) -> Answer {
    call.must("RegionId")?;
    let ids: Option<Vec<&str>> = call.get("VpcId").map(|ids| ids.split(',').collect());
    let wanted =
        |vpc: &&Vpc| vpc.region == call.region && ids.as_ref().is_none_or(|ids| ids.contains(&vpc.id.as_str()));
    let all: Vec<&Vpc> = call.account.vpcs.iter().filter(wanted).collect();
    let (page, number, size) = call.numbered_page(&all, "PageNumber", "PageSize");
    let list = page.iter().map(|vpc| {
        let tables = call.account.route_tables.iter().filter(|table| table.vpc == vpc.id);
        let vswitches = call.account.vswitches.iter().filter(|vswitch| vswitch.vpc == vpc.id);
        json!({
            "VpcId": vpc.id, "VpcName": vpc.name, "RegionId": vpc.region, "Status": "Available",
            "CidrBlock": vpc.range.to_string(), "SecondaryCidrBlocks": {"SecondaryCidrBlock": []},
            "UserCidrs": {"UserCidr": []}, "VRouterId": vpc.id.replacen("vpc-", "vrt-", 1),
            "RouterTableIds": {"RouterTableIds": tables.map(|table| table.id.as_str()).collect::<Vec<_>>()},
            "VSwitchIds": {"VSwitchId": vswitches.map(|vswitch| vswitch.id.as_str()).collect::<Vec<_>>()},
            "DnsHostnameStatus": "DISABLED", "IsDefault": false,
        })
    });
    let list: Vec<Value> = list.collect();
    Ok(json!({"TotalCount": all.len(), "PageNumber": number, "PageSize": size, "Vpcs": {"Vpc": list}}))
}

fn vswitches(call: &Caller<'_>) -> Answer {
    let ids: Option<Vec<&str>> = call.get("VSwitchId").map(|ids| ids.split(',').collect());
    let wanted = |vswitch: &&VSwitch| {
        region_of(call, &vswitch.vpc) == call.region
            && ids.as_ref().is_none_or(|ids| ids.contains(&vswitch.id.as_str()))
            && call.get("VpcId").is_none_or(|vpc| vpc == vswitch.vpc)
    };
    let all: Vec<&VSwitch> = call.account.vswitches.iter().filter(wanted).collect();
    let (page, number, size) = call.numbered_page(&all, "PageNumber", "PageSize");
    let list = page.iter().map(|vswitch| {
        let table = call.account.table_of(vswitch);
        let acl = call.account.network_acls.iter().find(|acl| acl.vswitches.contains(&vswitch.id));
        json!({
            "VSwitchId": vswitch.id, "VpcId": vswitch.vpc, "ZoneId": vswitch.zone, "Status": "Available",
            "CidrBlock": vswitch.range.to_string(), "Ipv6CidrBlock": "", "AvailableIpAddressCount": 200,
            "NetworkAclId": acl.map_or("", |acl| acl.id.as_str()), "VSwitchName": "", "IsDefault": false,
            "RouteTable": {"RouteTableId": table.map_or("", |table| table.id.as_str()),
                "RouteTableType": table.map_or(json!(""), |table| json!(table.kind))},
        })
    });
    let list: Vec<Value> = list.collect();
    Ok(json!({"TotalCount": all.len(), "PageNumber": number, "PageSize": size, "VSwitches": {"VSwitch": list}}))
}

fn route_tables(call: &Caller<'_>) -> Answer {
    let wanted = |table: &&RouteTable| {
        region_of(call, &table.vpc) == call.region
            && call.get("VpcId").is_none_or(|vpc| vpc == table.vpc)
            && call.get("RouteTableId").is_none_or(|id| id == table.id)
    };
    let all: Vec<&RouteTable> = call.account.route_tables.iter().filter(wanted).collect();
    let (page, number, size) = call.numbered_page(&all, "PageNumber", "PageSize");
    let list = page.iter().map(|table| {
        let of_table = |vswitch: &&VSwitch| call.account.table_of(vswitch).is_some_and(|of| of.id == table.id);
        let vswitches = call.account.vswitches.iter().filter(of_table).map(|vswitch| vswitch.id.as_str());
        json!({
            "RouteTableId": table.id, "RouteTableType": table.kind, "VpcId": table.vpc, "Status": "Available",
            "RouterType": "VRouter", "RouterId": table.vpc.replacen("vpc-", "vrt-", 1),
            "VSwitchIds": {"VSwitchId": vswitches.collect::<Vec<_>>()},
        })
    });
    let list: Vec<Value> = list.collect();
    Ok(json!({"TotalCount": all.len(), "PageNumber": number, "PageSize": size,
        "RouterTableList": {"RouterTableListType": list}}))
}

/// The table's own entries, and those a VPC has by itself: one to each vSwitch.
fn route_entries(call: &Caller<'_>) -> Answer {
    let id = call.must("RouteTableId")?;
    let table = call.account.route_tables.iter().find(|table| table.id == id);
    let table = table
        .filter(|table| region_of(call, &table.vpc) == call.region)
        .ok_or_else(|| Refusal::new(404, "InvalidRouteTableId.NotFound", "Specified route table is not found."))?;
    let entry = |range: &ipnet::IpNet, status: &str, origin: &str, hop: Value, to: &str| {
        json!({
            "RouteTableId": table.id, "DestinationCidrBlock": range.to_string(), "Status": status, "Type": origin,
            "IpVersion": "ipv4", "RouteEntryName": "", "Description": "",
            "NextHops": {"NextHop": [{"NextHopType": hop, "NextHopId": to, "Enabled": 1, "Weight": 0}]},
        })
    };
    let own = table.entries.iter();
    let own = own.map(|route| entry(&route.range, &route.status, "Custom", json!(route.hop), &route.to));
    let mut all: Vec<Value> = own.collect();
    let local = call.account.vswitches.iter().filter(|vswitch| vswitch.vpc == table.vpc);
    all.extend(local.map(|vswitch| entry(&vswitch.range, "Available", "System", json!("local"), "")));
    let (page, next) = call.page(&all, "MaxResult")?;
    Ok(json!({"TotalCount": all.len(), "NextToken": next, "RouteEntrys": {"RouteEntry": page}}))
}
