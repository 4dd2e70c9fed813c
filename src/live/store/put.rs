//! What a run put into buckets, and its removal.

use std::sync::{Mutex, MutexGuard};

use futures_util::StreamExt as _;

use super::targets::Account;
use super::{Change, SignedUrls, StoreRun};
use ackcheck_core::evidence::Journal;
use ackcheck_core::seat::Heard;
use ackcheck_core::seat::store::{DELETE_VERSION, StoreReply, StoreRequest, StoreTarget};
use ackcheck_core::sync::locked;
use ackcheck_core::verdict::Broken;

/// Objects removed at once when a run cleans up.
const REMOVALS_AT_ONCE: usize = 8;

/// An object this run put, or may have put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Put {
    target: StoreTarget,
    key: String,
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
            Some(put) => put.deleted = false,
            None => put.push(Put { target: target.clone(), key: key.to_owned(), versions: Vec::new(), deleted: false }),
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
            (_, Change::Put) if refused && put[at].versions.is_empty() => {
                put.remove(at);
            }
            _ => {}
        }
    }

    /// The object of these URLs was deleted, or never put: clean-up has nothing to do about it.
    pub fn forget(&self, signed: &SignedUrls) {
        self.put().retain(|put| put.target != signed.target || put.key != signed.key);
    }

    /// Removes every object the run put and is not known to have deleted, versions and delete markers included. Returns
    /// what could not be removed, by name.
    pub async fn clean_up(&self, journal: &Journal) -> Vec<String> {
        let put = std::mem::take(&mut *self.put());
        if put.is_empty() {
            return Vec::new();
        }
        let Ok(accounts) = self.accounts(journal).await else { return Vec::new() };
        let limit = self.wire.config().limits.clean_up;
        let left = Mutex::new(put.clone());
        let removals = futures_util::stream::iter(put).map(|put| {
            let (accounts, left) = (accounts.clone(), &left);
            async move {
                let account = accounts.iter().find(|account| account.target == put.target)?;
                let said = self.remove(journal, account, &put).await;
                locked(left).retain(|other| *other != put);
                said.map(|said| format!("oss://{}/{}: {said}", put.target.bucket, put.key))
            }
        });
        let mut said = Vec::new();
        let mut removals = std::pin::pin!(removals.buffer_unordered(REMOVALS_AT_ONCE));
        let all = async {
            while let Some(one) = removals.next().await {
                said.extend(one);
            }
        };
        if tokio::time::timeout(limit, all).await.is_err() {
            let left = locked(&left);
            said.extend(left.iter().map(|put| {
                format!("oss://{}/{}: not removed within {:.0} s", put.target.bucket, put.key, limit.as_secs_f64())
            }));
        }
        said.sort();
        said
    }

    /// Removes one object; says why where it stays.
    async fn remove(&self, journal: &Journal, account: &Account, put: &Put) -> Option<String> {
        let delete = StoreRequest::Delete { name: put.key.clone() };
        let mut versions: Vec<Option<&str>> = put.versions.iter().map(|version| Some(version.as_str())).collect();
        if versions.is_empty() {
            versions.push(None);
        }
        for version in versions {
            match self.ask(journal, account, &delete, Some(&put.key), version).await {
                Ok(Ok(reply)) if reply.ok() => {
                    if version.is_none() && reply.version_id.is_some() {
                        return Some("deleted, but the versioned bucket keeps its versions".to_owned());
                    }
                }
                Ok(Ok(reply)) if reply.status == 404 => {}
                Ok(Ok(reply)) if reply.status == 403 && reply.code.as_deref() == Some("AccessDenied") => {
                    let right = if version.is_some() { DELETE_VERSION } else { delete.right() };
                    return Some(Broken::denied([right], reply.message.unwrap_or_default()).to_string());
                }
                Ok(Ok(reply)) => {
                    let code = reply.code.unwrap_or_default();
                    return Some(format!("HTTP {} {code} {}", reply.status, reply.message.unwrap_or_default()));
                }
                Ok(Err(no_reply)) => return Some(no_reply.to_string()),
                Err(unseen) => return Some(unseen.to_string()),
            }
        }
        None
    }
}
