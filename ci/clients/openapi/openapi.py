"""Alibaba's Python SDKs against the lab's cloud account.

Usage: openapi.py PROXY FOLDER: the lab's gateway as a proxy, and the folder of its certificates and secrets.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from alibabacloud_credentials.client import Client as Credentials
from alibabacloud_credentials.models import Config as CredentialsConfig
from alibabacloud_cs20151215 import models as cs
from alibabacloud_cs20151215.client import Client as Cs
from alibabacloud_ecs20140526 import models as ecs
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_sts20150401.client import Client as Sts
from alibabacloud_tea_openapi.models import Config
from alibabacloud_vpc20160428 import models as vpc
from alibabacloud_vpc20160428.client import Client as Vpc

PROXY = sys.argv[1]
FOLDER = Path(sys.argv[2])
KEY = "LTAI5tLabCloudKey000001"
SECRET = (FOLDER / "secrets/cloud-secret").read_text().strip()
REGION = "cn-hangzhou"
GROUP = "sg-bp1labdsshost00001"
HOST = "i-bp1labdsshost0000001"
CLUSTER = "c1ab0000000000000000000000000001c"


def config(endpoint: str, secret: str = SECRET, key: str = KEY, protocol: str = "http", **more: Any) -> Config:
    """Plain HTTP through the gateway as a proxy, or TLS through its CONNECT."""
    if protocol == "https":
        more.update(https_proxy=PROXY, ca=str(FOLDER / "ca.pem"))
    else:
        more.update(http_proxy=PROXY)
    if "credential" not in more:
        more.update(access_key_id=key, access_key_secret=secret)
    return Config(endpoint=endpoint, region_id=REGION, protocol=protocol, **more)


def ecs_client(**more: Any) -> Ecs:
    return Ecs(config("ecs-cn-hangzhou.aliyuncs.com", **more))


def describe_rules(client: Ecs, token: str | None = None) -> Any:
    request = ecs.DescribeSecurityGroupAttributeRequest(
        region_id=REGION, security_group_id=GROUP, direction="all", next_token=token
    )
    return client.describe_security_group_attribute(request).body


def refused(call: Callable[[], object]) -> Any:
    """The error of a call that must be refused, with the fields that the SDK gives it."""
    try:
        call()
    except Exception as error:
        return error
    raise AssertionError("it was not refused")


def rules_come_in_pages() -> None:
    client, token, pages, rules = ecs_client(), None, 0, []
    while token != "":
        body = describe_rules(client, token)
        rules += body.permissions.permission
        token, pages = body.next_token or "", pages + 1
        assert pages < 20
    assert pages > 1, pages
    assert len({rule.security_group_rule_id for rule in rules}) == len(rules) >= 6
    assert {type(rule.priority) for rule in rules} == {str, int}
    assert body.inner_access_policy == "Accept" and body.vpc_id.startswith("vpc-")


def instances_are_read() -> None:
    request = ecs.DescribeInstancesRequest(region_id=REGION, instance_ids=json.dumps([HOST]))
    (one,) = ecs_client().describe_instances(request).body.instances.instance
    assert one.instance_id == HOST and one.vpc_attributes.private_ip_address.ip_address == ["10.0.0.20"]
    assert one.metadata_options.http_tokens == "required"


def interfaces_are_read() -> None:
    request = ecs.DescribeNetworkInterfacesRequest(region_id=REGION, instance_id=HOST)
    (eni,) = ecs_client().describe_network_interfaces(request).body.network_interface_sets.network_interface_set
    assert eni.security_group_ids.security_group_id == [GROUP] and eni.type == "Primary"


def groups_and_lists_are_read() -> None:
    client = ecs_client()
    request = ecs.DescribeSecurityGroupsRequest(region_id=REGION, security_group_ids=json.dumps([GROUP]))
    (group,) = client.describe_security_groups(request).body.security_groups.security_group
    assert group.security_group_type == "normal"
    request = ecs.DescribePrefixListAttributesRequest(region_id=REGION, prefix_list_id="pl-bp1labnodes0000001")
    assert client.describe_prefix_list_attributes(request).body.entries.entry[0].cidr == "10.0.1.0/24"
    request = ecs.DescribePortRangeListEntriesRequest(region_id=REGION, port_range_list_id="prl-bp1labadmin000001")
    assert client.describe_port_range_list_entries(request).body.entries[0].port_range == "22/22"


def the_older_signature_is_taken() -> None:
    body = describe_rules(ecs_client(signature_algorithm="v2"))
    assert body.security_group_id == GROUP


def a_wrong_secret_is_refused_in_the_older_signature_too() -> None:
    error = refused(lambda: describe_rules(ecs_client(secret="not the secret", signature_algorithm="v2")))
    assert error.code == "SignatureDoesNotMatch", error


def tls_and_the_vpc_endpoint_are_taken() -> None:
    body = describe_rules(Ecs(config("ecs-vpc.cn-hangzhou.aliyuncs.com", protocol="https")))
    assert body.security_group_id == GROUP


def a_wrong_secret_is_refused() -> None:
    error = refused(lambda: describe_rules(ecs_client(secret="not the secret")))
    assert error.code == "SignatureDoesNotMatch" and error.statusCode == 400, error


def an_unknown_key_is_refused() -> None:
    error = refused(lambda: describe_rules(ecs_client(key="LTAI5tNobody0000000001")))
    assert error.code == "InvalidAccessKeyId.NotFound" and error.statusCode == 404, error


def ram_refuses_what_the_user_may_not() -> None:
    request = ecs.CreateSecurityGroupRequest(region_id=REGION, vpc_id="vpc-bp1labvpc00000000001")
    error = refused(lambda: ecs_client().create_security_group(request))
    assert error.code == "Forbidden.RAM" and error.statusCode == 403, error
    assert error.accessDeniedDetail["AuthAction"] == "ecs:CreateSecurityGroup", error.accessDeniedDetail


def a_group_that_is_not_there() -> None:
    request = ecs.DescribeSecurityGroupAttributeRequest(region_id=REGION, security_group_id="sg-none")
    error = refused(lambda: ecs_client().describe_security_group_attribute(request))
    assert error.code == "InvalidSecurityGroupId.NotFound", error


def vswitches_and_routes_are_read() -> None:
    client = Vpc(config("vpc.aliyuncs.com"))
    request = vpc.DescribeVSwitchesRequest(region_id=REGION, vpc_id="vpc-bp1labvpc00000000001", page_size=50)
    body = client.describe_vswitches(request).body
    assert body.total_count == 5 > len(body.v_switches.v_switch) > 0
    table = body.v_switches.v_switch[0].route_table.route_table_id
    request = vpc.DescribeRouteEntryListRequest(region_id=REGION, route_table_id=table, max_result=100)
    entries = client.describe_route_entry_list(request).body
    assert (
        entries.next_token and entries.route_entrys.route_entry[0].next_hops.next_hop[0].next_hop_type == "NatGateway"
    )
    request = vpc.DescribeVpcsRequest(region_id=REGION)
    assert client.describe_vpcs(request).body.vpcs.vpc[0].cidr_block == "10.0.0.0/16"
    tables = client.describe_route_table_list(vpc.DescribeRouteTableListRequest(region_id=REGION)).body
    assert tables.router_table_list.router_table_list_type[0].route_table_type == "System"


def network_acls_are_read_in_their_order() -> None:
    client = Vpc(config("vpc.aliyuncs.com"))
    request = vpc.DescribeVSwitchesRequest(region_id=REGION, v_switch_id="vsw-bp1labhost0000001")
    (vswitch,) = client.describe_vswitches(request).body.v_switches.v_switch
    acl_request = vpc.DescribeNetworkAclAttributesRequest(region_id=REGION, network_acl_id=vswitch.network_acl_id)
    acl = client.describe_network_acl_attributes(acl_request).body.network_acl_attribute
    assert acl.network_acl_id == vswitch.network_acl_id and acl.vpc_id == vswitch.vpc_id
    assert [bound.resource_id for bound in acl.resources.resource] == ["vsw-bp1labhost0000001"]
    inward, outward = acl.ingress_acl_entries.ingress_acl_entry, acl.egress_acl_entries.egress_acl_entry
    assert (inward[0].policy, inward[0].protocol, inward[0].port) == ("drop", "tcp", "22/22")
    assert inward[1].source_cidr_ip == "10.0.0.0/16" and inward[-1].entry_type == "system"
    assert outward[0].destination_cidr_ip.startswith("pl-") and outward[0].entry_type == "custom"
    acl_request = vpc.DescribeNetworkAclAttributesRequest(region_id=REGION, network_acl_id="nacl-none")
    error = refused(lambda: client.describe_network_acl_attributes(acl_request))
    assert error.code == "InvalidNetworkAcl.NotFound", error


def prefix_lists_of_the_vpc_come_in_pages() -> None:
    client, token, ranges, pages = Vpc(config("vpc.aliyuncs.com")), None, [], 0
    while token != "":
        request = vpc.GetVpcPrefixListEntriesRequest(
            region_id=REGION, prefix_list_id="pl-bp1labanswers00001", max_results=100, next_token=token
        )
        body = client.get_vpc_prefix_list_entries(request).body
        ranges += [entry.cidr for entry in body.prefix_list_entry]
        token, pages = body.next_token or "", pages + 1
        assert pages < 20
    assert pages > 1 and len(ranges) == 5 and ranges[0] == "10.0.1.0/24", ranges


def the_cluster_is_read() -> None:
    client = Cs(config("cs.cn-hangzhou.aliyuncs.com"))
    detail = client.describe_cluster_detail(CLUSTER).body
    assert json.loads(detail.meta_data)["Addons"][0]["name"] == "terway-eniip"
    assert json.loads(detail.master_url)["intranet_api_server_endpoint"].startswith("https://10.0.0.251")
    nodes = client.describe_cluster_nodes(CLUSTER, cs.DescribeClusterNodesRequest(page_size="100")).body
    assert nodes.page.total_count == 3 and nodes.nodes[0].instance_id.startswith("i-")
    error = refused(lambda: client.describe_cluster_detail("c-of-somebody-else"))
    assert error.code == "ErrorClusterNotFound", error


def the_caller_is_named() -> None:
    body = Sts(config("sts.cn-hangzhou.aliyuncs.com")).get_caller_identity().body
    assert body.identity_type == "RAMUser" and body.arn.startswith("acs:ram::1000000000000001:user/"), body


def the_ram_role_of_the_instance_signs() -> None:
    # The credentials library dials the metadata's address itself; the gateway is its proxy.
    os.environ["HTTP_PROXY"] = os.environ["http_proxy"] = PROXY
    try:
        role = Credentials(CredentialsConfig(type="ecs_ram_role", role_name="dss-host-role"))
        body = Sts(config("sts-vpc.cn-hangzhou.aliyuncs.com", credential=role)).get_caller_identity().body
    finally:
        del os.environ["HTTP_PROXY"], os.environ["http_proxy"]
    assert body.identity_type == "AssumedRoleUser", body


TESTS = [
    rules_come_in_pages,
    instances_are_read,
    interfaces_are_read,
    groups_and_lists_are_read,
    the_older_signature_is_taken,
    a_wrong_secret_is_refused_in_the_older_signature_too,
    tls_and_the_vpc_endpoint_are_taken,
    a_wrong_secret_is_refused,
    an_unknown_key_is_refused,
    ram_refuses_what_the_user_may_not,
    a_group_that_is_not_there,
    vswitches_and_routes_are_read,
    network_acls_are_read_in_their_order,
    prefix_lists_of_the_vpc_come_in_pages,
    the_cluster_is_read,
    the_caller_is_named,
    the_ram_role_of_the_instance_signs,
]


def main() -> int:
    failed = 0
    for test in TESTS:
        name = test.__name__.replace("_", " ")
        try:
            test()
        except Exception:  # One test's failure is not the others'.
            failed += 1
            print(f"FAILED  {name}")
            traceback.print_exc(limit=-3, file=sys.stdout)
        else:
            print(f"ok      {name}")
    print(f"{len(TESTS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
