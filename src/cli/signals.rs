//! Signals: the first asks for an orderly end, the second ends the program, and neither leaves half a report.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::INTERRUPTED;
use ackcheck_core::text_file;

/// How long reports may take to be written when the program is told to end.
const LAST_REPORTS: Duration = Duration::from_secs(5);

/// Ctrl-C, SIGTERM and SIGHUP, heeded from here on. SIGQUIT (Ctrl-\) keeps ending the program at once, with nothing
/// written and nothing removed.
pub(super) struct Signals {
    stop: CancellationToken,
    /// Whether there are reports that are still to be written, or are being written.
    owed: Arc<watch::Sender<bool>>,
    ending: Arc<AtomicBool>,
}

impl Signals {
    /// Takes the signals over.
    ///
    /// # Errors
    /// Where the system refuses, which it does not by itself.
    pub(super) fn heed() -> anyhow::Result<Signals> {
        let mut signals = Heeded {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            // Under nohup a run outlives its terminal.
            hang_up: if ignored(SignalKind::hangup()) { None } else { Some(signal(SignalKind::hangup())?) },
        };
        let heeding = Signals {
            stop: CancellationToken::new(),
            owed: Arc::new(watch::Sender::new(false)),
            ending: Arc::default(),
        };
        let (stop, ending) = (heeding.stop.clone(), heeding.ending.clone());
        let mut owed = heeding.owed.subscribe();
        tokio::spawn(async move {
            signals.next().await;
            if !ending.load(Ordering::SeqCst) {
                stop.cancel();
                signals.next().await;
            }
            // Who cannot wait for that either tells it a third time.
            tokio::select! {
                _ = tokio::time::timeout(LAST_REPORTS, owed.wait_for(|owed| !owed)) => {}
                () = signals.next() => {}
            }
            std::process::exit(INTERRUPTED.into());
        });
        Ok(heeding)
    }

    /// Cancelled by the first signal.
    pub(super) fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// From here on there is something to report, until it is written.
    pub(super) fn owe_reports(&self) {
        self.owed.send_replace(true);
    }

    /// Nothing is left to be stopped: the next signal ends the program, be it the first.
    pub(super) fn next_ends(&self) {
        self.ending.store(true, Ordering::SeqCst);
    }

    /// Does what writes reports, aside, so that a reader that does not read holds no signal up; none where it took
    /// longer than `limit`.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        limit: Option<Duration>,
        write: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        self.owed.send_replace(true);
        let written = tokio::task::spawn_blocking(write);
        let written = match limit {
            Some(limit) => tokio::time::timeout(limit, written).await.ok().and_then(Result::ok),
            None => written.await.ok(),
        };
        self.owed.send_replace(false);
        written
    }
}

struct Heeded {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Option<Signal>,
}

impl Heeded {
    async fn next(&mut self) {
        let hang_up = async {
            match &mut self.hang_up {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = hang_up => {}
        }
    }
}

/// Whether this program was started with a signal ignored, where the system tells (Linux, proc_pid_status(5)).
fn ignored(signal: SignalKind) -> bool {
    let status = text_file::read(Path::new("/proc/self/status"), 64 << 10).unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask & (1 << (signal.as_raw_value() - 1)) != 0
}
