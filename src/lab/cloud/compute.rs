//! The ECS product: instances, network interfaces, security groups and their lists.

use serde_json::{Value, json};

use super::account::{Instance, Interface, InterfaceKind};
use super::words::Refusal;
use super::world::{Direction, Group, GroupRule};
use super::{Answer, Caller, unknown_action};

/// Answers an action of ECS.
pub(super) fn answer(action: &str, call: &Caller<'_>) -> Answer {
    match action {
        "DescribeInstances" => instances(call),
        "DescribeNetworkInterfaces" => interfaces(call),
        "DescribeSecurityGroups" => groups(call),
        "DescribeSecurityGroupAttribute" => group_rules(call),
        "DescribePrefixListAttributes" => prefix_list(call),
        "DescribePortRangeListEntries" => port_list(call),
        _ => Err(unknown_action()),
    }
}

fn instances(call: &Caller<'_>) -> Answer {
    call.must("RegionId")?;
    let (ids, addresses) = (call.json_list("InstanceIds")?, call.json_list("PrivateIpAddresses")?);
    let wanted = |instance: &&Instance| {
        let has = |address: &String| addresses_of(call, &instance.id).contains(address);
        instance.region == call.region
            && ids.as_ref().is_none_or(|ids| ids.contains(&instance.id))
            && addresses.as_ref().is_none_or(|addresses| addresses.iter().any(has))
            && call.get("VpcId").is_none_or(|vpc| vpc == instance.vpc)
    };
    let all: Vec<&Instance> = call.account.instances.iter().filter(wanted).collect();
    let (page, next) = call.page(&all, "MaxResults")?;
    let list: Vec<Value> = page.iter().map(|instance| instance_body(call, instance)).collect();
    Ok(json!({"TotalCount": all.len(), "PageNumber": 1, "PageSize": page.len(), "NextToken": next,
        "Instances": {"Instance": list}}))
}

fn addresses_of(call: &Caller<'_>, instance: &str) -> Vec<String> {
    let primary =
        call.account.interfaces.iter().filter(|eni| eni.instance == instance && eni.kind == InterfaceKind::Primary);
    primary.flat_map(|eni| eni.addresses.iter().map(ToString::to_string)).collect()
}

fn instance_body(call: &Caller<'_>, instance: &Instance) -> Value {
    let enis = call.account.interfaces.iter().filter(|eni| eni.instance == instance.id);
    let enis: Vec<Value> = enis
        .map(|eni| {
            json!({"NetworkInterfaceId": eni.id, "Type": eni.kind, "PrimaryIpAddress": first(eni),
                "PrivateIpSets": {"PrivateIpSet": private_ips(eni)}})
        })
        .collect();
    let tokens = if call.account.metadata.token_required { "required" } else { "optional" };
    json!({
        "InstanceId": instance.id, "HostName": instance.host_name, "InstanceName": instance.host_name,
        "Status": "Running", "RegionId": instance.region, "ZoneId": instance.zone, "InstanceNetworkType": "vpc",
        "VpcAttributes": {"VpcId": instance.vpc, "VSwitchId": instance.vswitch, "NatIpAddress": "",
            "PrivateIpAddress": {"IpAddress": addresses_of(call, &instance.id)}},
        "SecurityGroupIds": {"SecurityGroupId": instance.groups},
        "NetworkInterfaces": {"NetworkInterface": enis},
        "EipAddress": {"IpAddress": ""}, "PublicIpAddress": {"IpAddress": []},
        "MetadataOptions": {"HttpEndpoint": "enabled", "HttpTokens": tokens, "HttpPutResponseHopLimit": 1},
        "Tags": {"Tag": []},
    })
}

fn first(eni: &Interface) -> String {
    eni.addresses.first().map(ToString::to_string).unwrap_or_default()
}

fn private_ips(eni: &Interface) -> Vec<Value> {
    let ip = |(at, address)| json!({"PrivateIpAddress": format!("{address}"), "Primary": at == 0});
    eni.addresses.iter().enumerate().map(ip).collect()
}

fn interfaces(call: &Caller<'_>) -> Answer {
    call.must("RegionId")?;
    let (ids, addresses) = (call.numbered("NetworkInterfaceId"), call.numbered("PrivateIpAddress"));
    let wanted = |eni: &&Interface| {
        eni.region == call.region
            && (ids.is_empty() || ids.contains(&eni.id))
            && (addresses.is_empty() || eni.addresses.iter().any(|address| addresses.contains(&address.to_string())))
            && call.get("InstanceId").is_none_or(|instance| instance == eni.instance)
            && call.get("VpcId").is_none_or(|vpc| vpc == eni.vpc)
            && call.get("VSwitchId").is_none_or(|vswitch| vswitch == eni.vswitch)
            && call.get("Type").is_none_or(|kind| kind == eni.kind.name())
            && call.get("SecurityGroupId").is_none_or(|group| eni.groups.iter().any(|of| of == group))
    };
    let all: Vec<&Interface> = call.account.interfaces.iter().filter(wanted).collect();
    let (page, next) = call.page(&all, "MaxResults")?;
    let list = page.iter().map(|eni| {
        json!({
            "NetworkInterfaceId": eni.id, "Type": eni.kind, "InstanceId": eni.instance, "Status": "InUse",
            "VpcId": eni.vpc, "VSwitchId": eni.vswitch, "PrivateIpAddress": first(eni),
            "PrivateIpSets": {"PrivateIpSet": private_ips(eni)}, "Ipv4PrefixSets": {"Ipv4PrefixSet": []},
            "SecurityGroupIds": {"SecurityGroupId": eni.groups}, "SourceDestCheck": true,
            "Attachment": {"InstanceId": eni.instance},
        })
    });
    let list: Vec<Value> = list.collect();
    Ok(json!({"TotalCount": all.len(), "NextToken": next, "NetworkInterfaceSets": {"NetworkInterfaceSet": list}}))
}

fn region_of<'a>(call: &'a Caller<'_>, group: &Group) -> &'a str {
    call.account.vpc(&group.vpc).map_or("", |vpc| vpc.region.as_str())
}

fn groups(call: &Caller<'_>) -> Answer {
    call.must("RegionId")?;
    let ids = call.json_list("SecurityGroupIds")?;
    let wanted = |group: &&Group| {
        region_of(call, group) == call.region
            && ids.as_ref().is_none_or(|ids| ids.contains(&group.id))
            && call.get("SecurityGroupId").is_none_or(|id| id == group.id)
            && call.get("VpcId").is_none_or(|vpc| vpc == group.vpc)
    };
    let all: Vec<&Group> = call.account.groups.iter().filter(wanted).collect();
    let (page, next) = call.page(&all, "MaxResults")?;
    let list = page.iter().map(|group| {
        json!({
            "SecurityGroupId": group.id, "SecurityGroupName": group.name, "SecurityGroupType": group.kind,
            "VpcId": group.vpc, "Description": "", "RuleCount": group.rules.len(), "ServiceManaged": false,
            "CreationTime": "2026-01-02T03:04:05Z", "Tags": {"Tag": []},
        })
    });
    let list: Vec<Value> = list.collect();
    Ok(json!({"TotalCount": all.len(), "RegionId": call.region, "NextToken": next,
        "SecurityGroups": {"SecurityGroup": list}}))
}

/// Which, as the real one, does not say what type the group is.
fn group_rules(call: &Caller<'_>) -> Answer {
    call.must("RegionId")?;
    let id = call.must("SecurityGroupId")?;
    let group = call.account.groups.iter().find(|group| group.id == id && region_of(call, group) == call.region);
    let group = group.ok_or_else(|| {
        let message = "The specified SecurityGroupId does not exist.";
        Refusal::new(404, "InvalidSecurityGroupId.NotFound", message)
    })?;
    let direction = call.get("Direction").unwrap_or("all");
    let of_direction = |rule: &&GroupRule| direction == "all" || rule.direction.name() == direction;
    let all: Vec<&GroupRule> = group.rules.iter().filter(of_direction).collect();
    let (page, next) = call.page(&all, "MaxResults")?;
    Ok(json!({
        "RegionId": call.region, "SecurityGroupId": group.id, "SecurityGroupName": group.name, "Description": "",
        "VpcId": group.vpc, "InnerAccessPolicy": group.inner_access, "NextToken": next,
        "Permissions": {"Permission": page.iter().map(|rule| permission(rule)).collect::<Vec<_>>()},
    }))
}

fn permission(rule: &GroupRule) -> Value {
    let ingress = rule.direction == Direction::Ingress;
    // The peer is on the source's side of an ingress rule and on the destination's of an egress rule.
    let side = |of_source: bool, value: &str| if of_source == ingress { value.to_owned() } else { String::new() };
    let own = |of_source: bool| if of_source != ingress { rule.own_range.clone() } else { String::new() };
    let or_all = |ports: &str| if ports.is_empty() { "-1/-1".to_owned() } else { ports.to_owned() };
    json!({
        "SecurityGroupRuleId": rule.id, "Direction": rule.direction, "IpProtocol": rule.protocol,
        "PortRange": or_all(&rule.ports), "PortRangeListId": rule.port_list, "SourcePortRange": or_all(&rule.source_ports),
        "Policy": rule.policy, "Priority": rule.priority, "NicType": "intranet", "Description": "",
        "SourceCidrIp": side(true, &rule.range) + &own(true), "DestCidrIp": side(false, &rule.range) + &own(false),
        "Ipv6SourceCidrIp": side(true, &rule.ipv6_range), "Ipv6DestCidrIp": side(false, &rule.ipv6_range),
        "SourceGroupId": side(true, &rule.group), "DestGroupId": side(false, &rule.group),
        "SourceGroupName": "", "DestGroupName": "", "SourceGroupOwnerAccount": "", "DestGroupOwnerAccount": "",
        "SourcePrefixListId": side(true, &rule.prefix_list), "DestPrefixListId": side(false, &rule.prefix_list),
        "SourcePrefixListName": "", "DestPrefixListName": "", "CreateTime": "2026-01-02T03:04:05Z",
    })
}

fn prefix_list(call: &Caller<'_>) -> Answer {
    let id = call.must("PrefixListId")?;
    let list = call.account.prefix_lists.iter().find(|list| list.id == id).ok_or_else(|| {
        Refusal::new(404, "InvalidPrefixListId.NotFound", "The specified PrefixListId does not exist.")
    })?;
    let entries: Vec<Value> =
        list.ranges.iter().map(|range| json!({"Cidr": range.to_string(), "Description": ""})).collect();
    Ok(json!({"PrefixListId": list.id, "PrefixListName": list.name, "AddressFamily": "IPv4", "MaxEntries": 20,
        "Description": "", "CreationTime": "2026-01-02T03:04:05Z", "Entries": {"Entry": entries}}))
}

fn port_list(call: &Caller<'_>) -> Answer {
    let id = call.must("PortRangeListId")?;
    let list = call.account.port_lists.iter().find(|list| list.id == id).ok_or_else(|| {
        Refusal::new(404, "InvalidPortRangeListId.NotFound", "The specified PortRangeListId does not exist.")
    })?;
    let entries: Vec<Value> =
        list.ports.iter().map(|ports| json!({"PortRange": ports, "Description": list.name})).collect();
    Ok(json!({"Entries": entries}))
}
