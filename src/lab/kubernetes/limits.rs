//! LimitRanges: what they fill in, and what they refuse.

use k8s_openapi::api::core::v1 as core;
use serde_json::{Value, json};

use super::quantity::milli;
use super::world::{KubernetesWorld, LimitRange, about};

fn here<'w>(world: &'w KubernetesWorld, namespace: &str) -> impl Iterator<Item = &'w LimitRange> {
    world.limit_ranges.iter().filter(move |range| about(&range.namespace, namespace))
}

/// Gives containers the limits and requests that they do not have.
pub(super) fn default(world: &KubernetesWorld, pod: &mut Value, namespace: &str) {
    for range in here(world, namespace) {
        for container in pod["spec"]["containers"].as_array_mut().into_iter().flatten() {
            for (resource, quantity) in &range.default {
                for list in ["limits", "requests"] {
                    if container["resources"][list][resource].is_null() {
                        container["resources"][list][resource] = json!(quantity);
                    }
                }
            }
        }
    }
}

/// Whether every container keeps within the ranges of its namespace; else why not, in the words of the API server.
pub(super) fn within(world: &KubernetesWorld, namespace: &str, spec: &core::PodSpec) -> Result<(), String> {
    let mut wrong = Vec::new();
    for range in here(world, namespace) {
        for container in &spec.containers {
            let resources = container.resources.clone().unwrap_or_default();
            let limits = resources.limits.unwrap_or_default();
            let requests = resources.requests.unwrap_or_default();
            for (resource, least) in &range.min {
                let asked = requests.get(resource).or(limits.get(resource)).map(|asked| asked.0.as_str());
                match asked {
                    None => wrong
                        .push(format!("minimum {resource} usage per Container is {least}.  No request is specified")),
                    Some(asked) if milli(asked) < milli(least) => {
                        wrong.push(format!("minimum {resource} usage per Container is {least}, but request is {asked}"))
                    }
                    Some(_) => {}
                }
            }
            for (resource, most) in &range.max {
                match limits.get(resource).map(|limit| limit.0.as_str()) {
                    None => {
                        wrong.push(format!("maximum {resource} usage per Container is {most}.  No limit is specified"))
                    }
                    Some(limit) if milli(limit) > milli(most) => {
                        wrong.push(format!("maximum {resource} usage per Container is {most}, but limit is {limit}"))
                    }
                    Some(_) => {}
                }
            }
        }
    }
    match wrong.as_slice() {
        [] => Ok(()),
        [one] => Err(one.clone()),
        several => Err(format!("[{}]", several.join(", "))),
    }
}
