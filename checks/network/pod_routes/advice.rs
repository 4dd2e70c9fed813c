//! Where packets are led, in words, and the routes that lead them right.

use ackcheck_core::seat::cloud::{Hop, RouteTable};

use crate::network::prediction::routes::{Astray, At, Leg};
use crate::network::prediction::words::{MOST_NAMED, led_by};

/// The most commands that a remedy prints.
const MOST_COMMANDS: usize = 50;

/// What is led astray, and by which entry.
pub(super) fn in_words(legs: &[&Leg<'_>], table: &RouteTable) -> String {
    let said = legs.iter().take(MOST_NAMED).map(|leg| {
        let goal = leg.goal;
        let whole = (leg.first, leg.last) == (goal.range.network(), goal.range.broadcast());
        let part = if whole { String::new() } else { format!(" of it the addresses {} to {}:", leg.first, leg.last) };
        format!("{} ({}):{part} {}", goal.what, goal.range, led_by(leg, table))
    });
    let mut said = said.collect::<Vec<_>>().join("; ");
    if legs.len() > MOST_NAMED {
        said.push_str(&format!("; and {} more", legs.len() - MOST_NAMED));
    }
    said
}

/// The calls that give each node's range a route to its node, after those that take wrong ones away.
pub(super) fn commands(legs: &[&Leg<'_>], table: &RouteTable, region: &str) -> String {
    let mut commands: Vec<String> = Vec::new();
    for leg in legs {
        if leg.astray == Astray::Elsewhere
            && let Some(route) = leg.route
        {
            commands.extend(route.hops.iter().map(|hop| {
                format!(
                    "aliyun vpc DeleteRouteEntry --RegionId {region} --RouteTableId {} --DestinationCidrBlock {} \
                     --NextHopId {}",
                    table.id, route.range, hop.id
                )
            }));
        }
        let own = table.routes.iter().any(|route| {
            let right = |hop: &Hop| matches!(&leg.goal.at, At::Node { instance, .. } if hop.id == *instance);
            route.range == leg.goal.range.into() && route.unavailable.is_none() && route.hops.iter().all(right)
        });
        if let (At::Node { instance, .. }, false) = (&leg.goal.at, own) {
            commands.push(format!(
                "aliyun vpc CreateRouteEntry --RegionId {region} --RouteTableId {} --DestinationCidrBlock {} \
                 --NextHopType Instance --NextHopId {instance}",
                table.id, leg.goal.range
            ));
        }
    }
    let mut seen: Vec<String> = Vec::new();
    for command in commands {
        if !seen.contains(&command) {
            seen.push(command);
        }
    }
    if seen.is_empty() {
        return format!("aliyun vpc DescribeRouteEntryList --RegionId {region} --RouteTableId {}", table.id);
    }
    if seen.len() > MOST_COMMANDS {
        let more = seen.len() - MOST_COMMANDS;
        seen.truncate(MOST_COMMANDS);
        seen.push(format!("# and {more} more: run the check again after these"));
    }
    seen.join("\n")
}
