//! How far a pod came, read from its conditions, its container's state and its events. No request is made here.

use k8s_openapi::api::core::v1 as core;

use ackcheck_core::seat::pod::PodStart;

/// One look at a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Look {
    /// The scheduler has not found it a node; what it says.
    Unscheduled { why: String },
    /// It is bound to its node; what the kubelet says, or nothing.
    Starting { why: String },
    /// The image does not come; the kubelet's words, and whether trying again may help.
    Pulling { why: String, passing: bool },
    /// It will not change any more.
    Ended(PodStart),
}

/// Reads a pod.
pub(super) fn look(pod: &core::Pod) -> Look {
    let status = pod.status.clone().unwrap_or_default();
    let container = status.container_statuses.iter().flatten().next();
    let state = container.and_then(|container| container.state.clone()).unwrap_or_default();
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
    if let Some(waiting) = state.waiting.as_ref() {
        let reason = waiting.reason.clone().unwrap_or_default();
        let message = waiting.message.clone().unwrap_or_default();
        let why = join(&reason, &message);
        return match reason.as_str() {
            "ErrImagePull" | "ImagePullBackOff" | "RegistryUnavailable" => {
                Look::Pulling { passing: passing(&message), why }
            }
            "InvalidImageName" | "ErrImageNeverPull" | "ImageInspectError" | "SignatureValidationFailed" => {
                Look::Ended(PodStart::NotPulled { why, pull_secret: pull_secret(pod) })
            }
            "CreateContainerError"
            | "CreateContainerConfigError"
            | "RunContainerError"
            | "CrashLoopBackOff"
            | "StartError"
            | "PostStartHookError"
            | "PreCreateHookError"
            | "PreStartHookError" => Look::Ended(not_started(why)),
            // ContainerCreating, PodInitializing: on its way.
            _ => Look::Starting { why: message },
        };
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

/// The pull secrets the admitted pod has.
pub(super) fn pull_secret(pod: &core::Pod) -> Option<String> {
    let secrets = pod.spec.as_ref()?.image_pull_secrets.clone().unwrap_or_default();
    let names: Vec<String> = secrets.into_iter().map(|secret| secret.name).filter(|name| !name.is_empty()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// What the kubelet's words mean: an image of no fitting platform, or one that did not come.
pub(super) fn not_pulled(why: String, pull_secret: Option<String>) -> PodStart {
    let lower = why.to_ascii_lowercase();
    let other_platform = ["no match for platform", "no matching manifest for", "exec format error"];
    if other_platform.iter().any(|text| lower.contains(text)) {
        return PodStart::WrongPlatform { why };
    }
    PodStart::NotPulled { why, pull_secret }
}

/// Whether the words tell of something that may pass, so that the kubelet's next try is worth waiting for.
fn passing(message: &str) -> bool {
    let lower = message.to_ascii_lowercase();
    let lasting = [
        "unauthorized",
        "denied",
        "insufficient_scope",
        "authorization failed",
        "not found",
        "manifest unknown",
        "no such host",
        "no match for platform",
        "no matching manifest",
        "x509",
    ];
    if lasting.iter().any(|text| lower.contains(text)) {
        return false;
    }
    true
}

/// Whether the registry refused: who asked, or what for.
pub(super) fn is_refusal(message: &str) -> bool {
    let lower = message.to_ascii_lowercase();
    let refusals = ["unauthorized", "denied", "insufficient_scope", "authorization failed", "forbidden"];
    refusals.iter().any(|text| lower.contains(text))
}

/// What a kubelet says of a failed pull, without the image that it names anew at every step.
pub(super) fn essence(text: &str) -> &str {
    let mut rest = text;
    for step in ["desc = ", "failed to pull and unpack image \"", "failed to resolve reference \""] {
        let Some((_, after)) = rest.rsplit_once(step) else { continue };
        rest = match step.ends_with('"') {
            true => after.split_once("\": ").map_or(rest, |(_, after)| after),
            false => after,
        };
    }
    rest
}

/// The reason and the essence: `ErrImagePull: failed to authorize: …`.
pub(super) fn in_brief(text: &str) -> String {
    match (text.split_once(": "), essence(text)) {
        (Some((reason, all)), essence) if essence.len() < all.len() => format!("{reason}: {essence}"),
        _ => text.to_owned(),
    }
}

/// What the warnings among a pod's events say, the latest last; `only` keeps those whose reason holds it.
pub(super) fn warnings(events: &[core::Event], only: &str) -> Vec<String> {
    let mut told: Vec<(Option<String>, String)> = events
        .iter()
        .filter(|event| event.type_.as_deref() == Some("Warning"))
        .filter(|event| event.reason.as_deref().unwrap_or_default().contains(only))
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

    #[test]
    fn a_failed_pull_is_told_without_the_image_at_every_step() {
        let whole = "ImagePullBackOff: Back-off pulling image \"r/a:1\": ErrImagePull: rpc error: code = Unknown desc = \
                     failed to pull and unpack image \"r/a:1\": failed to resolve reference \"r/a:1\": failed to \
                     authorize: 401 Unauthorized";
        assert_eq!(in_brief(whole), "ImagePullBackOff: failed to authorize: 401 Unauthorized");
        let docker = "ErrImagePull: rpc error: code = Unknown desc = Error response from daemon: pull access denied";
        assert_eq!(in_brief(docker), "ErrImagePull: Error response from daemon: pull access denied");
        assert_eq!(in_brief("InvalidImageName: no such thing"), "InvalidImageName: no such thing");
    }

    fn pod(status: serde_json::Value) -> core::Pod {
        serde_json::from_value(json!({
            "spec": {"containers": [], "imagePullSecrets": [{"name": "acr-login"}]}, "status": status,
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
        let format_error = waiting("RunContainerError", "exec /ackcheck-probe: exec format error");
        assert!(matches!(look(&format_error), Look::Ended(PodStart::WrongPlatform { .. })));
        let none = not_pulled("no match for platform in manifest: not found".to_owned(), None);
        assert!(matches!(none, PodStart::WrongPlatform { .. }));
        assert_eq!(pull_secret(&waiting("", "")).as_deref(), Some("acr-login"));
    }
}
