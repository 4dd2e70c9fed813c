//! What a run put into buckets, and its removal.

use std::sync::MutexGuard;
use std::time::{Duration, Instant};

use super::removal::{each, why_it_stays};
use super::request::About;
use super::targets::Account;
use super::uploads::is_over;
use super::{Change, SignedUrls, StoreRun};
use ackcheck_core::evidence::Journal;
use ackcheck_core::seat::Heard;
use ackcheck_core::seat::store::{DELETE_VERSION, StoreReply, StoreRequest, StoreTarget};
use ackcheck_core::sync::locked;

/// An object this run put, or may have put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Put {
    target: StoreTarget,
    key: String,
    /// How often it was put, or may have been.
    times: u32,
    /// In a versioned bucket: the versions and delete markers the run made of it.
    versions: Vec<String>,
    /// It was deleted again; its versions, if there are any, were not.
    deleted: bool,
}

impl StoreRun {
    fn put(&self) -> MutexGuard<'_, Vec<Put>> {
        locked(&self.put)
    }

    pub(super) fn remember(&self, target: &StoreTarget, key: &str) {
        let mut put = self.put();
        match put.iter_mut().find(|put| put.target == *target && put.key == key) {
            Some(put) => {
                put.deleted = false;
                put.times += 1;
            }
            None => {
                let (target, key) = (target.clone(), key.to_owned());
                put.push(Put { target, key, times: 1, versions: Vec::new(), deleted: false });
            }
        }
    }

    /// Takes in what became of an object, so that clean-up removes what is left of it and nothing else.
    pub(crate) fn settle(&self, target: &StoreTarget, key: &str, change: Change, heard: &Heard<StoreReply>) {
        let Ok(reply) = heard else { return };
        let mut put = self.put();
        let Some(at) = put.iter().position(|put| put.target == *target && put.key == key) else { return };
        let refused = (400..500).contains(&reply.status);
        match (&reply.version_id, change) {
            (Some(version), change) if reply.ok() => {
                put[at].versions.push(version.clone());
                put[at].deleted = change == Change::Delete;
            }
            (None, Change::Delete) if reply.ok() => {
                put.remove(at);
            }
            // What was put before stays where it is not replaced.
            (_, Change::Put) if refused && put[at].times == 1 => {
                put.remove(at);
            }
            _ => {}
        }
    }

    /// The object of these URLs was deleted, or never put: clean-up has nothing to do about it.
    pub fn forget(&self, signed: &SignedUrls) {
        self.settled_absent(&signed.target, &signed.key);
    }

    /// An object that was remembered in advance, and certainly not put.
    pub(super) fn settled_absent(&self, target: &StoreTarget, key: &str) {
        self.put().retain(|put| put.target != *target || put.key != key);
    }

    /// Takes in what a request is about to bring about, for clean-up.
    pub(super) fn expect(&self, target: &StoreTarget, key: &str, request: &StoreRequest) {
        match request {
            StoreRequest::Put { .. } | StoreRequest::CompleteUpload { .. } | StoreRequest::Copy { .. } => {
                self.remember(target, key);
            }
            StoreRequest::BeginUpload { .. } => self.begins(target, key),
            _ => {}
        }
    }

    /// Takes in what it brought about.
    pub(super) fn take_in(&self, target: &StoreTarget, key: &str, request: &StoreRequest, heard: &Heard<StoreReply>) {
        match request {
            StoreRequest::Put { .. } | StoreRequest::Copy { .. } => self.settle(target, key, Change::Put, heard),
            StoreRequest::Delete { .. } | StoreRequest::DeleteByPost { .. } => {
                self.settle(target, key, Change::Delete, heard);
            }
            StoreRequest::BeginUpload { .. } => self.has_begun(target, key, heard),
            StoreRequest::CompleteUpload { upload, .. } => {
                // Where it was over before, an answer that was not heard may have said that the object was made.
                if !heard.as_ref().is_ok_and(|reply| !reply.ok() && is_over(reply)) {
                    self.settle(target, key, Change::Put, heard);
                }
                self.has_ended(target, upload, heard);
            }
            StoreRequest::AbortUpload { upload, .. } => self.has_ended(target, upload, heard),
            _ => {}
        }
    }

    /// Ends every upload that the run began and is not known to have ended, and removes every object that it put and is
    /// not known to have deleted, versions and delete markers included. Returns what could not be removed, by name.
    pub async fn clean_up(&self, journal: &Journal) -> Vec<String> {
        let (limit, began) = (self.wire.config().limits.clean_up, Instant::now());
        // What their answers bring is known then. If they take too long, what they bring is looked for.
        self.under_way.close();
        drop(tokio::time::timeout(limit / 2, self.under_way.wait()).await);
        // What cannot be aborted becomes an object.
        let mut said = self.end_uploads(journal, limit.saturating_sub(began.elapsed())).await;
        said.extend(self.remove_objects(journal, limit.saturating_sub(began.elapsed())).await);
        said.sort();
        said
    }

    async fn remove_objects(&self, journal: &Journal, limit: Duration) -> Vec<String> {
        let put = std::mem::take(&mut *self.put());
        if put.is_empty() {
            return Vec::new();
        }
        let Ok(accounts) = self.accounts(journal).await else { return Vec::new() };
        let name = |put: &Put| format!("oss://{}/{}", put.target.bucket, put.key);
        each(put, limit, name, |put| {
            let account = accounts.iter().find(|account| account.target == put.target).cloned();
            async move { self.remove(journal, &account?, &put).await }
        })
        .await
    }

    /// Removes one object; says why where it stays.
    async fn remove(&self, journal: &Journal, account: &Account, put: &Put) -> Option<String> {
        let delete = StoreRequest::Delete { name: put.key.clone() };
        let mut versions: Vec<Option<&str>> = put.versions.iter().map(|version| Some(version.as_str())).collect();
        if versions.is_empty() {
            versions.push(None);
        }
        for version in versions {
            let heard = self.ask(journal, account, &delete, About { version, ..About::object(&put.key) }).await;
            match &heard {
                Ok(Ok(reply)) if reply.ok() => {
                    if version.is_none() && reply.version_id.is_some() {
                        return Some("deleted, but the versioned bucket keeps its versions".to_owned());
                    }
                }
                Ok(Ok(reply)) if reply.status == 404 => {}
                _ => {
                    let right = if version.is_some() { DELETE_VERSION } else { delete.right() };
                    return Some(why_it_stays(heard, right));
                }
            }
        }
        None
    }
}
