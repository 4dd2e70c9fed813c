//! Who owns what: the `ownerReferences` of every object, found from the owner.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::kinds::Kind;

/// Namespace and name.
pub(crate) type NamespacedName = (String, String);

/// One entry of `ownerReferences`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) uid: String,
    /// None where the API has no such kind.
    pub(crate) kind: Option<Kind>,
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
            Owner {
                uid: text("uid").to_owned(),
                kind: Kind::of_object(text("apiVersion"), text("kind")),
                name: text("name").to_owned(),
                blocks: reference["blockOwnerDeletion"] == true,
            }
        };
        references.into_iter().flatten().map(owner).collect()
    }

    /// Where the owner is, of something in `namespace`.
    pub(super) fn key(&self, namespace: &str) -> Option<(Kind, NamespacedName)> {
        let kind = self.kind?;
        let namespace = if kind.is_namespaced() { namespace } else { "" };
        Some((kind, (namespace.to_owned(), self.name.clone())))
    }
}

/// An object as the index of owners sees it.
pub(super) struct Owned<'a> {
    pub(super) namespace: &'a str,
    pub(super) name: &'a str,
    pub(super) uid: &'a str,
    pub(super) owners: &'a [Owner],
}

/// The index, and the objects that the garbage collector has to look at.
#[derive(Default)]
pub(super) struct Owners {
    /// By the owner's uid.
    owned: HashMap<String, BTreeSet<(Kind, NamespacedName)>>,
    suspects: Vec<(Kind, NamespacedName)>,
}

impl Owners {
    /// Follows one change. True if there are new suspects.
    pub(super) fn follow(&mut self, kind: Kind, before: Option<Owned<'_>>, after: Option<Owned<'_>>) -> bool {
        let key = |object: &Owned<'_>| (kind, (object.namespace.to_owned(), object.name.to_owned()));
        let known = self.suspects.len();
        let same = matches!((&before, &after), (Some(before), Some(after)) if before.owners == after.owners);
        if let Some(before) = before.as_ref().filter(|_| !same) {
            for owner in before.owners {
                if let Some(owned) = self.owned.get_mut(&owner.uid) {
                    owned.remove(&key(before));
                    if owned.is_empty() {
                        self.owned.remove(&owner.uid);
                    }
                }
                // The owner may have waited for this one to go.
                self.suspects.extend(owner.key(before.namespace).filter(|_| owner.blocks));
            }
        }
        if let Some(after) = after.as_ref().filter(|after| !same && !after.owners.is_empty()) {
            for owner in after.owners {
                self.owned.entry(owner.uid.clone()).or_default().insert(key(after));
            }
            self.suspects.push(key(after));
        }
        if let (Some(before), None) = (&before, &after) {
            self.suspect_owned_by(before.uid);
        }
        self.suspects.len() > known
    }

    /// What the object of a uid owns.
    pub(super) fn owned_by(&self, uid: &str) -> Vec<(Kind, NamespacedName)> {
        self.owned.get(uid).into_iter().flatten().cloned().collect()
    }

    /// Makes suspects of what the object of a uid owns.
    pub(super) fn suspect_owned_by(&mut self, uid: &str) {
        self.suspects.extend(self.owned.get(uid).into_iter().flatten().cloned());
    }

    /// The suspects since the last call.
    pub(super) fn suspects(&mut self) -> Vec<(Kind, NamespacedName)> {
        std::mem::take(&mut self.suspects)
    }
}
