//! The objects the API keeps, their versions, and the changes that watchers follow.
//!
//! An object is kept as its JSON text with only what selection needs beside it: thousands of nodes and pods stay small.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::{Notify, watch};

use super::kinds::Kind;
use super::owners::{NamespacedName, Owned, Owner, Owners};
use super::words::Status;
use ackcheck_core::sync::locked;

/// How many changes of one kind a watcher can lag behind before it has to list again.
const REMEMBERED: usize = 2048;
/// How many events are kept: the oldest expire, as an API server's do after an hour.
const EVENTS_KEPT: usize = 2048;

/// One object at one version.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) version: u64,
    pub(crate) labels: Vec<(String, String)>,
    /// What field selectors can select by besides name and namespace.
    pub(crate) fields: Vec<(&'static str, String)>,
    pub(crate) uid: String,
    /// It has a `deletionTimestamp`.
    pub(crate) deleting: bool,
    /// It is deleted once what it owns is gone.
    pub(crate) foreground: bool,
    pub(crate) owners: Vec<Owner>,
    /// Its JSON.
    pub(crate) body: Bytes,
}

impl Object {
    /// Its JSON, parsed.
    pub(crate) fn value(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    fn owned(&self) -> Owned<'_> {
        Owned { namespace: &self.namespace, name: &self.name, uid: &self.uid, owners: &self.owners }
    }

    fn new(kind: Kind, value: &Value, version: u64) -> Object {
        let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let labels = value.pointer("/metadata/labels").and_then(Value::as_object);
        let finalizers = value.pointer("/metadata/finalizers").and_then(Value::as_array);
        let deleting = !text("/metadata/deletionTimestamp").is_empty();
        Object {
            namespace: text("/metadata/namespace"),
            name: text("/metadata/name"),
            version,
            labels: labels
                .into_iter()
                .flatten()
                .map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()))
                .collect(),
            fields: selectable(kind).iter().map(|(field, pointer)| (*field, text(pointer))).collect(),
            uid: text("/metadata/uid"),
            deleting,
            foreground: deleting && finalizers.into_iter().flatten().any(|finalizer| finalizer == "foregroundDeletion"),
            owners: Owner::all_of(value),
            body: text_of(value),
        }
    }
}

/// No larger than it is: thousands are kept.
fn text_of(value: &Value) -> Bytes {
    let mut text = value.to_string();
    text.shrink_to_fit();
    Bytes::from(text)
}

/// The fields a kind can be selected by, besides name and namespace, and where they are.
pub(crate) fn selectable(kind: Kind) -> &'static [(&'static str, &'static str)] {
    match kind {
        Kind::Pod => &[
            ("spec.nodeName", "/spec/nodeName"),
            ("spec.serviceAccountName", "/spec/serviceAccountName"),
            ("spec.restartPolicy", "/spec/restartPolicy"),
            ("status.phase", "/status/phase"),
            ("status.podIP", "/status/podIP"),
        ],
        Kind::Event => &[
            ("involvedObject.kind", "/involvedObject/kind"),
            ("involvedObject.namespace", "/involvedObject/namespace"),
            ("involvedObject.name", "/involvedObject/name"),
            ("involvedObject.uid", "/involvedObject/uid"),
            ("involvedObject.apiVersion", "/involvedObject/apiVersion"),
            ("involvedObject.fieldPath", "/involvedObject/fieldPath"),
            ("reason", "/reason"),
            ("type", "/type"),
            ("source", "/source/component"),
        ],
        Kind::Node => &[("spec.unschedulable", "/spec/unschedulable")],
        _ => &[],
    }
}

/// What became of an object.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) version: u64,
    /// Before; none if it was created.
    pub(crate) before: Option<Arc<Object>>,
    /// After; none if it was deleted. A deleted object's last state is `before`, with the version of its deletion.
    pub(crate) after: Option<Arc<Object>>,
}

#[derive(Default)]
struct Shelf {
    objects: BTreeMap<(String, String), Arc<Object>>,
    changes: VecDeque<Change>,
    /// The version up to which changes are forgotten.
    forgotten: u64,
}

struct Inner {
    version: u64,
    /// By kind, in the order of [`Kind::ALL`].
    shelves: Vec<Shelf>,
    owners: Owners,
    /// The events there were, the oldest first.
    events: VecDeque<NamespacedName>,
}

/// Every object of the cluster.
pub(crate) struct Objects {
    inner: Mutex<Inner>,
    /// By kind, in the order of [`Kind::ALL`].
    changed: Vec<watch::Sender<u64>>,
    suspected: Notify,
}

impl Objects {
    /// An empty cluster.
    pub(crate) fn new() -> Objects {
        let shelves = Kind::ALL.iter().map(|_| Shelf::default()).collect();
        let changed = Kind::ALL.iter().map(|_| watch::Sender::new(0)).collect();
        let inner = Inner { version: 1000, shelves, owners: Owners::default(), events: VecDeque::new() };
        Objects { inner: Mutex::new(inner), changed, suspected: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        locked(&self.inner)
    }

    /// Wakes at each change of a kind.
    pub(crate) fn changed(&self, kind: Kind) -> watch::Receiver<u64> {
        self.changed[kind as usize].subscribe()
    }

    /// One object.
    pub(crate) fn get(&self, kind: Kind, namespace: &str, name: &str) -> Result<Arc<Object>, Status> {
        let inner = self.lock();
        let found = inner.shelves[kind as usize].objects.get(&(namespace.to_owned(), name.to_owned()));
        found.cloned().ok_or_else(|| Status::not_found(kind, name))
    }

    /// Every object of a kind in a namespace (all where empty), in order, and the version of that picture.
    pub(crate) fn list(&self, kind: Kind, namespace: &str) -> (Vec<Arc<Object>>, u64) {
        let inner = self.lock();
        let shelf = &inner.shelves[kind as usize].objects;
        let objects = if namespace.is_empty() {
            shelf.values().cloned().collect()
        } else {
            let from = (namespace.to_owned(), String::new());
            shelf.range(from..).take_while(|((at, _), _)| at == namespace).map(|(_, object)| object.clone()).collect()
        };
        (objects, inner.version)
    }

    /// The changes of a kind after a version, and the version to continue from.
    pub(crate) fn since(&self, kind: Kind, version: u64) -> Result<(Vec<Change>, u64), Status> {
        let inner = self.lock();
        let shelf = &inner.shelves[kind as usize];
        if version < shelf.forgotten {
            return Err(Status::gone(version, shelf.forgotten));
        }
        let start = shelf.changes.partition_point(|change| change.version <= version);
        Ok((shelf.changes.range(start..).cloned().collect(), inner.version.max(version)))
    }

    /// Creates an object and gives it a uid, a creation time and a version.
    pub(crate) fn create(&self, kind: Kind, value: Value) -> Result<Arc<Object>, Status> {
        self.create_completed(kind, value, |_| {})
    }

    /// Creates an object, as [`Objects::create`] does; `complete` fills in what depends on its name and uid.
    pub(crate) fn create_completed(
        &self,
        kind: Kind,
        mut value: Value,
        complete: impl FnOnce(&mut Value),
    ) -> Result<Arc<Object>, Status> {
        let mut inner = self.lock();
        let version = inner.version + 1;
        let metadata = &mut value["metadata"];
        if metadata["name"].as_str().unwrap_or_default().is_empty() {
            let prefix = metadata["generateName"].as_str().unwrap_or_default();
            metadata["name"] = json!(format!("{prefix}{}", suffix(version)));
        }
        let name = metadata["name"].as_str().unwrap_or_default().to_owned();
        let key = (metadata["namespace"].as_str().unwrap_or_default().to_owned(), name.clone());
        if inner.shelves[kind as usize].objects.contains_key(&key) {
            return Err(Status::already_exists(kind, &name));
        }
        metadata["uid"] = json!(format!("5e1fab1e-0000-4000-8000-{version:012x}"));
        metadata["creationTimestamp"] = json!(now());
        metadata["resourceVersion"] = json!(version.to_string());
        complete(&mut value);
        value["apiVersion"] = json!(kind.api_version());
        value["kind"] = json!(kind.name());
        let object = Arc::new(Object::new(kind, &value, version));
        self.keep(&mut inner, kind, Change { version, before: None, after: Some(object.clone()) });
        if kind == Kind::Event {
            inner.events.push_back(key);
            self.expire(&mut inner);
        }
        Ok(object)
    }

    /// Edits an object in place; an edit that changes nothing makes no new version.
    pub(crate) fn update(
        &self,
        kind: Kind,
        namespace: &str,
        name: &str,
        edit: impl FnOnce(&mut Value) -> Result<(), Status>,
    ) -> Result<Arc<Object>, Status> {
        let mut inner = self.lock();
        let key = (namespace.to_owned(), name.to_owned());
        let before = inner.shelves[kind as usize].objects.get(&key).cloned();
        let before = before.ok_or_else(|| Status::not_found(kind, name))?;
        let mut value = before.value();
        edit(&mut value)?;
        if value.to_string().as_bytes() == before.body.as_ref() {
            return Ok(before);
        }
        let version = inner.version + 1;
        value["metadata"]["resourceVersion"] = json!(version.to_string());
        let after = Arc::new(Object::new(kind, &value, version));
        self.keep(&mut inner, kind, Change { version, before: Some(before), after: Some(after.clone()) });
        Ok(after)
    }

    /// Deletes an object. Returns its last state.
    pub(crate) fn delete(&self, kind: Kind, namespace: &str, name: &str) -> Result<Arc<Object>, Status> {
        let mut inner = self.lock();
        let key = (namespace.to_owned(), name.to_owned());
        let found = inner.shelves[kind as usize].objects.get(&key).cloned();
        let object = found.ok_or_else(|| Status::not_found(kind, name))?;
        let version = inner.version + 1;
        let mut value = object.value();
        value["metadata"]["resourceVersion"] = json!(version.to_string());
        let last = Arc::new(Object::new(kind, &value, version));
        self.keep(&mut inner, kind, Change { version, before: Some(last.clone()), after: None });
        Ok(last)
    }

    fn expire(&self, inner: &mut Inner) {
        while inner.events.len() > EVENTS_KEPT {
            let Some(oldest) = inner.events.pop_front() else { return };
            if let Some(event) = inner.shelves[Kind::Event as usize].objects.get(&oldest).cloned() {
                let version = inner.version + 1;
                self.keep(inner, Kind::Event, Change { version, before: Some(event), after: None });
            }
        }
    }

    /// What an object owns: kind and key of each.
    pub(crate) fn owned_by(&self, uid: &str) -> Vec<(Kind, NamespacedName)> {
        self.lock().owners.owned_by(uid)
    }

    /// What may have lost its owner since the last call.
    pub(crate) fn suspects(&self) -> Vec<(Kind, NamespacedName)> {
        self.lock().owners.suspects()
    }

    /// Has what an object owns looked at again.
    pub(crate) fn suspect_owned_by(&self, uid: &str) {
        self.lock().owners.suspect_owned_by(uid);
        self.suspected.notify_one();
    }

    /// Ends once there are suspects.
    pub(crate) async fn suspected(&self) {
        self.suspected.notified().await;
    }

    fn keep(&self, inner: &mut Inner, kind: Kind, change: Change) {
        inner.version = change.version;
        if inner.owners.follow(
            kind,
            change.before.as_deref().map(Object::owned),
            change.after.as_deref().map(Object::owned),
        ) {
            self.suspected.notify_one();
        }
        let shelf = &mut inner.shelves[kind as usize];
        match (&change.after, &change.before) {
            (Some(object), _) => {
                shelf.objects.insert((object.namespace.clone(), object.name.clone()), object.clone());
            }
            (None, Some(object)) => {
                shelf.objects.remove(&(object.namespace.clone(), object.name.clone()));
            }
            (None, None) => return,
        }
        let version = change.version;
        shelf.changes.push_back(change);
        if shelf.changes.len() > REMEMBERED
            && let Some(oldest) = shelf.changes.pop_front()
        {
            shelf.forgotten = oldest.version;
        }
        self.changed[kind as usize].send_replace(version);
    }
}

/// Five letters and digits, as the API server appends them to `generateName`, different for each version.
fn suffix(version: u64) -> String {
    const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let mut rest = version.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24;
    (0..5)
        .map(|_| {
            let letter = LETTERS[(rest % LETTERS.len() as u64) as usize];
            rest /= LETTERS.len() as u64;
            char::from(letter)
        })
        .collect()
}

/// This moment as Kubernetes writes it: whole seconds, UTC.
pub(crate) fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubernetes::kinds::Kind;

    #[test]
    fn a_watcher_that_lags_too_far_lists_again() {
        let objects = Objects::new();
        for at in 0..REMEMBERED + 2 {
            let object = json!({"metadata": {"namespace": "a", "name": format!("x{at}")}});
            objects.create(Kind::ConfigMap, object).expect("created");
        }
        assert_eq!(objects.since(Kind::ConfigMap, 1000).expect_err("forgotten").code, 410);
    }
}
