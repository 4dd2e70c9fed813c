//! Where the host and the cluster are: instances, interfaces, vSwitches, routes.
//!
//! Of Terway the OpenAPI tells the interfaces that are attached to nodes now: their groups and vSwitches are where pods
//! are now. It does not tell the `eni-config` or the PodNetworking objects that later interfaces will be made from, nor
//! which interface of a node a person attached by hand; such a one counts as the pods'.

use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::{Value, json};

use super::answers::{self, Cluster, Interface, Node, RouteEntry, VSwitch};
use super::call::{CS, Call, ECS, Paging};
use super::groups::range_of;
use super::openapi::Account;
use super::routes;
use super::vswitches::vswitches;
use ackcheck_core::evidence::Journal;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::cloud::{ClusterNetwork, Eni, Hop, HostInstance, Instance, Joined, PodNetwork, PodSource};
use ackcheck_core::verdict::Unseen;

/// The DSS host as an instance: by the metadata, or else by its addresses.
pub(super) async fn host_instance(account: &Account, journal: &Journal) -> Seen<HostInstance> {
    let unknown = match account.metadata.identity(account.wire(), journal).await {
        Ok(identity) => {
            let instance = instance(account, journal, &identity.region, &identity.instance).await?;
            return Ok(HostInstance::Ecs(instance));
        }
        Err(why) => why,
    };
    let config = account.wire().config();
    let region = region(account, journal).await?;
    let addresses = match config.host.addresses.as_slice() {
        [] if config.host.local => own_address().into_iter().collect(),
        given => given.to_vec(),
    };
    if addresses.is_empty() {
        let what = format!("the DSS host's instance is not found: {unknown}");
        return Err(Unseen::not_given(what, "[host]\naddresses = [\"10.0.0.20\"]"));
    }
    let wanted = json!(addresses).to_string();
    let named = addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let call = Call::rpc(&ECS, "DescribeInstances", &region).with("PrivateIpAddresses", wanted.as_str());
    let paging = Paging::Token("MaxResults", "100");
    let found: Vec<answers::Instance> = account.list(journal, &call, "/Instances/Instance", paging).await?;
    match found.as_slice() {
        [] => Ok(HostInstance::NotEcs { why: format!("{unknown}, and no instance in {region} has {named}") }),
        [one] => Ok(HostInstance::Ecs(instance(account, journal, &region, &one.instance_id).await?)),
        several => {
            let ids: Vec<&str> = several.iter().map(|instance| instance.instance_id.as_str()).collect();
            let why =
                format!("several have {named}, in several VPCs: {}; run ackcheck on the DSS host", ids.join(", "));
            Err(Unseen::unreadable("the DSS host's instance", why))
        }
    }
}

/// The region of the deployment: as the site says, or else the host's.
pub(super) async fn region(account: &Account, journal: &Journal) -> Seen<String> {
    if let Some(region) = account.wire().config().cloud.as_ref().and_then(|cloud| cloud.region.clone()) {
        return Ok(region);
    }
    match account.metadata.identity(account.wire(), journal).await {
        Ok(identity) => Ok(identity.region),
        Err(why) => {
            let what = format!("the region of the deployment is not known: {why}");
            Err(Unseen::not_given(what, "[cloud]\nregion = \"cn-hangzhou\""))
        }
    }
}

/// The address that this machine sends from; no packet is sent to learn it.
fn own_address() -> Option<IpAddr> {
    let socket = std::net::UdpSocket::bind(("0.0.0.0", 0)).ok()?;
    socket.connect(("100.100.100.200", 80)).ok()?;
    socket.local_addr().ok().map(|address| address.ip()).filter(|address| !address.is_loopback())
}

async fn instance(account: &Account, journal: &Journal, region: &str, id: &str) -> Seen<Instance> {
    let call = Call::rpc(&ECS, "DescribeNetworkInterfaces", region).with("InstanceId", id);
    let mut interfaces = interfaces(account, journal, &call).await?;
    interfaces.sort_by_key(|interface| interface.kind != "Primary");
    let Some(first) = interfaces.first() else {
        let why = "the account shows no network interface of it: is the key of the same account?";
        return Err(Unseen::unreadable(format!("instance {id} in {region}"), why));
    };
    let vpc = first.vpc_id.clone();
    let enis = interfaces.iter().map(|interface| eni(interface, None)).collect();
    Ok(Instance { id: id.to_owned(), region: region.to_owned(), vpc, enis })
}

async fn interfaces(account: &Account, journal: &Journal, call: &Call) -> Seen<Vec<Interface>> {
    let list = "/NetworkInterfaceSets/NetworkInterfaceSet";
    account.list(journal, call, list, Paging::Token("MaxResults", "500")).await
}

fn eni(interface: &Interface, vswitch_range: Option<IpNet>) -> Eni {
    Eni {
        id: interface.network_interface_id.clone(),
        vswitch: interface.v_switch_id.clone(),
        vswitch_range,
        addresses: interface.addresses(),
        security_groups: interface.groups(),
    }
}

/// The cluster's network: its nodes' and pods' interfaces, or its pod range.
pub(super) async fn cluster_network(account: &Account, journal: &Journal) -> Seen<ClusterNetwork> {
    let cluster = account.wire().config().cluster.as_ref();
    let cluster = cluster.ok_or_else(|| Unseen::not_described("the site file has no [cluster]"))?;
    let unknown = || Unseen::not_given("the OpenAPI knows clusters by their ids alone", "[cluster]\nid = \"c0123…\"");
    let id = cluster.id.clone().ok_or_else(unknown)?;
    let region = region(account, journal).await?;
    let call = Call::roa(&CS, "DescribeClusterDetail", &region, format!("/clusters/{id}"));
    let detail = account.call(journal, &call).await?;
    let detail: Cluster = answers::all(&call.ram_action(), vec![detail])?.remove(0);
    let call = Call::roa(&CS, "DescribeClusterNodes", &region, format!("/clusters/{id}/nodes"));
    let paging = Paging::Number { number: "pageNumber", size: ("pageSize", "100"), total: "/page/total_count" };
    let listed: Vec<Node> = account.list(journal, &call, "/nodes", paging).await?;

    let call = Call::rpc(&ECS, "DescribeNetworkInterfaces", &region).with("VpcId", detail.vpc_id.as_str());
    let interfaces = interfaces(account, journal, &call).await?;
    let vswitches = vswitches(account, journal, &region, &detail.vpc_id).await?;
    let range =
        |id: &str| vswitches.iter().find(|vswitch| vswitch.v_switch_id == id).map(|of| range_of(&of.cidr_block));

    let mut nodes = Vec::new();
    for node in &listed {
        let own = interfaces.iter().find(|of| of.instance_id == node.instance_id && of.kind == "Primary");
        let eni = match own {
            Some(interface) => eni(interface, range(&interface.v_switch_id).and_then(Result::ok)),
            None if node.instance_id.starts_with("i-") => {
                let why = format!("the VPC {} has no primary interface of {}", detail.vpc_id, node.instance_id);
                return Err(Unseen::unreadable(format!("node {}", node.node_name), why));
            }
            // Not an ECS instance: no group has it as a member, only ranges can let it in.
            None => Eni {
                id: String::new(),
                vswitch: String::new(),
                vswitch_range: None,
                addresses: node.ip_address.iter().filter_map(|address| address.parse().ok()).collect(),
                security_groups: Vec::new(),
            },
        };
        nodes.push((node.node_name.clone(), eni));
    }

    let pod_range = [&detail.container_cidr, &detail.subnet_cidr].into_iter().find(|range| !range.is_empty());
    let plugin = plugin(&detail.meta_data, pod_range.is_some());
    let pods = match (plugin, pod_range) {
        (PodNetwork::Flannel, Some(text)) => {
            let range = range_of(text).map_err(|why| Unseen::unreadable(format!("the pod range of {id}"), why))?;
            let (what, security_groups) = ("the cluster's pod range".to_owned(), Vec::new());
            let mut vswitches: Vec<String> = nodes.iter().map(|(_, eni)| eni.vswitch.clone()).collect();
            vswitches.sort();
            vswitches.dedup();
            let nodes = listed.iter().map(|node| node.node_name.clone()).collect();
            vec![PodSource { what, range, vswitches, security_groups, nodes }]
        }
        (PodNetwork::Flannel, None) => {
            let why = "neither container_cidr nor subnet_cidr is given";
            return Err(Unseen::unreadable(format!("the pod range of {id}"), why));
        }
        (PodNetwork::Terway, _) => pods_on_interfaces(&id, &listed, &interfaces, &vswitches)?,
    };
    let (name, region, vpc) = (detail.name, detail.region_id, detail.vpc_id);
    Ok(ClusterNetwork { id: detail.cluster_id, name, region, vpc, plugin, pods, nodes })
}

/// Terway: the vSwitches and groups of every interface of a node that is not its primary one.
fn pods_on_interfaces(
    cluster: &str,
    nodes: &[Node],
    interfaces: &[Interface],
    vswitches: &[VSwitch],
) -> Seen<Vec<PodSource>> {
    let of_a_node =
        |of: &Interface| !of.instance_id.is_empty() && nodes.iter().any(|node| node.instance_id == of.instance_id);
    let mut pods: Vec<PodSource> = Vec::new();
    for interface in interfaces.iter().filter(|of| of.kind != "Primary" && of_a_node(of)) {
        let what = format!("the pod vSwitch {}", interface.v_switch_id);
        let vswitch = vswitches.iter().find(|vswitch| vswitch.v_switch_id == interface.v_switch_id);
        let range =
            vswitch.ok_or_else(|| "DescribeVSwitches lacks it".to_owned()).and_then(|of| range_of(&of.cidr_block));
        let range = range.map_err(|why| Unseen::unreadable(what.clone(), why))?;
        let (groups, node) = (interface.groups(), nodes.iter().find(|node| node.instance_id == interface.instance_id));
        let known = pods.iter().position(|pods| (&pods.what, &pods.security_groups) == (&what, &groups));
        let at = known.unwrap_or_else(|| {
            let vswitches = vec![interface.v_switch_id.clone()];
            pods.push(PodSource { what, range, vswitches, security_groups: groups, nodes: Vec::new() });
            pods.len() - 1
        });
        let name = node.map(|node| node.node_name.clone()).filter(|name| !pods[at].nodes.contains(name));
        pods[at].nodes.extend(name);
    }
    if pods.is_empty() {
        let why = "no node has a network interface for pods yet";
        return Err(Unseen::unreadable(format!("the pod interfaces of {cluster}"), why));
    }
    pods.sort_by(|a, b| a.what.cmp(&b.what));
    Ok(pods)
}

/// By the add-ons, or else by whether the cluster has a pod range of its own, which only Flannel's has.
fn plugin(meta_data: &str, has_pod_range: bool) -> PodNetwork {
    let meta_data: Value = serde_json::from_str(meta_data).unwrap_or_default();
    let addons = meta_data.get("Addons").and_then(Value::as_array);
    let mut names = addons.into_iter().flatten().filter_map(|addon| addon.get("name")?.as_str());
    match names.find_map(|name| match name {
        _ if name.contains("terway") => Some(PodNetwork::Terway),
        _ if name.contains("flannel") => Some(PodNetwork::Flannel),
        _ => None,
    }) {
        Some(plugin) => plugin,
        None if has_pod_range => PodNetwork::Flannel,
        None => PodNetwork::Terway,
    }
}

/// The routes between the host and the cluster, both ways.
pub(super) async fn joined(account: &Account, journal: &Journal, from: &Instance, to: &ClusterNetwork) -> Seen<Joined> {
    let mut joined = Joined { routes: Vec::new(), unrouted: Vec::new() };
    let nodes = to.nodes.iter().flat_map(|(_, eni)| eni.addresses.first()).map(|address| IpNet::from(*address));
    let there: Vec<IpNet> = nodes.chain(to.pods.iter().map(|pods| pods.range)).collect();
    let back: Vec<IpNet> = from
        .enis
        .first()
        .and_then(|eni| eni.addresses.first())
        .map(|address| IpNet::from(*address))
        .into_iter()
        .collect();
    let host_vswitches: Vec<&str> = from.enis.first().map(|eni| eni.vswitch.as_str()).into_iter().collect();
    let mut node_vswitches: Vec<&str> = to.nodes.iter().map(|(_, eni)| eni.vswitch.as_str()).collect();
    node_vswitches.sort_unstable();
    node_vswitches.dedup();
    let ways = [(&from.region, &from.vpc, host_vswitches, there), (&to.region, &to.vpc, node_vswitches, back)];
    for (region, vpc, from, targets) in ways {
        let known = vswitches(account, journal, region, vpc).await?;
        for vswitch in from {
            let table =
                known.iter().find(|of| of.v_switch_id == vswitch).map(|of| of.route_table.route_table_id.as_str());
            let table = table.filter(|table| !table.is_empty());
            let table =
                table.ok_or_else(|| Unseen::unreadable(format!("the route table of {vswitch}"), "it has none"))?;
            let entries = routes::entries(account, journal, region, table).await?;
            for target in &targets {
                match leads(&entries, target) {
                    Some(route) => joined.routes.push(format!("{route} in {table}")),
                    None => joined.unrouted.push(format!("{target} from the vSwitch {vswitch} ({table})")),
                }
            }
        }
    }
    joined.routes.sort();
    joined.routes.dedup();
    Ok(joined)
}

/// The route that the longest prefix chooses, where it leads to another network.
fn leads(entries: &[RouteEntry], target: &IpNet) -> Option<String> {
    let usable =
        entries.iter().filter(|entry| entry.status.is_empty() || entry.status.eq_ignore_ascii_case("available"));
    let matching = usable.filter_map(|entry| {
        let range = range_of(&entry.destination_cidr_block).ok()?;
        range.contains(target).then_some((range, entry))
    });
    let (range, entry) = matching.max_by_key(|(range, _)| range.prefix_len())?;
    let hop = entry.hop()?;
    let nowhere = hop.next_hop_type.eq_ignore_ascii_case("local") || Hop::leaves(&hop.next_hop_type);
    (!nowhere).then(|| format!("{range} by {} {}", hop.next_hop_type, hop.next_hop_id))
}
