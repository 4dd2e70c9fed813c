//! Watches: a stream of changes, one JSON object a line.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use http_body_util::StreamBody;
use hyper::body::Frame;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::kinds::Kind;
use super::objects::{Change, Object, Objects};
use super::select::Selection;
use super::table;
use super::words::Status;
use crate::http::Response;

/// How often a watcher that asked for bookmarks gets one.
const BOOKMARK: Duration = Duration::from_secs(60);
/// How long a watch lasts where the client does not say; the API server lets it last 30 to 60 minutes.
const LONGEST: Duration = Duration::from_secs(1800);

/// What is watched, and how it is reported.
pub(crate) struct Watch {
    pub(crate) kind: Kind,
    pub(crate) namespace: String,
    pub(crate) selection: Selection,
    /// From after this version; where none, what is there now comes first.
    pub(crate) from: Option<u64>,
    pub(crate) bookmarks: bool,
    /// `sendInitialEvents=true`: a bookmark marks the end of what was there.
    pub(crate) mark_initial: bool,
    pub(crate) as_table: bool,
    pub(crate) include_object: String,
    pub(crate) timeout: Option<u64>,
}

impl Watch {
    /// Answers with the stream.
    pub(crate) fn answer(self, objects: Arc<Objects>) -> Response {
        let (lines, mut stream) = mpsc::channel::<Bytes>(64);
        tokio::spawn(async move {
            let closed = lines.clone();
            tokio::select! {
                () = self.report(&objects, &lines) => {}
                () = closed.closed() => {}
            }
        });
        let frames = futures_util::stream::poll_fn(move |context| {
            stream.poll_recv(context).map(|line| line.map(|line| Ok::<_, Infallible>(Frame::data(line))))
        });
        let mut response = Response::new(StreamBody::new(frames).boxed_unsync());
        let json = http::HeaderValue::from_static("application/json");
        response.headers_mut().insert(http::header::CONTENT_TYPE, json);
        response
    }

    async fn report(&self, objects: &Objects, lines: &mpsc::Sender<Bytes>) {
        let mut changed = objects.changed(self.kind);
        let mut version = match self.from {
            Some(version) => version,
            None => {
                let (there, version) = objects.list(self.kind, &self.namespace);
                for object in there.iter().filter(|object| self.selection.takes(object)) {
                    if lines.send(self.line("ADDED", object)).await.is_err() {
                        return;
                    }
                }
                version
            }
        };
        if self.mark_initial && lines.send(self.bookmark(version, true)).await.is_err() {
            return;
        }
        let end = tokio::time::Instant::now() + self.timeout.map_or(LONGEST, Duration::from_secs);
        let mut next_bookmark = tokio::time::Instant::now() + BOOKMARK;
        loop {
            changed.borrow_and_update();
            let changes = match objects.since(self.kind, version) {
                Ok((changes, now)) => {
                    version = now;
                    changes
                }
                Err(gone) => {
                    let _ = lines.send(line("ERROR", &gone.json())).await;
                    return;
                }
            };
            for change in &changes {
                if let Some(line) = self.describe(change)
                    && lines.send(line).await.is_err()
                {
                    return;
                }
            }
            tokio::select! {
                () = tokio::time::sleep_until(end) => {
                    if self.bookmarks {
                        let _ = lines.send(self.bookmark(version, false)).await;
                    }
                    return;
                }
                () = tokio::time::sleep_until(next_bookmark), if self.bookmarks => {
                    next_bookmark += BOOKMARK;
                    if lines.send(self.bookmark(version, false)).await.is_err() {
                        return;
                    }
                }
                still = changed.changed() => if still.is_err() { return },
            }
        }
    }

    /// A change as this watcher sees it: an object that leaves the selection is deleted for it.
    fn describe(&self, change: &Change) -> Option<Bytes> {
        let here = |object: &&Arc<Object>| {
            (self.namespace.is_empty() || object.namespace == self.namespace) && self.selection.takes(object)
        };
        match (change.before.as_ref().filter(here), change.after.as_ref().filter(here)) {
            (None, Some(after)) => Some(self.line("ADDED", after)),
            (Some(_), Some(after)) => Some(self.line("MODIFIED", after)),
            (Some(before), None) => Some(self.line("DELETED", change.after.as_ref().unwrap_or(before))),
            (None, None) => None,
        }
    }

    fn line(&self, what: &str, object: &Object) -> Bytes {
        if self.as_table {
            let metadata = json!({"resourceVersion": object.version.to_string()});
            return line(what, &table::table(self.kind, &[object.value()], metadata, &self.include_object));
        }
        let mut text = Vec::with_capacity(object.body.len() + 40);
        text.extend_from_slice(format!("{{\"type\":\"{what}\",\"object\":").as_bytes());
        text.extend_from_slice(&object.body);
        text.extend_from_slice(b"}\n");
        Bytes::from(text)
    }

    fn bookmark(&self, version: u64, end_of_initial: bool) -> Bytes {
        let kind = self.kind;
        let mut metadata = json!({"resourceVersion": version.to_string(), "creationTimestamp": null});
        if end_of_initial {
            metadata["annotations"] = json!({"k8s.io/initial-events-end": "true"});
        }
        line("BOOKMARK", &json!({"kind": kind.name(), "apiVersion": kind.api_version(), "metadata": metadata}))
    }
}

fn line(what: &str, object: &Value) -> Bytes {
    Bytes::from(format!("{}\n", json!({"type": what, "object": object})))
}

/// Reads `resourceVersion` of a list or watch.
pub(crate) fn version(text: &str) -> Result<Option<u64>, Status> {
    match text {
        "" | "0" => Ok(None),
        text => text.parse().map(Some).map_err(|_| {
            Status::bad_request(format!(
                "invalid resource version \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax"
            ))
        }),
    }
}
