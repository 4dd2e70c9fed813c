//! The garbage collector: what has lost its owners is deleted; an owner deleted in the foreground goes after what it owns.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::deletion;
use super::objects::{Object, Objects};

/// Collects until `stop`.
pub(super) async fn collect(objects: Arc<Objects>, stop: CancellationToken) {
    loop {
        for (kind, (namespace, name)) in objects.suspects() {
            let Ok(object) = objects.get(kind, &namespace, &name) else { continue };
            if object.foreground {
                if !waits(&objects, &object) {
                    let _ = objects.delete(kind, &namespace, &name);
                }
            } else if !object.owners.is_empty() && !owned(&objects, &object) {
                // It may have gone by itself in the meantime.
                let _ = deletion::remove(&objects, kind, &namespace, &name, None);
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = objects.suspected() => {}
        }
    }
}

/// Whether one of its owners is there to stay.
fn owned(objects: &Objects, object: &Object) -> bool {
    object.owners.iter().any(|owner| {
        let Some((kind, (namespace, name))) = owner.key(&object.namespace) else { return true };
        objects.get(kind, &namespace, &name).is_ok_and(|found| found.uid == owner.uid && !found.foreground)
    })
}

/// Whether something it owns keeps it.
fn waits(objects: &Objects, owner: &Object) -> bool {
    objects.owned_by(&owner.uid).into_iter().any(|(kind, (namespace, name))| {
        let found = objects.get(kind, &namespace, &name);
        found.is_ok_and(|owned| owned.owners.iter().any(|reference| reference.uid == owner.uid && reference.blocks))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::kubernetes::deletion::Cascade;
    use crate::kubernetes::kinds::Kind;

    /// A cluster with a job and two pods that it owns, one of which runs on a node; its collector runs until the token is dropped.
    fn cluster() -> (Arc<Objects>, tokio_util::sync::DropGuard) {
        let objects = Arc::new(Objects::new());
        let job = objects.create(Kind::Job, json!({"metadata": {"name": "owner", "namespace": "a"}})).expect("created");
        let reference = json!({"apiVersion": "batch/v1", "kind": "Job", "name": "owner", "uid": job.uid, "blockOwnerDeletion": true});
        for (name, node) in [("p", Value::Null), ("q", json!("n"))] {
            let metadata = json!({"name": name, "namespace": "a", "ownerReferences": [reference]});
            let pod = json!({"metadata": metadata, "spec": {"nodeName": node}, "status": {"phase": "Pending"}});
            objects.create(Kind::Pod, pod).expect("created");
        }
        let stop = CancellationToken::new();
        tokio::spawn(collect(objects.clone(), stop.clone()));
        (objects, stop.drop_guard())
    }

    /// The pods that are there, with whether they are marked for deletion, once that is `expected`.
    async fn pods_become(objects: &Objects, expected: &[(&str, bool)]) {
        let mut changed = objects.changed(Kind::Pod);
        let there = async {
            loop {
                let pods = objects.list(Kind::Pod, "a").0;
                if pods.iter().map(|pod| (pod.name.as_str(), pod.deleting)).eq(expected.iter().copied()) {
                    return;
                }
                changed.changed().await.expect("a cluster");
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(10), there).await.expect("what was expected");
    }

    #[tokio::test]
    async fn what_an_object_owns_goes_after_it() {
        let (objects, _stop) = cluster();
        deletion::cascade(&objects, Kind::Job, "a", "owner", None, Cascade::Background).expect("deleted");
        assert!(objects.get(Kind::Job, "a", "owner").is_err());
        // The kubelet of the node ends the other.
        pods_become(&objects, &[("q", true)]).await;
    }

    #[tokio::test]
    async fn an_owner_deleted_in_the_foreground_goes_last() {
        let (objects, _stop) = cluster();
        let mut jobs = objects.changed(Kind::Job);
        deletion::cascade(&objects, Kind::Job, "a", "owner", None, Cascade::Foreground).expect("marked");
        pods_become(&objects, &[("q", true)]).await;
        jobs.borrow_and_update();
        assert!(objects.get(Kind::Job, "a", "owner").expect("waits").foreground);
        objects.delete(Kind::Pod, "a", "q").expect("ended");
        let gone = tokio::time::timeout(std::time::Duration::from_secs(10), jobs.changed()).await;
        gone.expect("it goes").expect("a cluster");
        assert!(objects.get(Kind::Job, "a", "owner").is_err());
    }

    #[tokio::test]
    async fn orphans_stay_and_what_names_an_owner_that_never_was_goes() {
        let (objects, _stop) = cluster();
        deletion::cascade(&objects, Kind::Job, "a", "owner", None, Cascade::Orphan).expect("deleted");
        let reference = json!({"apiVersion": "batch/v1", "kind": "Job", "name": "owner", "uid": "another"});
        let metadata = json!({"name": "r", "namespace": "a", "ownerReferences": [reference]});
        objects.create(Kind::Pod, json!({"metadata": metadata})).expect("created");
        pods_become(&objects, &[("p", false), ("q", false)]).await;
    }
}
