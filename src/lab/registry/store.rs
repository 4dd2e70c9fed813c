//! What the registry holds: blobs, repositories and the uploads under way.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::world::{RegistryWorld, RepositoryRules, Visibility};

/// The longest blob, in bytes, and the most that all uploads under way hold together.
pub(super) const LONGEST_BLOB: usize = 256 << 20;
/// The most uploads under way; the oldest is forgotten for a new one.
const MOST_UPLOADS: usize = 256;

/// Everything the registry holds.
#[derive(Debug, Default)]
pub(super) struct Store {
    namespaces: BTreeMap<String, RepositoryRules>,
    repositories: BTreeMap<String, Repository>,
    blobs: BTreeMap<String, Bytes>,
    uploads: BTreeMap<u64, Upload>,
    last_upload: u64,
}

/// One repository.
#[derive(Debug)]
pub(super) struct Repository {
    pub rules: RepositoryRules,
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
    /// With the repositories the world starts with.
    pub(super) fn new(world: &RegistryWorld) -> Store {
        let mut store = Store { namespaces: world.namespaces.clone(), ..Store::default() };
        for (name, rules) in &world.repositories {
            store.create(name, rules.clone());
        }
        store
    }

    /// Makes a repository that somebody pushed to, by the rules of its namespace where that is there.
    pub(super) fn seed(&mut self, name: &str) {
        let rules = name.split_once('/').and_then(|(namespace, _)| self.namespaces.get(namespace)).cloned();
        let private = RepositoryRules { auto_create: false, visibility: Visibility::Private, tag_immutable: false };
        self.create(name, rules.unwrap_or(private));
    }

    fn create(&mut self, name: &str, rules: RepositoryRules) {
        let empty = Repository { rules, blobs: BTreeSet::new(), manifests: BTreeMap::new(), tags: BTreeMap::new() };
        self.repositories.insert(name.to_owned(), empty);
    }

    /// A repository; none if it does not exist.
    pub(super) fn repository(&self, name: &str) -> Option<&Repository> {
        self.repositories.get(name)
    }

    /// A repository, to change it.
    pub(super) fn repository_mut(&mut self, name: &str) -> Option<&mut Repository> {
        self.repositories.get_mut(name)
    }

    /// True once the repository is there: it was, or its namespace creates it.
    pub(super) fn make_room(&mut self, name: &str) -> bool {
        if self.repositories.contains_key(name) {
            return true;
        }
        let rules = name.split_once('/').and_then(|(namespace, _)| self.namespaces.get(namespace)).cloned();
        match rules {
            Some(rules) if rules.auto_create => {
                self.create(name, rules);
                true
            }
            _ => false,
        }
    }

    /// Who can pull from a repository; none if it does not exist.
    pub(super) fn visibility(&self, name: &str) -> Option<Visibility> {
        self.repositories.get(name).map(|repository| repository.rules.visibility)
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

    /// Begins an upload and returns its number.
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

    /// True where so many bytes more fit.
    pub(super) fn has_room_for(&self, more: usize) -> bool {
        let held: usize = self.uploads.values().map(|upload| upload.bytes.len()).sum();
        held + more <= LONGEST_BLOB
    }

    /// Ends an upload and returns what it holds.
    pub(super) fn end_upload(&mut self, id: &str) -> Option<Upload> {
        self.uploads.remove(&id.parse().ok()?)
    }
}
