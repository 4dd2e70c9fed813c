//! Route tables, which say where packets out of a vSwitch go.

use ipnet::IpNet;

/// The route table of a vSwitch. The longest prefix that holds an address decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteTable {
    pub id: String,
    /// Made by a user and bound to the vSwitch; the VPC's system table otherwise.
    pub custom: bool,
    pub routes: Vec<Route>,
}

/// An entry of a route table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub range: IpNet,
    /// Its status where that is not `Available`: it does not count then.
    pub unavailable: Option<String>,
    /// Where it leads: several share the packets.
    pub hops: Vec<Hop>,
}

/// A next hop that is enabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// `Instance`, `NetworkInterface`, `HaVip`, `NatGateway`, `local`, …
    pub kind: String,
    pub id: String,
}

impl Hop {
    /// Whether packets leave the network by a next hop of this kind (`NextHopType` of VPC's `DescribeRouteEntryList`): it
    /// leads to no other VPC and to no node.
    pub fn leaves(kind: &str) -> bool {
        let gateways = ["NatGateway", "Ipv4Gateway", "InternetGateway", "Ipv6Gateway", "GatewayEndpoint"];
        gateways.iter().any(|gateway| gateway.eq_ignore_ascii_case(kind))
    }
}

impl std::fmt::Display for Hop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.id.as_str() {
            "" => f.write_str(&self.kind),
            id => write!(f, "{} {id}", self.kind),
        }
    }
}
