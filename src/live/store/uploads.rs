//! Uploads in parts that a run began, and their end. One that stays open keeps its parts, which are billed and which no
//! listing of objects shows.

use std::time::Duration;

use super::removal::{each, is_denied, why_it_stays};
use super::request::About;
use super::targets::Account;
use super::{Change, StoreRun};
use ackcheck_core::evidence::Journal;
use ackcheck_core::seat::Heard;
use ackcheck_core::seat::store::{ABORT_UPLOAD, LIST_UPLOADS, StoreReply, StoreRequest, StoreTarget};
use ackcheck_core::sync::locked;

/// What OSS says of an upload that was completed or aborted.
const NO_SUCH_UPLOAD: &str = "NoSuchUpload";

/// An upload that this run began and is not known to have ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Begun {
    target: StoreTarget,
    key: String,
    /// None where it is not known whether it came about: its answer was not heard.
    id: Option<String>,
}

/// The upload is over, by this answer or before it.
pub(super) fn is_over(reply: &StoreReply) -> bool {
    reply.ok() || reply.code.as_deref() == Some(NO_SUCH_UPLOAD)
}

impl StoreRun {
    /// One is about to be begun.
    pub(super) fn begins(&self, target: &StoreTarget, key: &str) {
        locked(&self.begun).push(Begun { target: target.clone(), key: key.to_owned(), id: None });
    }

    /// Takes in what became of that.
    pub(super) fn has_begun(&self, target: &StoreTarget, key: &str, heard: &Heard<StoreReply>) {
        let Ok(reply) = heard else { return };
        let mut begun = locked(&self.begun);
        let this = |begun: &Begun| begun.target == *target && begun.key == key && begun.id.is_none();
        let Some(at) = begun.iter().position(this) else { return };
        match reply.uploads.first() {
            Some(open) => begun[at].id = Some(open.id.clone()),
            None if (400..500).contains(&reply.status) => {
                begun.remove(at);
            }
            None => {}
        }
    }

    /// Takes in what became of completing or aborting one.
    pub(super) fn has_ended(&self, target: &StoreTarget, id: &str, heard: &Heard<StoreReply>) {
        if heard.as_ref().is_ok_and(is_over) {
            locked(&self.begun).retain(|begun| begun.target != *target || begun.id.as_deref() != Some(id));
        }
    }

    /// Ends what this run began and is not known to have ended. Returns what may stay open, by name.
    pub(super) async fn end_uploads(&self, journal: &Journal, limit: Duration) -> Vec<String> {
        let begun = std::mem::take(&mut *locked(&self.begun));
        if begun.is_empty() {
            return Vec::new();
        }
        let Ok(accounts) = self.accounts(journal).await else { return Vec::new() };
        let name = |begun: &Begun| format!("oss://{}/{}: its upload in parts", begun.target.bucket, begun.key);
        each(begun, limit, name, |begun| {
            let account = accounts.iter().find(|account| account.target == begun.target).cloned();
            async move {
                let account = account?;
                match &begun.id {
                    Some(id) => self.end_upload(journal, &account, &begun.key, id).await.err(),
                    None => self.end_unheard(journal, &account, &begun.key).await.err(),
                }
            }
        })
        .await
    }

    /// Ends one upload: it is aborted, or, where that is not allowed, completed to an object that clean-up deletes.
    pub(super) async fn end_upload(
        &self,
        journal: &Journal,
        account: &Account,
        key: &str,
        id: &str,
    ) -> Result<(), String> {
        let abort = StoreRequest::AbortUpload { name: key.to_owned(), upload: id.to_owned() };
        let heard = self.ask(journal, account, &abort, About::object(key)).await;
        let refused = match &heard {
            Ok(Ok(reply)) if is_over(reply) => return Ok(()),
            Ok(Ok(reply)) => is_denied(reply),
            _ => false,
        };
        if refused && self.complete_small(journal, account, key, id).await {
            return Ok(());
        }
        Err(format!("it stays open: {}", why_it_stays(heard, ABORT_UPLOAD)))
    }

    /// Ends the uploads of an object of which nothing was heard, if there are any.
    async fn end_unheard(&self, journal: &Journal, account: &Account, key: &str) -> Result<(), String> {
        let list = StoreRequest::ListUploads { name: key.to_owned() };
        let open = match self.ask(journal, account, &list, About::object(key)).await {
            Ok(Ok(reply)) if reply.ok() => reply.uploads,
            other => return Err(format!("whether it is open is not known: {}", why_it_stays(other, LIST_UPLOADS))),
        };
        for open in open.iter().filter(|open| open.key == key) {
            self.end_upload(journal, account, key, &open.id).await?;
        }
        Ok(())
    }

    /// Makes an object of one small part, whatever parts the upload has; true where that came about.
    async fn complete_small(&self, journal: &Journal, account: &Account, key: &str, id: &str) -> bool {
        let (name, upload) = (key.to_owned(), id.to_owned());
        let body = "an upload that could not be aborted".to_owned();
        let part = StoreRequest::PutPart { name: name.clone(), upload: upload.clone(), number: 1, body };
        let Ok(Ok(reply)) = self.ask(journal, account, &part, About::object(key)).await else { return false };
        let Some(etag) = reply.etag.filter(|_| (200..300).contains(&reply.status)) else { return false };
        let complete = StoreRequest::CompleteUpload { name, upload, parts: vec![(1, etag)] };
        self.remember(&account.target, key);
        let Ok(heard) = self.ask(journal, account, &complete, About::object(key)).await else { return false };
        self.settle(&account.target, key, Change::Put, &heard);
        heard.is_ok_and(|reply| is_over(&reply))
    }
}
