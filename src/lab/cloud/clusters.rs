//! The CS product (ACK): a cluster and its nodes, by path.

use ackcheck_core::seat::cloud::PodNetwork;
use serde_json::{Value, json};

use super::account::ClusterDetail;
use super::words::Refusal;
use super::{Answer, Caller};
use crate::http::Request;

/// The action that a path stands for, as RAM names it.
pub(super) fn action(request: &Request) -> Result<String, Refusal> {
    let parts: Vec<&str> = request.uri().path().trim_matches('/').split('/').collect();
    let action = match (request.method().as_str(), parts.as_slice()) {
        ("GET", ["clusters", _]) => "DescribeClusterDetail",
        ("GET", ["clusters", _, "nodes"]) => "DescribeClusterNodes",
        ("GET", ["api", "v1", "clusters"]) => "DescribeClustersV1",
        _ => return Err(super::unknown_action()),
    };
    Ok(action.to_owned())
}

/// Answers a request to the CS product.
pub(super) fn answer(request: &Request, call: &Caller<'_>) -> Answer {
    let cluster = &call.account.cluster;
    let parts: Vec<&str> = request.uri().path().trim_matches('/').split('/').collect();
    match parts.as_slice() {
        ["api", "v1", "clusters"] => {
            let here: Vec<Value> = (cluster.region == call.region).then(|| detail(cluster)).into_iter().collect();
            let page_info = json!({"page_number": 1, "page_size": 10, "total_count": here.len()});
            Ok(json!({"clusters": here, "page_info": page_info}))
        }
        ["clusters", id, rest @ ..] if *id == cluster.id && cluster.region == call.region => match rest {
            [] => Ok(detail(cluster)),
            _ => Ok(nodes(cluster, call)),
        },
        _ => Err(Refusal::new(404, "ErrorClusterNotFound", "Cluster not found.")),
    }
}

/// `meta_data` and `master_url` are JSON in a string, as the real ones.
fn detail(cluster: &ClusterDetail) -> Value {
    let flannel = cluster.pod_network == PodNetwork::Flannel;
    let plugin = if flannel { "flannel" } else { "terway-eniip" };
    let meta_data = json!({"Addons": [{"name": plugin}, {"name": "coredns"}, {"name": "csi-plugin"}],
        "Capabilities": {"Network": plugin}});
    let master_url = json!({"api_server_endpoint": cluster.public_server,
        "intranet_api_server_endpoint": cluster.private_server});
    let container_range = if flannel { cluster.container_range.to_string() } else { String::new() };
    json!({
        "cluster_id": cluster.id, "name": cluster.name, "cluster_type": "ManagedKubernetes",
        "cluster_spec": "ack.pro.small", "state": "running", "region_id": cluster.region, "vpc_id": cluster.vpc,
        "vswitch_id": cluster.vswitches.join(","), "vswitch_ids": cluster.vswitches,
        "security_group_id": cluster.group, "container_cidr": container_range, "subnet_cidr": container_range,
        "service_cidr": cluster.service_range.to_string(), "node_cidr_mask": if flannel { "24" } else { "" },
        "network_mode": "vpc", "proxy_mode": "ipvs", "private_zone": false, "size": cluster.nodes.len(),
        "current_version": cluster.version, "init_version": cluster.version,
        "worker_ram_role_name": "KubernetesWorkerRole-lab", "master_url": master_url.to_string(),
        "meta_data": meta_data.to_string(), "rrsa_config": {"enabled": false}, "tags": [],
        "created": "2026-01-02T03:04:05Z", "updated": "2026-01-02T03:04:05Z",
    })
}

fn nodes(cluster: &ClusterDetail, call: &Caller<'_>) -> Value {
    let (page, number, size) = call.numbered_page(&cluster.nodes, "pageNumber", "pageSize");
    let list = page.iter().map(|(instance, name, address)| {
        json!({
            "instance_id": instance, "node_name": name, "ip_address": [address.to_string()], "state": "running",
            "node_status": "Ready", "instance_role": "Worker", "instance_status": "Running",
            "nodepool_id": "np1ab0000000000000000000000000001", "is_aliyun_node": true, "source": "ess_attach",
            "instance_type": "ecs.g7.xlarge", "creation_time": "2026-01-02T03:04:05Z",
        })
    });
    json!({"nodes": list.collect::<Vec<_>>(),
        "page": {"page_number": number, "page_size": size, "total_count": cluster.nodes.len()}})
}
