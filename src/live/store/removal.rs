//! What the ends of objects and of uploads share: several at once and within a limit, and why one stays.

use std::sync::Mutex;
use std::time::Duration;

use futures_util::StreamExt as _;

use ackcheck_core::right::Right;
use ackcheck_core::seat::store::StoreReply;
use ackcheck_core::seat::{Heard, Seen};
use ackcheck_core::sync::locked;
use ackcheck_core::verdict::Broken;

/// Things removed at once when a run cleans up.
const REMOVALS_AT_ONCE: usize = 8;

/// Does the same with each of several things, some at once and all within a limit. Returns what was said of them by their
/// names, and the names of those that there was no time for.
pub(super) async fn each<T: Clone + PartialEq, Done: Future<Output = Option<String>>>(
    things: Vec<T>,
    limit: Duration,
    name: impl Fn(&T) -> String,
    act: impl Fn(T) -> Done,
) -> Vec<String> {
    let left = Mutex::new(things.clone());
    let acts = futures_util::stream::iter(things).map(|thing| {
        let (left, name, act) = (&left, &name, &act);
        async move {
            let said = act(thing.clone()).await;
            locked(left).retain(|other| *other != thing);
            said.map(|said| format!("{}: {said}", name(&thing)))
        }
    });
    let mut said = Vec::new();
    let mut acts = std::pin::pin!(acts.buffer_unordered(REMOVALS_AT_ONCE));
    let all = async {
        while let Some(one) = acts.next().await {
            said.extend(one);
        }
    };
    if tokio::time::timeout(limit, all).await.is_err() {
        let left = locked(&left);
        said.extend(
            left.iter().map(|thing| format!("{}: not removed within {:.0} s", name(thing), limit.as_secs_f64())),
        );
    }
    said
}

/// Whether a right is missing.
pub(super) fn is_denied(reply: &StoreReply) -> bool {
    reply.status == 403 && reply.code.as_deref() == Some("AccessDenied")
}

/// Why something stays, by the answer to its removal, which takes this right.
pub(super) fn why_it_stays(heard: Seen<Heard<StoreReply>>, right: Right) -> String {
    match heard {
        Ok(Ok(reply)) if is_denied(&reply) => Broken::denied([right], reply.message.unwrap_or_default()).to_string(),
        Ok(Ok(reply)) => {
            let code = reply.code.unwrap_or_default();
            format!("HTTP {} {code} {}", reply.status, reply.message.unwrap_or_default())
        }
        Ok(Err(no_reply)) => no_reply.to_string(),
        Err(unseen) => unseen.to_string(),
    }
}
