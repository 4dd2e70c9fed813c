//! Who owns what: the `ownerReferences` of every object, found from the owner.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::kinds::KINDS;
use super::objects::Object;

/// Namespace and name.
pub(crate) type Key = (String, String);

/// One entry of `ownerReferences`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) uid: String,
    /// None where no kind of the API is so called.
    pub(crate) kind: Option<usize>,
    pub(crate) name: String,
    /// `blockOwnerDeletion`.
    pub(crate) blocks: bool,
}

impl Owner {
    /// Those of an object.
    pub(super) fn all_of(value: &Value) -> Vec<Owner> {
        let references = value.pointer("/metadata/ownerReferences").and_then(Value::as_array);
        let owner = |reference: &Value| {
            let text = |key: &str| reference[key].as_str().unwrap_or_default();
            let called =
                |kind: &super::kinds::Kind| kind.kind == text("kind") && kind.api_version() == text("apiVersion");
            Owner {
                uid: text("uid").to_owned(),
                kind: KINDS.iter().position(called),
                name: text("name").to_owned(),
                blocks: reference["blockOwnerDeletion"] == true,
            }
        };
        references.into_iter().flatten().map(owner).collect()
    }

    /// Where the owner is, of something in `namespace`.
    pub(super) fn key(&self, namespace: &str) -> Option<(usize, Key)> {
        let kind = self.kind?;
        let namespace = if KINDS[kind].namespaced { namespace } else { "" };
        Some((kind, (namespace.to_owned(), self.name.clone())))
    }
}

/// The index, and the objects that the garbage collector is to look at.
#[derive(Default)]
pub(super) struct Owners {
    /// By the owner's uid.
    owned: HashMap<String, BTreeSet<(usize, Key)>>,
    suspects: Vec<(usize, Key)>,
}

impl Owners {
    /// Follows one change. True where there are new suspects.
    pub(super) fn follow(&mut self, kind: usize, before: Option<&Object>, after: Option<&Object>) -> bool {
        let key = |object: &Object| (kind, (object.namespace.clone(), object.name.clone()));
        let known = self.suspects.len();
        let same = matches!((before, after), (Some(before), Some(after)) if before.owners == after.owners);
        if let Some(before) = before.filter(|_| !same) {
            for owner in &before.owners {
                if let Some(owned) = self.owned.get_mut(&owner.uid) {
                    owned.remove(&key(before));
                    if owned.is_empty() {
                        self.owned.remove(&owner.uid);
                    }
                }
                // The owner may have waited for this one to go.
                self.suspects.extend(owner.key(&before.namespace).filter(|_| owner.blocks));
            }
        }
        if let Some(after) = after.filter(|after| !same && !after.owners.is_empty()) {
            for owner in &after.owners {
                self.owned.entry(owner.uid.clone()).or_default().insert(key(after));
            }
            self.suspects.push(key(after));
        }
        if let (Some(before), None) = (before, after) {
            self.suspect_owned_by(&before.uid);
        }
        self.suspects.len() > known
    }

    pub(super) fn owned_by(&self, uid: &str) -> Vec<(usize, Key)> {
        self.owned.get(uid).into_iter().flatten().cloned().collect()
    }

    pub(super) fn suspect_owned_by(&mut self, uid: &str) {
        self.suspects.extend(self.owned.get(uid).into_iter().flatten().cloned());
    }

    pub(super) fn suspects(&mut self) -> Vec<(usize, Key)> {
        std::mem::take(&mut self.suspects)
    }
}
