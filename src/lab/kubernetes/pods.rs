//! What hangs below a pod: `exec` and `log`.

use serde_json::Value;

use super::cluster::Cluster;
use super::exec::{self, Container, Streams};
use super::kinds::Kind;
use super::objects::Objects;
use super::path::ResourcePath;
use super::query::Query;
use super::words::{Status, whole};
use crate::http::Response;

/// The pod and container that `exec` and `log` are about.
fn container(objects: &Objects, path: &ResourcePath, query: &Query) -> Result<(Value, String), Status> {
    let pod = objects.get(Kind::Pod, &path.namespace, &path.name)?.value();
    let names: Vec<&str> =
        pod["spec"]["containers"].as_array().into_iter().flatten().filter_map(|c| c["name"].as_str()).collect();
    let container = match query.first("container") {
        "" if names.len() == 1 => names[0],
        "" => {
            let list = names.join(" ");
            return Err(Status::bad_request(format!(
                "a container name must be specified for pod {}, choose one of: [{list}]",
                path.name
            )));
        }
        asked if names.contains(&asked) => asked,
        asked => {
            return Err(Status::bad_request(format!("container {asked} is not valid for pod {}", path.name)));
        }
    };
    let container = container.to_owned();
    Ok((pod, container))
}

/// Runs a command in a container, over a WebSocket.
pub(super) fn exec(
    cluster: &Cluster,
    path: &ResourcePath,
    query: &Query,
    headers: &http::HeaderMap,
    upgrade: hyper::upgrade::OnUpgrade,
) -> Result<Response, Status> {
    let (pod, container) = container(&cluster.objects, path, query)?;
    let Some(node) = pod["spec"]["nodeName"].as_str() else {
        return Err(Status::bad_request(format!("pod {} does not have a host assigned", path.name)));
    };
    let phase = pod["status"]["phase"].as_str().unwrap_or_default();
    if matches!(phase, "Succeeded" | "Failed") {
        return Err(Status::bad_request(format!(
            "cannot exec into a container in a completed pod; current phase is {phase}"
        )));
    }
    if pod.pointer("/status/containerStatuses/0/state/running").is_none() {
        return Err(Status::internal(format!("unable to upgrade connection: container not found (\"{container}\")")));
    }
    let command: Vec<String> = query.all("command").map(str::to_owned).collect();
    if command.is_empty() {
        return Err(Status::bad_request("you must specify at least 1 command for the container"));
    }
    let on = |name: &str| matches!(query.first(name), "true" | "1");
    let streams = Streams { stdin: on("stdin"), stdout: on("stdout"), stderr: on("stderr") };
    if !streams.stdin && !streams.stdout && !streams.stderr {
        return Err(Status::bad_request("you must specify at least 1 of stdin, stdout, stderr"));
    }
    let uid = pod["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
    let target = Container { uid, node: node.to_owned() };
    exec::upgrade(headers, upgrade, cluster.nodes.clone(), target, command, streams)
}

/// What a container printed.
pub(super) fn log(cluster: &Cluster, path: &ResourcePath, query: &Query) -> Result<Response, Status> {
    let (pod, container) = container(&cluster.objects, path, query)?;
    let log = cluster.nodes.log(pod["metadata"]["uid"].as_str().unwrap_or_default());
    let Some(log) = log else {
        let waiting = pod.pointer("/status/containerStatuses/0/state/waiting/reason").and_then(Value::as_str);
        let why = match waiting {
            Some("ErrImagePull" | "ImagePullBackOff") => "trying and failing to pull image",
            Some(reason) => reason,
            None => "ContainerCreating",
        };
        return Err(Status::bad_request(format!(
            "container \"{container}\" in pod \"{}\" is waiting to start: {why}",
            path.name
        )));
    };
    let lines: Vec<&str> = log.split_inclusive('\n').collect();
    let keep = query.first("tailLines").parse().unwrap_or(lines.len()).min(lines.len());
    let mut text = lines[lines.len() - keep..].concat();
    if let Ok(limit) = query.first("limitBytes").parse::<usize>() {
        text.truncate(text.floor_char_boundary(limit));
    }
    Ok(whole(200, "text/plain", text))
}
