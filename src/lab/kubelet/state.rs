//! The status of a pod at each step of its life.

use serde_json::{Value, json};

use crate::kubernetes::objects::now;

fn condition(kind: &str, status: bool, reason: &str, message: &str) -> Value {
    let mut condition = json!({
        "type": kind, "status": if status { "True" } else { "False" }, "lastProbeTime": null, "lastTransitionTime": now(),
    });
    if !reason.is_empty() {
        condition["reason"] = json!(reason);
        condition["message"] = json!(message);
    }
    condition
}

fn names(pod: &Value) -> Vec<String> {
    let containers = pod["spec"]["containers"].as_array();
    containers.into_iter().flatten().filter_map(|container| container["name"].as_str().map(str::to_owned)).collect()
}

fn conditions(pod: &mut Value, ready: bool, reason: &str) {
    let unready = format!("containers with unready status: [{}]", names(pod).join(" "));
    let (reason, message) = if ready { ("", "") } else { (reason, unready.as_str()) };
    pod["status"]["conditions"] = json!([
        condition("PodReadyToStartContainers", ready, "", ""),
        condition("Initialized", true, "", ""),
        condition("Ready", ready, reason, message),
        condition("ContainersReady", ready, reason, message),
        condition("PodScheduled", true, "", ""),
    ]);
}

fn containers(pod: &mut Value, state: &Value, ready: bool, image_id: &str, last: Option<&Value>) {
    let uid = pod["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
    let statuses: Vec<Value> = pod["spec"]["containers"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|container| {
            let mut status = json!({
                "name": container["name"], "state": state, "lastState": last.cloned().unwrap_or(json!({})), "ready": ready,
                "restartCount": 0, "image": container["image"], "imageID": image_id, "started": ready,
            });
            if !image_id.is_empty() {
                status["containerID"] = json!(format!("containerd://{}", uid.replace('-', "").repeat(2)));
            }
            status
        })
        .collect();
    pod["status"]["containerStatuses"] = json!(statuses);
}

/// The scheduler found no place.
pub(super) fn unschedulable(pod: &mut Value, why: &str) {
    pod["status"]["phase"] = json!("Pending");
    pod["status"]["conditions"] = json!([condition("PodScheduled", false, "Unschedulable", why)]);
}

/// The kubelet took it, at this time by its clock.
pub(super) fn creating(pod: &mut Value, host: &str, at: jiff::Timestamp) {
    pod["status"]["phase"] = json!("Pending");
    pod["status"]["hostIP"] = json!(host);
    pod["status"]["hostIPs"] = json!([{"ip": host}]);
    pod["status"]["startTime"] = json!(format!("{at:.0}"));
    conditions(pod, false, "ContainersNotReady");
    containers(pod, &json!({"waiting": {"reason": "ContainerCreating"}}), false, "", None);
}

/// One of its containers waits.
pub(super) fn waiting(pod: &mut Value, container: &str, reason: &str, message: &str) {
    one(pod, container, &json!({"waiting": {"reason": reason, "message": message}}), "");
}

/// One of its containers runs, and others are still to come.
pub(super) fn started(pod: &mut Value, container: &str, image_id: &str) {
    one(pod, container, &json!({"running": {"startedAt": now()}}), image_id);
}

fn one(pod: &mut Value, container: &str, state: &Value, image_id: &str) {
    for status in pod["status"]["containerStatuses"].as_array_mut().into_iter().flatten() {
        if status["name"] == container {
            status["state"] = state.clone();
            status["imageID"] = json!(image_id);
        }
    }
}

fn address(pod: &mut Value, address: &str) {
    pod["status"]["podIP"] = json!(address);
    pod["status"]["podIPs"] = json!([{"ip": address}]);
}

/// Its container runs.
pub(super) fn running(pod: &mut Value, ip: &str, image_id: &str) {
    pod["status"]["phase"] = json!("Running");
    address(pod, ip);
    conditions(pod, true, "");
    containers(pod, &json!({"running": {"startedAt": now()}}), true, image_id, None);
}

/// Its container ended by itself; if it is to be started again, the kubelet waits before it does.
pub(super) fn ended(pod: &mut Value, ip: &str, image_id: &str, code: i32, again: bool) {
    address(pod, ip);
    let reason = if code == 0 { "Completed" } else { "Error" };
    let ended = json!({"terminated": {"exitCode": code, "reason": reason, "startedAt": now(), "finishedAt": now()}});
    if again {
        pod["status"]["phase"] = json!("Running");
        conditions(pod, false, "ContainersNotReady");
        let message = "back-off 10s restarting failed container";
        let waiting = json!({"waiting": {"reason": "CrashLoopBackOff", "message": message}});
        containers(pod, &waiting, false, image_id, Some(&ended));
    } else {
        pod["status"]["phase"] = json!(if code == 0 { "Succeeded" } else { "Failed" });
        conditions(pod, false, if code == 0 { "PodCompleted" } else { "PodFailed" });
        containers(pod, &ended, false, image_id, None);
    }
}

/// It was longer on the node than `activeDeadlineSeconds`.
pub(super) fn deadline_exceeded(pod: &mut Value) {
    pod["status"]["phase"] = json!("Failed");
    pod["status"]["reason"] = json!("DeadlineExceeded");
    pod["status"]["message"] = json!("Pod was active on the node longer than the specified deadline");
    conditions(pod, false, "PodFailed");
}
