//! Events, as the components of a cluster write them.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use super::kinds::Kind;
use super::objects::{Objects, now};

/// Writes an event about an object. `source` is the component and, for a kubelet, its node.
pub(crate) fn write(objects: &Objects, about: Value, source: (&str, &str), kind: &str, reason: &str, message: &str) {
    let namespace = about["namespace"].as_str().unwrap_or("default").to_owned();
    let name = about["name"].as_str().unwrap_or_default().to_owned();
    let mut from = json!({"component": source.0});
    if !source.1.is_empty() {
        from["host"] = json!(source.1);
    }
    let time = now();
    let event = json!({
        "metadata": {"namespace": namespace, "name": format!("{name}.{:016x}", moment())},
        "involvedObject": about, "reason": reason, "message": message, "source": from, "type": kind, "count": 1,
        "firstTimestamp": time, "lastTimestamp": time, "eventTime": null, "reportingComponent": source.0,
        "reportingInstance": source.1,
    });
    // It cannot fail: generated names do not clash.
    let _ = objects.create(Kind::Event, event);
}

/// A number that grows with every event, started at this moment's nanoseconds: names sort as the events came.
fn moment() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let now = u64::try_from(jiff::Timestamp::now().as_nanosecond()).unwrap_or_default();
    let next = |last: u64| Some(now.max(last + 1));
    let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).unwrap_or_default();
    now.max(last + 1)
}
