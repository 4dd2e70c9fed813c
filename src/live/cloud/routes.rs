//! The route table of a vSwitch.

use super::answers::RouteEntry;
use super::call::{Call, Paging, VPC};
use super::groups::range_of;
use super::openapi::Account;
use super::vswitches::vswitches;
use ackcheck_core::evidence::Journal;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::cloud::{Hop, Route, RouteTable};
use ackcheck_core::verdict::Unseen;

/// Every entry of a route table.
pub(super) async fn entries(account: &Account, journal: &Journal, region: &str, table: &str) -> Seen<Vec<RouteEntry>> {
    let call = Call::rpc(&VPC, "DescribeRouteEntryList", region).with("RouteTableId", table);
    account.list(journal, &call, "/RouteEntrys/RouteEntry", Paging::Token("MaxResult", "100")).await
}

/// The route table of a vSwitch: its own, or the system table of its VPC.
pub(super) async fn route_table(
    account: &Account,
    journal: &Journal,
    region: &str,
    vpc: &str,
    vswitch: &str,
) -> Seen<RouteTable> {
    let unreadable = |why: String| Unseen::unreadable(format!("the route table of {vswitch}"), why);
    let known = vswitches(account, journal, region, vpc).await?;
    let found = known.into_iter().find(|of| of.v_switch_id == vswitch);
    let table = found.ok_or_else(|| unreadable(format!("{vpc} has no such vSwitch")))?.route_table;
    if table.route_table_id.is_empty() {
        return Err(unreadable("DescribeVSwitches does not tell which it is".to_owned()));
    }
    let custom = table.route_table_type.eq_ignore_ascii_case("custom");
    let entries = entries(account, journal, region, &table.route_table_id).await?;
    let matters = entries.iter().filter(|entry| !of_a_service(entry));
    let routes = matters.map(route).collect::<Result<_, _>>().map_err(unreadable)?;
    Ok(RouteTable { id: table.route_table_id, custom, routes })
}

/// To a service of Alibaba by a gateway endpoint, whose addresses are given by a prefix list: it leads to no pod.
fn of_a_service(entry: &RouteEntry) -> bool {
    let by_endpoint = entry.hop().is_some_and(|hop| hop.next_hop_type.eq_ignore_ascii_case("GatewayEndpoint"));
    by_endpoint && entry.destination_cidr_block.starts_with("pl-")
}

fn route(entry: &RouteEntry) -> Result<Route, String> {
    let available = entry.status.is_empty() || entry.status.eq_ignore_ascii_case("available");
    let hop = |hop: &super::answers::NextHop| Hop { kind: hop.next_hop_type.clone(), id: hop.next_hop_id.clone() };
    Ok(Route {
        range: range_of(&entry.destination_cidr_block)?,
        unavailable: (!available).then(|| entry.status.clone()),
        hops: entry.hops().map(hop).collect(),
    })
}
