//! How far a pod came, read from its conditions, its container's state and its events. No request is made here.

use k8s_openapi::api::core::v1 as core;

use super::pulls;
use super::spec::CONTAINER;
use ackcheck_core::seat::pod::PodStart;
use ackcheck_core::seat::pull::PullCause;

/// One look at a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Look {
    /// The scheduler has not found it a node; what it says.
    Unscheduled { why: String },
    /// It is bound to its node; what the kubelet says, or nothing.
    Starting { why: String },
    /// An image does not come: what its start comes to if it stays so, and whether trying again may help.
    Pulling { end: PodStart, passing: bool },
    /// It will not change any more.
    Ended(PodStart),
}

/// Reads a pod. Containers that others added to it are not taken for the probe.
pub(super) fn look(pod: &core::Pod) -> Look {
    let status = pod.status.clone().unwrap_or_default();
    let own = own_status(pod);
    let state = own.and_then(|container| container.state.clone()).unwrap_or_default();
    if status.phase.as_deref() == Some("Running") && state.running.is_some() {
        return Look::Ended(PodStart::Running);
    }
    if let Some(ended) = state.terminated.as_ref() {
        let said = [ended.reason.clone(), ended.message.clone()].into_iter().flatten().collect::<Vec<_>>().join(": ");
        let why = format!("the probe ended with {}: {said}", ended.exit_code);
        return Look::Ended(not_started(why));
    }
    if let Some(phase @ ("Failed" | "Succeeded")) = status.phase.as_deref() {
        let said = [status.reason.clone(), status.message.clone()].into_iter().flatten().collect::<Vec<_>>().join(": ");
        return Look::Ended(not_started(format!("the pod is {phase}: {said}")));
    }
    if let Some(told) = own.and_then(|own| kept_waiting(pod, own, false)).or_else(|| others(pod)) {
        return told;
    }
    if let Some(waiting) = state.waiting.as_ref() {
        // ContainerCreating, PodInitializing: on its way.
        return Look::Starting { why: waiting.message.clone().unwrap_or_default() };
    }
    let condition = status.conditions.iter().flatten().find(|condition| condition.type_ == "PodScheduled");
    match condition {
        Some(condition) if condition.status == "True" => Look::Starting { why: String::new() },
        Some(condition) => {
            let reason = condition.reason.clone().unwrap_or_default();
            Look::Unscheduled { why: join(&reason, condition.message.as_deref().unwrap_or_default()) }
        }
        None if pod.spec.as_ref().is_some_and(|spec| spec.node_name.is_some()) => Look::Starting { why: String::new() },
        None => Look::Unscheduled { why: String::new() },
    }
}

/// The status of the probe's own container.
pub(super) fn own_status(pod: &core::Pod) -> Option<&core::ContainerStatus> {
    let statuses = pod.status.iter().flat_map(|status| status.container_statuses.iter().flatten());
    statuses.into_iter().find(|status| status.name == CONTAINER)
}

/// What keeps one of the containers that others added from starting, and the pod with it.
fn others(pod: &core::Pod) -> Option<Look> {
    let status = pod.status.as_ref()?;
    let initial = status.init_container_statuses.iter().flatten().map(|container| (container, true));
    let beside = status.container_statuses.iter().flatten().map(|container| (container, false));
    let others = initial.chain(beside).filter(|(container, _)| container.name != CONTAINER);
    others.into_iter().find_map(|(container, first)| kept_waiting(pod, container, first))
}

/// What keeps a container from starting, where its state says so; `first` if the others wait for it to end.
fn kept_waiting(pod: &core::Pod, container: &core::ContainerStatus, first: bool) -> Option<Look> {
    let waiting = container.state.as_ref()?.waiting.as_ref()?;
    let why = join(waiting.reason.as_deref()?, waiting.message.as_deref().unwrap_or_default());
    let own_pulled = own_status(pod).is_some_and(|own| !own.image_id.is_empty());
    let failure = || pulls::of(pod, &container.name, Some(pulls::in_brief(&why)));
    let own = container.name == CONTAINER;
    Some(match waiting.reason.as_deref()? {
        "ErrImagePull" | "ImagePullBackOff" | "RegistryUnavailable" => {
            let failure = failure();
            Look::Pulling { passing: pulls::may_pass(&failure), end: pulls::end(failure, own_pulled) }
        }
        "InvalidImageName" | "ErrImageNeverPull" | "ImageInspectError" | "SignatureValidationFailed" => {
            Look::Ended(pulls::end(failure(), own_pulled))
        }
        // One that crashes beside the probe has been created, and keeps nobody waiting.
        "CrashLoopBackOff" if !own && !first => return None,
        "CreateContainerError"
        | "CreateContainerConfigError"
        | "RunContainerError"
        | "CrashLoopBackOff"
        | "StartError"
        | "PostStartHookError"
        | "PreCreateHookError"
        | "PreStartHookError" => Look::Ended(match own {
            true => not_started(why),
            false => {
                let why = format!("its container {}, which others added to the pod: {why}", container.name);
                PodStart::NotStarted { why }
            }
        }),
        // From 1.33 on the kubelet reads the pull secrets first, and gives Go's own words for one that it cannot read.
        _ if failure().cause() == PullCause::SecretMalformed => Look::Ended(pulls::end(failure(), own_pulled)),
        _ => return None,
    })
}

fn join(reason: &str, message: &str) -> String {
    match (reason, message) {
        (reason, "") => reason.to_owned(),
        ("", message) => message.to_owned(),
        (reason, message) => format!("{reason}: {message}"),
    }
}

/// A container that did not come up. A program of another architecture says so in the kernel's words.
fn not_started(why: String) -> PodStart {
    if why.contains("exec format error") { PodStart::WrongPlatform { why } } else { PodStart::NotStarted { why } }
}

/// What the warnings among a pod's events say, the latest last.
pub(super) fn warnings(events: &[core::Event]) -> Vec<String> {
    let mut told: Vec<(Option<String>, String)> = events
        .iter()
        .filter(|event| event.type_.as_deref() == Some("Warning"))
        .map(|event| {
            let at = event.last_timestamp.as_ref().map(|time| time.0.to_string());
            (at, join(event.reason.as_deref().unwrap_or_default(), event.message.as_deref().unwrap_or_default()))
        })
        .collect();
    told.sort_by(|a, b| a.0.cmp(&b.0));
    let mut said: Vec<String> = Vec::new();
    for (_, text) in told {
        if !said.contains(&text) {
            said.push(text);
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(status: serde_json::Value) -> core::Pod {
        serde_json::from_value(json!({
            "spec": {"containers": [{"name": "probe", "image": "r/a:1"}, {"name": "mesh", "image": "s/m:1"}], "imagePullSecrets": [{"name": "acr-login"}]}, "status": status,
        }))
        .unwrap()
    }

    fn waiting(reason: &str, message: &str) -> core::Pod {
        pod(json!({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "True"}],
            "containerStatuses": [{"name": "probe", "image": "i", "imageID": "", "ready": false, "restartCount": 0,
                "state": {"waiting": {"reason": reason, "message": message}}}]}))
    }

    #[test]
    fn reads_each_stage_of_a_start() {
        assert_eq!(look(&pod(json!({}))), Look::Unscheduled { why: String::new() });
        let refused = pod(json!({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False",
            "reason": "Unschedulable", "message": "0/3 nodes are available: 1 Insufficient cpu."}]}));
        let why = "Unschedulable: 0/3 nodes are available: 1 Insufficient cpu.".to_owned();
        assert_eq!(look(&refused), Look::Unscheduled { why });
        assert_eq!(look(&waiting("ContainerCreating", "")), Look::Starting { why: String::new() });
        let running = pod(json!({"phase": "Running", "containerStatuses": [{"name": "probe", "image": "i",
            "imageID": "", "ready": true, "restartCount": 0, "state": {"running": {}}}]}));
        assert_eq!(look(&running), Look::Ended(PodStart::Running));
        let evicted = pod(json!({"phase": "Failed", "reason": "Evicted", "message": "The node had DiskPressure"}));
        let Look::Ended(PodStart::NotStarted { why }) = look(&evicted) else { panic!("{:?}", look(&evicted)) };
        assert!(why.contains("DiskPressure"));
    }

    #[test]
    fn tells_what_may_pass_from_what_will_not() {
        let passing = |message: &str| match look(&waiting("ErrImagePull", message)) {
            Look::Pulling { passing, .. } => passing,
            other => panic!("{other:?}"),
        };
        assert!(passing("rpc error: net/http: TLS handshake timeout"));
        assert!(passing("dial tcp 10.0.0.40:443: connect: connection refused"));
        assert!(!passing("pull access denied, repository does not exist or may require authorization"));
        assert!(!passing("lookup x.cr.aliyuncs.com on 10.0.0.10:53: no such host"));
        let unread = "illegal base64 data at input byte 3";
        assert!(matches!(look(&waiting(unread, unread)), Look::Ended(PodStart::NotPulled(_))));
        let format_error = waiting("RunContainerError", "exec /ackcheck-probe: exec format error");
        assert!(matches!(look(&format_error), Look::Ended(PodStart::WrongPlatform { .. })));
        let none = waiting("ErrImagePull", "no match for platform in manifest: not found");
        let Look::Pulling { end: PodStart::WrongPlatform { .. }, passing: false } = look(&none) else {
            panic!("{:?}", look(&none))
        };
        let Look::Pulling { end: PodStart::NotPulled(failure), .. } = look(&waiting("ErrImagePull", "EOF")) else {
            panic!("not a failed pull")
        };
        assert_eq!((failure.image.as_str(), failure.pull_secrets), ("r/a:1", vec!["acr-login".to_owned()]));
    }

    #[test]
    fn what_others_added_is_not_taken_for_the_probe() {
        let beside = |own: serde_json::Value, other: serde_json::Value| {
            let status = |name: &str, state: serde_json::Value, id: &str| json!({"name": name, "image": "i", "imageID": id, "ready": false, "restartCount": 0, "state": state});
            let id = if own.get("running").is_some() { "sha256:1" } else { "" };
            pod(json!({"phase": "Pending", "containerStatuses": [status("mesh", other, ""), status("probe", own, id)]}))
        };
        let refused = json!({"waiting": {"reason": "ErrImagePull", "message": "403 Forbidden"}});
        let look_at = look(&beside(json!({"running": {}}), refused.clone()));
        let Look::Pulling { end: PodStart::OtherNotPulled { failure, own_pulled: true }, passing: false } = look_at
        else {
            panic!("{look_at:?}")
        };
        assert_eq!((failure.container.as_str(), failure.image.as_str()), ("mesh", "s/m:1"));
        let creating = json!({"waiting": {"reason": "ContainerCreating"}});
        let crashing = json!({"waiting": {"reason": "CrashLoopBackOff"}});
        assert_eq!(look(&beside(creating.clone(), crashing)), Look::Starting { why: String::new() });
        let broken = json!({"waiting": {"reason": "CreateContainerError", "message": "exec format error"}});
        let look_at = look(&beside(creating, broken));
        assert!(matches!(&look_at, Look::Ended(PodStart::NotStarted { why }) if why.contains("mesh")), "{look_at:?}");
        assert!(matches!(look(&beside(refused.clone(), refused)), Look::Pulling { end: PodStart::NotPulled(_), .. }));
    }
}
