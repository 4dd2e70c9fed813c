//! Uploads in parts, as the checks that make one share them.

use ackcheck_core::seat::store::{StoreReply, StoreRequest, StoreTarget};
use ackcheck_core::seat::{Seen, Store};
use ackcheck_core::verdict::Unseen;

use super::bucket::{ask, unexpected};

/// An upload that was begun.
pub(super) struct Upload<'a> {
    pub(super) store: &'a dyn Store,
    pub(super) target: &'a StoreTarget,
    /// The object that it makes.
    pub(super) name: String,
    pub(super) id: String,
}

impl<'a> Upload<'a> {
    /// Begins one. Whatever becomes of it, the seat ends it when the run cleans up.
    pub(super) async fn begin(store: &'a dyn Store, target: &'a StoreTarget, name: &str) -> Seen<Upload<'a>> {
        let begin = StoreRequest::BeginUpload { name: name.to_owned() };
        let what = format!("the beginning of an upload in parts to {}", target.bucket);
        let reply = answered(store, target, &what, begin).await?;
        let open = reply.uploads.into_iter().next();
        let id = open.ok_or_else(|| Unseen::unreadable(what, "OSS does not name the upload"))?.id;
        Ok(Upload { store, target, name: name.to_owned(), id })
    }

    /// Makes the object of these parts, each by its number and ETag.
    pub(super) async fn complete(&self, parts: Vec<(u32, String)>) -> Seen<()> {
        let (name, upload) = (self.name.clone(), self.id.clone());
        let complete = StoreRequest::CompleteUpload { name, upload, parts };
        let what = format!("the completion of an upload in parts to {}", self.target.bucket);
        let reply = answered(self.store, self.target, &what, complete).await?;
        // Hadoop's SDK reads it too, and fails without.
        reply.etag.map(|_| ()).ok_or_else(|| Unseen::unreadable(what, "OSS does not tell the ETag of the object"))
    }

    /// Whether it is open; none where that is not for this key to see.
    pub(super) async fn is_open(&self) -> Seen<Option<bool>> {
        let list = StoreRequest::ListUploads { name: self.name.clone() };
        let reply = ask(self.store, self.target, list).await?;
        Ok(reply.ok().then(|| reply.uploads.iter().any(|open| open.id == self.id)))
    }
}

/// What an object holds.
pub(super) async fn read_back(store: &dyn Store, target: &StoreTarget, name: &str) -> Seen<String> {
    let what = format!("a read from {}", target.bucket);
    Ok(answered(store, target, &what, StoreRequest::Get { name: name.to_owned() }).await?.body)
}

/// The answer to what must succeed.
pub(super) async fn answered(
    store: &dyn Store,
    target: &StoreTarget,
    what: &str,
    request: StoreRequest,
) -> Seen<StoreReply> {
    let reply = ask(store, target, request.clone()).await?;
    if reply.ok() { Ok(reply) } else { Err(unexpected(what, &request, &reply)) }
}

/// How what came back differs from what was written, in a few words.
pub(super) fn difference(written: &str, read: &str) -> String {
    let same = written.bytes().zip(read.bytes()).take_while(|(one, other)| one == other).count();
    format!("{} bytes were written and {} came back, the first {same} of them the same", written.len(), read.len())
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn differences_are_counted_and_not_quoted() {
        assert_eq!(difference("abc", ""), "3 bytes were written and 0 came back, the first 0 of them the same");
        assert_eq!(difference("abc", "abd"), "3 bytes were written and 3 came back, the first 2 of them the same");
    }
}
