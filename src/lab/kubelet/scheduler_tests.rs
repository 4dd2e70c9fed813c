//! Pods that keep apart, placed one after the other.

use serde_json::{Value, json};

use super::*;
use crate::kubernetes::kinds::Kind;

/// What becomes of a pod with these labels that avoids the pods of application `a`, or nobody.
fn placed(objects: &Objects, scheduler: &Scheduler, app: &str, avoids: bool) -> Result<String, String> {
    let term = json!({"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "a"}}});
    let terms = if avoids { json!([term]) } else { Value::Null };
    let metadata = json!({"generateName": "p", "namespace": "n", "labels": {"app": app}});
    let spec = json!({
        "containers": [],
        "affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}},
    });
    let pod = objects.create(Kind::Pod, json!({"metadata": metadata, "spec": spec})).expect("created");
    let typed: core::Pod = serde_json::from_slice(&pod.body).expect("a pod");
    let spec = typed.spec.expect("a spec");
    scheduler.place(objects, &PendingPod::new(&pod.uid, "n", &pod, &spec))
}

#[test]
fn pods_keep_apart() {
    let (objects, scheduler) = (Objects::new(), Scheduler::default());
    for name in ["x", "y"] {
        let room = json!({"allocatable": {"cpu": "1", "memory": "1Gi", "pods": "9"}});
        objects.create(Kind::Node, json!({"metadata": {"name": name}, "status": room})).expect("created");
    }
    assert_eq!(placed(&objects, &scheduler, "a", true), Ok("x".to_owned()));
    assert_eq!(placed(&objects, &scheduler, "b", false), Ok("y".to_owned()), "the emptier");
    assert_eq!(placed(&objects, &scheduler, "a", true), Ok("y".to_owned()));
    let own = placed(&objects, &scheduler, "a", true).expect_err("full");
    assert!(own.starts_with("0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules."), "{own}");
    assert!(own.ends_with("2 No preemption victims found for incoming pod."), "{own}");
    let theirs = placed(&objects, &scheduler, "a", false).expect_err("held");
    assert!(theirs.contains("2 node(s) didn't satisfy existing pods anti-affinity rules"), "{theirs}");
    scheduler.release(&objects.list(Kind::Pod, "n").0[0].uid);
    assert_eq!(placed(&objects, &scheduler, "a", true), Ok("x".to_owned()), "a freed place");
}
