//! Events, as the components of a cluster write them.

use serde_json::{Value, json};

use crate::lab::kubernetes::kinds::EVENTS;
use crate::lab::kubernetes::objects::{Objects, now};

/// Writes an event about an object. `source` is the component and, for a kubelet, its node.
pub(super) fn write(objects: &Objects, about: Value, source: (&str, &str), kind: &str, reason: &str, message: &str) {
    let namespace = about["namespace"].as_str().unwrap_or("default").to_owned();
    let name = about["name"].as_str().unwrap_or_default().to_owned();
    let mut from = json!({"component": source.0});
    if !source.1.is_empty() {
        from["host"] = json!(source.1);
    }
    let moment = now();
    let event = json!({
        "metadata": {"namespace": namespace, "generateName": format!("{name}.")},
        "involvedObject": about, "reason": reason, "message": message, "source": from, "type": kind, "count": 1,
        "firstTimestamp": moment, "lastTimestamp": moment, "eventTime": null, "reportingComponent": source.0,
        "reportingInstance": source.1,
    });
    // A namespace is never so full that an event has no place; a clash of names cannot happen with generated ones.
    let _ = objects.create(EVENTS, event);
}
