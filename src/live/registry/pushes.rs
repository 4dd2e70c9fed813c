//! Pushes come to their end although nobody waits for them any more.
//!
//! A push overwrites its tag and sets it right again. A run that is interrupted, or a case whose time is up, drops what it
//! asked; the push then goes on by itself to the next place where nothing is half done, and cleaning up waits for it.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use ackcheck_core::seat::Seen;
use ackcheck_core::verdict::Broken;

/// The pushes of a run.
#[derive(Clone, Default)]
pub struct Pushes {
    under_way: TaskTracker,
}

impl Pushes {
    /// Does `work` as a task of its own. Its token is cancelled once nobody waits for what it brings.
    pub(super) async fn see_through<T, Work>(&self, work: impl FnOnce(CancellationToken) -> Work) -> Seen<T>
    where
        T: Send + 'static,
        Work: Future<Output = T> + Send + 'static,
    {
        let stop = CancellationToken::new();
        let _cancels_when_dropped = stop.clone().drop_guard();
        let brought = self.under_way.spawn(work(stop)).await;
        Ok(brought.map_err(|error| Broken::Internal(error.to_string()))?)
    }

    /// Waits for those that were given up, and says what is left if they take longer than `limit`.
    pub async fn clean_up(&self, limit: Duration) -> Vec<String> {
        self.under_way.close();
        match tokio::time::timeout(limit, self.under_way.wait()).await {
            Ok(()) => Vec::new(),
            Err(_) => vec![format!(
                "a push of the probe's image that did not end within {:.0} s; the next run sets its tag right",
                limit.as_secs_f64()
            )],
        }
    }
}
