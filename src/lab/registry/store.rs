//! What the registry holds: blobs, repositories and the uploads under way.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::{Policy, RegistryWorld, Visibility};

/// The longest blob taken, in bytes, and the most that all uploads under way may hold together.
pub(super) const LONGEST_BLOB: usize = 256 << 20;
/// The most uploads under way; the oldest is forgotten for a new one.
const MOST_UPLOADS: usize = 256;

/// Everything the registry holds.
#[derive(Debug, Default)]
pub(super) struct Store {
    namespaces: BTreeMap<String, Policy>,
    repositories: BTreeMap<String, Repository>,
    blobs: BTreeMap<String, Bytes>,
    uploads: BTreeMap<u64, Upload>,
    last_upload: u64,
}

/// One repository.
#[derive(Debug)]
pub(super) struct Repository {
    pub policy: Policy,
    /// The blobs pushed to it: another repository's are not to be had here.
    pub blobs: BTreeSet<String>,
    /// Manifests by digest.
    pub manifests: BTreeMap<String, Manifest>,
    /// What each tag names.
    pub tags: BTreeMap<String, String>,
}

/// A manifest as it was put.
#[derive(Debug, Clone)]
pub(super) struct Manifest {
    pub media_type: String,
    pub bytes: Bytes,
}

/// An upload under way.
#[derive(Debug)]
pub(super) struct Upload {
    pub repository: String,
    pub bytes: Vec<u8>,
}

/// `sha256:` and 64 hex digits.
pub(super) fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

impl Store {
    pub(super) fn new(world: &RegistryWorld) -> Store {
        let mut store = Store { namespaces: world.namespaces.clone(), ..Store::default() };
        for (name, policy) in &world.repositories {
            store.create(name, policy.clone());
        }
        store
    }

    fn create(&mut self, name: &str, policy: Policy) {
        let empty = Repository { policy, blobs: BTreeSet::new(), manifests: BTreeMap::new(), tags: BTreeMap::new() };
        self.repositories.insert(name.to_owned(), empty);
    }

    pub(super) fn repository(&self, name: &str) -> Option<&Repository> {
        self.repositories.get(name)
    }

    pub(super) fn repository_mut(&mut self, name: &str) -> Option<&mut Repository> {
        self.repositories.get_mut(name)
    }

    /// True once the repository is there: it was, or its namespace creates it.
    pub(super) fn make_room(&mut self, name: &str) -> bool {
        if self.repositories.contains_key(name) {
            return true;
        }
        let policy = name.split_once('/').and_then(|(namespace, _)| self.namespaces.get(namespace)).cloned();
        match policy {
            Some(policy) if policy.auto_create => {
                self.create(name, policy);
                true
            }
            _ => false,
        }
    }

    /// Who may pull from a repository; `None` where it is not there.
    pub(super) fn visibility(&self, name: &str) -> Option<Visibility> {
        self.repositories.get(name).map(|repository| repository.policy.visibility)
    }

    /// A blob of a repository.
    pub(super) fn blob(&self, name: &str, digest: &str) -> Option<Bytes> {
        self.repository(name)?.blobs.get(digest)?;
        self.blobs.get(digest).cloned()
    }

    /// A blob wherever it belongs.
    pub(super) fn any_blob(&self, digest: &str) -> Option<Bytes> {
        self.blobs.get(digest).cloned()
    }

    /// Keeps a blob in a repository.
    pub(super) fn keep(&mut self, name: &str, bytes: Bytes) -> String {
        let digest = digest(&bytes);
        self.blobs.entry(digest.clone()).or_insert(bytes);
        if let Some(repository) = self.repositories.get_mut(name) {
            repository.blobs.insert(digest.clone());
        }
        digest
    }

    pub(super) fn start_upload(&mut self, name: &str) -> u64 {
        if self.uploads.len() == MOST_UPLOADS {
            self.uploads.pop_first();
        }
        self.last_upload += 1;
        self.uploads.insert(self.last_upload, Upload { repository: name.to_owned(), bytes: Vec::new() });
        self.last_upload
    }

    /// An upload to this repository.
    pub(super) fn upload(&mut self, name: &str, id: &str) -> Option<&mut Upload> {
        let upload = self.uploads.get_mut(&id.parse().ok()?)?;
        (upload.repository == name).then_some(upload)
    }

    /// True where so many bytes more may be held.
    pub(super) fn has_room_for(&self, more: usize) -> bool {
        let held: usize = self.uploads.values().map(|upload| upload.bytes.len()).sum();
        held + more <= LONGEST_BLOB
    }

    pub(super) fn end_upload(&mut self, id: &str) -> Option<Upload> {
        self.uploads.remove(&id.parse().ok()?)
    }
}
