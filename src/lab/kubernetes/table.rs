//! Lists as tables (`as=Table`), for kubectl: `kubectl get` requests nothing else.

use serde_json::{Value, json};

use super::kinds::Kind;

/// Whether an `Accept` header wants a table.
pub(crate) fn wanted(accept: &str) -> bool {
    accept.split(',').any(|kind| kind.contains("as=Table") && kind.contains("g=meta.k8s.io"))
}

/// The table of some objects. `version` is that of the list.
pub(crate) fn table(kind: Kind, objects: &[Value], metadata: Value, include_object: &str) -> Value {
    let columns: &[(&str, &str, u8)] = match kind {
        Kind::Pod => &[
            ("Name", "name", 0),
            ("Ready", "", 0),
            ("Status", "", 0),
            ("Restarts", "", 0),
            ("Age", "", 0),
            ("IP", "", 1),
            ("Node", "", 1),
            ("Nominated Node", "", 1),
            ("Readiness Gates", "", 1),
        ],
        Kind::Node => &[
            ("Name", "name", 0),
            ("Status", "", 0),
            ("Roles", "", 0),
            ("Age", "", 0),
            ("Version", "", 0),
            ("Internal-IP", "", 1),
            ("External-IP", "", 1),
            ("OS-Image", "", 1),
            ("Kernel-Version", "", 1),
            ("Container-Runtime", "", 1),
        ],
        Kind::Event => {
            &[("Last Seen", "", 0), ("Type", "", 0), ("Reason", "", 0), ("Object", "", 0), ("Message", "", 0)]
        }
        Kind::Job => {
            &[("Name", "name", 0), ("Status", "", 0), ("Completions", "", 0), ("Duration", "", 0), ("Age", "", 0)]
        }
        Kind::Namespace => &[("Name", "name", 0), ("Status", "", 0), ("Age", "", 0)],
        _ => &[("Name", "name", 0), ("Age", "", 0)],
    };
    let definitions: Vec<Value> = columns
        .iter()
        .map(|(name, format, priority)| {
            json!({"name": name, "type": "string", "format": format, "description": "", "priority": priority})
        })
        .collect();
    let rows: Vec<Value> = objects
        .iter()
        .map(|object| {
            let object_in_row = match include_object {
                "Object" => object.clone(),
                "None" => Value::Null,
                _ => json!({
                    "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"],
                }),
            };
            let mut row = json!({"cells": cells(kind, object)});
            if !object_in_row.is_null() {
                row["object"] = object_in_row;
            }
            row
        })
        .collect();
    json!({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata, "columnDefinitions": definitions, "rows": rows})
}

fn cells(kind: Kind, object: &Value) -> Value {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let or_none = |text: String| if text.is_empty() { "<none>".to_owned() } else { text };
    let (name, age) = (text("/metadata/name"), age(&text("/metadata/creationTimestamp")));
    match kind {
        Kind::Pod => {
            let statuses = object.pointer("/status/containerStatuses").and_then(Value::as_array);
            let containers = object.pointer("/spec/containers").and_then(Value::as_array).map_or(0, Vec::len);
            let ready = statuses.into_iter().flatten().filter(|status| status["ready"] == true).count();
            let restarts: u64 =
                statuses.into_iter().flatten().filter_map(|status| status["restartCount"].as_u64()).sum();
            json!([
                name,
                format!("{ready}/{containers}"),
                pod_status(object),
                restarts.to_string(),
                age,
                or_none(text("/status/podIP")),
                or_none(text("/spec/nodeName")),
                "<none>",
                "<none>",
            ])
        }
        Kind::Node => {
            let mut status = match node_ready(object) {
                true => "Ready",
                false => "NotReady",
            }
            .to_owned();
            if object.pointer("/spec/unschedulable") == Some(&json!(true)) {
                status.push_str(",SchedulingDisabled");
            }
            let address = text("/status/addresses/0/address");
            json!([
                name,
                status,
                "<none>",
                age,
                text("/status/nodeInfo/kubeletVersion"),
                address,
                "<none>",
                text("/status/nodeInfo/osImage"),
                text("/status/nodeInfo/kernelVersion"),
                text("/status/nodeInfo/containerRuntimeVersion"),
            ])
        }
        Kind::Event => {
            let about = format!("{}/{}", text("/involvedObject/kind").to_lowercase(), text("/involvedObject/name"));
            json!([self::age(&text("/lastTimestamp")), text("/type"), text("/reason"), about, text("/message")])
        }
        Kind::Job => {
            let failed = object.pointer("/status/conditions").is_some_and(|conditions| !conditions.is_null());
            let wanted = object.pointer("/spec/completions").map_or(json!("0/1"), |count| json!(format!("0/{count}")));
            let status = if failed { "Failed" } else { "Running" };
            json!([name, status, wanted, self::age(&text("/status/startTime")), age])
        }
        Kind::Namespace => json!([name, text("/status/phase"), age]),
        _ => json!([name, age]),
    }
}

/// Whether the `Ready` condition of a node is `True`.
pub(crate) fn node_ready(node: &Value) -> bool {
    let conditions = node.pointer("/status/conditions").and_then(Value::as_array);
    conditions.into_iter().flatten().any(|condition| condition["type"] == "Ready" && condition["status"] == "True")
}

/// A pod's state in a word, as kubectl's users know it.
fn pod_status(pod: &Value) -> String {
    if pod.pointer("/metadata/deletionTimestamp").is_some_and(Value::is_string) {
        return "Terminating".to_owned();
    }
    let state = pod.pointer("/status/containerStatuses/0/state");
    let reason = ["waiting", "terminated"].iter().find_map(|kind| state?.pointer(&format!("/{kind}/reason"))?.as_str());
    let phase = pod.pointer("/status/phase").and_then(Value::as_str).unwrap_or("Unknown");
    let own = pod.pointer("/status/reason").and_then(Value::as_str);
    reason.or(own).unwrap_or(phase).to_owned()
}

/// How long ago, in the form of `kubectl get`.
fn age(since: &str) -> String {
    let Ok(since) = since.parse::<jiff::Timestamp>() else { return "<unknown>".to_owned() };
    let seconds = jiff::Timestamp::now().as_second().saturating_sub(since.as_second()).max(0);
    match seconds {
        0..120 => format!("{seconds}s"),
        120..7200 => format!("{}m", seconds / 60),
        7200..172_800 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}
