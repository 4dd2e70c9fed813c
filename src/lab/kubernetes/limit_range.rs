//! What LimitRanges of a namespace want of containers, in the words of the API server's plugin.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::quantity::milli;
use super::world::{KubernetesWorld, about};

type Amounts = Option<BTreeMap<String, Quantity>>;

/// Refuses a pod whose containers ask for too little or too much.
pub(super) fn check(world: &KubernetesWorld, namespace: &str, spec: &core::PodSpec) -> Result<(), String> {
    let mut why = Vec::new();
    for range in world.limit_ranges.iter().filter(|range| about(&range.namespace, namespace)) {
        for container in &spec.containers {
            let resources = container.resources.clone().unwrap_or_default();
            let amount =
                |of: &Amounts, name: &str| of.as_ref().and_then(|of| of.get(name)).map(|known| known.0.clone());
            let (requests, limits) = (&resources.requests, &resources.limits);
            for (name, min) in &range.min {
                why.extend(match amount(requests, name) {
                    None => Some(format!("minimum {name} usage per Container is {min}.  No request is specified")),
                    Some(request) if milli(&request) < milli(min) => {
                        Some(format!("minimum {name} usage per Container is {min}, but request is {request}"))
                    }
                    Some(_) => None,
                });
            }
            for (name, max) in &range.max {
                why.extend(match amount(limits, name) {
                    None => Some(format!("maximum {name} usage per Container is {max}.  No limit is specified")),
                    Some(limit) if milli(&limit) > milli(max) => {
                        Some(format!("maximum {name} usage per Container is {max}, but limit is {limit}"))
                    }
                    Some(_) => None,
                });
            }
        }
    }
    match why.as_slice() {
        [] => Ok(()),
        [one] => Err(one.clone()),
        many => Err(format!("[{}]", many.join(", "))),
    }
}
