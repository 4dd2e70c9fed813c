//! What a pod tells of an image that does not come: its container's state and its events, each with the image it is about.

use k8s_openapi::api::core::v1 as core;

use super::spec::CONTAINER;
use ackcheck_core::seat::pod::PodStart;
use ackcheck_core::seat::pull::{PullCause, PullFailure, without_signed_queries};

/// The failure of a container's image, before anything is known of it but what the pod itself tells.
pub(super) fn of(pod: &core::Pod, container: &str, said: Option<String>) -> PullFailure {
    let spec = pod.spec.as_ref();
    let mut containers =
        spec.iter().flat_map(|spec| spec.containers.iter().chain(spec.init_containers.iter().flatten()));
    let image = containers.find(|known| known.name == container).and_then(|known| known.image.clone());
    let start = pod.status.as_ref().and_then(|status| status.start_time.as_ref());
    let clocks = start.zip(pod.metadata.creation_timestamp.as_ref());
    PullFailure {
        container: container.to_owned(),
        image: image.unwrap_or_default(),
        said: said.into_iter().collect(),
        pull_secrets: pull_secrets(pod),
        not_retrieved: Vec::new(),
        // The kubelet writes the first by the node's clock, the API server the second by its own.
        clock_ahead: clocks.map(|(node, server)| node.0.duration_since(server.0)),
    }
}

/// The pull secrets the admitted pod has.
pub(super) fn pull_secrets(pod: &core::Pod) -> Vec<String> {
    let secrets = pod.spec.iter().flat_map(|spec| spec.image_pull_secrets.iter().flatten());
    secrets.map(|secret| secret.name.clone()).filter(|name| !name.is_empty()).collect()
}

/// What a start came to that ended with this failure.
pub(super) fn end(failure: PullFailure, own_pulled: bool) -> PodStart {
    if failure.container != CONTAINER {
        return PodStart::OtherNotPulled { failure: Box::new(failure), own_pulled };
    }
    match failure.cause() {
        PullCause::OtherPlatform => PodStart::WrongPlatform { why: failure.why() },
        _ => PodStart::NotPulled(Box::new(failure)),
    }
}

/// The failure that a start ended with, where it was one.
pub(super) fn failure(end: &PodStart) -> Option<&PullFailure> {
    match end {
        PodStart::NotPulled(failure) | PodStart::OtherNotPulled { failure, .. } => Some(failure),
        _ => None,
    }
}

/// Whether the words say only that the kubelet waits before it tries again.
pub(super) fn is_back_off(failure: &PullFailure) -> bool {
    failure.cause() == PullCause::Unknown && failure.said.iter().all(|said| said.contains("Back-off"))
}

/// Whether waiting for the kubelet's next try is worth it.
pub(super) fn may_pass(failure: &PullFailure) -> bool {
    failure.cause().may_pass()
}

/// The container an event is about, from `spec.containers{probe}`; none where it is about the whole pod.
pub(super) fn container_of(event: &core::Event) -> Option<&str> {
    event.involved_object.field_path.as_deref()?.split_once('{')?.1.strip_suffix('}')
}

/// The image in `Failed to pull image "r/a:1": …`.
fn image_of(message: &str) -> Option<&str> {
    message.split_once("ulling image \"").or_else(|| message.split_once("o pull image \""))?.1.split('"').next()
}

/// A container whose image the events say is being pulled, and that image.
pub(super) fn going_on(events: &[core::Event]) -> Option<(String, String)> {
    let started = |event: &&core::Event| event.reason.as_deref() == Some("Pulling");
    events.iter().filter(started).find_map(|event| {
        let container = container_of(event);
        let over = events.iter().filter(|other| container_of(other) == container);
        let over = over.filter_map(|other| other.reason.as_deref()).any(|reason| matches!(reason, "Pulled" | "Failed"));
        let image = image_of(event.message.as_deref().unwrap_or_default()).unwrap_or_default();
        (!over).then(|| (container.unwrap_or(CONTAINER).to_owned(), image.to_owned()))
    })
}

/// Adds what events tell of a failure: the kubelet's words about its image, and the pull secrets it could not read.
pub(super) fn add(failure: &mut PullFailure, events: &[core::Event]) {
    let mut warnings: Vec<_> = events.iter().filter(|event| event.type_.as_deref() == Some("Warning")).collect();
    // The latest first.
    warnings.sort_by(|one, other| other.last_timestamp.cmp(&one.last_timestamp));
    for event in warnings {
        let message = event.message.as_deref().unwrap_or_default();
        match event.reason.as_deref().unwrap_or_default() {
            "FailedToRetrieveImagePullSecret" => {
                let names = message.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
                let names = names.iter().flat_map(|(names, _)| names.split(',')).map(|name| name.trim().to_owned());
                failure
                    .not_retrieved
                    .extend(names.filter(|name| failure.pull_secrets.contains(name)).collect::<Vec<_>>());
                failure.not_retrieved.dedup();
            }
            "Failed" => {
                let other = container_of(event).is_some_and(|container| container != failure.container);
                let Some(image) = image_of(message).filter(|image| !other && *image == failure.image) else { continue };
                let said = message.split_once(&format!("\"{image}\": ")).map_or(message, |(_, said)| said);
                let said = in_brief(&format!("ErrImagePull: {said}"));
                let essence = said.split_once(": ").map_or(said.as_str(), |(_, essence)| essence);
                if !failure.said.iter().any(|known| known.contains(essence)) {
                    failure.said.push(said);
                }
            }
            _ => {}
        }
    }
    // What says the least is of interest only where nothing else was said.
    if failure.said.iter().any(|said| !said.contains("Back-off")) {
        failure.said.retain(|said| !said.contains("Back-off") || said.contains("ErrImagePull"));
    }
}

/// What a kubelet says of a failed pull, without the image that it names anew at every step.
fn essence(text: &str) -> &str {
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

/// The reason and the essence: `ErrImagePull: failed to authorize: …`, without the queries of signed URLs.
pub(super) fn in_brief(text: &str) -> String {
    let brief = match (text.split_once(": "), essence(text)) {
        (Some((reason, all)), essence) if essence.len() < all.len() => format!("{reason}: {essence}"),
        _ => text.to_owned(),
    };
    without_signed_queries(&brief)
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

    fn event(reason: &str, container: &str, message: &str) -> core::Event {
        serde_json::from_value(json!({
            "metadata": {}, "type": if reason == "Pulling" { "Normal" } else { "Warning" }, "reason": reason,
            "message": message, "involvedObject": {"fieldPath": format!("spec.containers{{{container}}}")},
        }))
        .unwrap()
    }

    #[test]
    fn events_of_other_images_are_not_taken_for_ours() {
        let pod: core::Pod = serde_json::from_value(json!({
            "metadata": {"creationTimestamp": "2026-11-26T12:00:00Z"},
            "spec": {"containers": [{"name": CONTAINER, "image": "r/a:1"}], "imagePullSecrets": [{"name": "acr"}]},
            "status": {"startTime": "2019-01-01T00:00:00Z"},
        }))
        .unwrap();
        let events = [
            event("Failed", "mesh", "Failed to pull image \"sidecars.example/mesh:1\": 403 Forbidden"),
            event("Failed", CONTAINER, "Failed to pull image \"r/a:1\": rpc error: desc = toomanyrequests: slow down"),
            event("Failed", CONTAINER, "Error: ErrImagePull"),
            event(
                "FailedToRetrieveImagePullSecret",
                "",
                "Unable to retrieve some image pull secrets (acr, other); attempting to pull the image may not succeed.",
            ),
        ];
        let mut failure = of(&pod, CONTAINER, Some("ImagePullBackOff: Back-off pulling image \"r/a:1\"".to_owned()));
        add(&mut failure, &events);
        assert_eq!(failure.said, ["ErrImagePull: toomanyrequests: slow down"]);
        assert_eq!(failure.not_retrieved, ["acr"]);
        assert!(failure.wrong_clock().is_some_and(|wrong| wrong.ends_with("days behind")));
        let started = [event("Pulling", "mesh", "Pulling image \"sidecars.example/mesh:1\"")];
        assert_eq!(going_on(&started), Some(("mesh".to_owned(), "sidecars.example/mesh:1".to_owned())));
    }
}
