//! The line to the probes: a question put to the pod that stays on a node or, where the account is not allowed to exec, to
//! a pod of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1 as core;
use kube::Api;
use tokio::sync::{Semaphore, watch};

mod exec;
mod one_shot;

use self::exec::Trouble;
use super::fleet::Fleet;
use super::starts::Starts;
use crate::cluster::Silence;
use crate::stopped;
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::pod::{EXEC_CREATE, EXEC_GET};
use ackcheck_core::verdict::{Broken, Unseen};
use ackcheck_probe_protocol::{AnyQuestion, Question, Sweep, read};

/// Tries of one exec.
const TRIES: u32 = 3;
/// Between two of them; a longer one each time.
const PAUSE: Duration = Duration::from_millis(500);
/// Nodes that sweep the DSS host at once: each sweep is as many half-open connections as there are ports, and the
/// tables that count them, on the way and at the host, are shared.
pub(super) const SWEEPS_AT_ONCE: u32 = 4;

/// The line of one run.
pub(super) struct Line {
    fleet: Arc<Fleet>,
    starts: Arc<Starts>,
    /// The API refused exec: from then on each question has a pod of its own.
    exec_refused: AtomicBool,
    /// Turns to sweep.
    pub(super) sweeps: Semaphore,
}

/// One question as it is put.
struct Asked {
    text: String,
    /// The same for a pod of its own.
    alone: String,
    /// The rates of a sweep that follow.
    steered: Option<watch::Receiver<u32>>,
}

/// As a pod of its own is asked, which nothing can be told afterwards: a sweep keeps to what is its own share when all
/// sweep that may at once.
fn alone(question: AnyQuestion) -> AnyQuestion {
    match question {
        AnyQuestion::Sweep(sweep) => {
            let rate = sweep.rate.map(|rate| (rate / SWEEPS_AT_ONCE).max(1));
            Sweep { rate, steered: false, ..sweep }.into()
        }
        other => other,
    }
}

impl Line {
    pub(super) fn new(fleet: Arc<Fleet>, starts: Arc<Starts>) -> Line {
        Line { fleet, starts, exec_refused: AtomicBool::new(false), sweeps: Semaphore::new(SWEEPS_AT_ONCE as usize) }
    }

    /// Each question has a pod of its own: nothing can be said to a probe once it was asked.
    pub(super) fn asks_alone(&self) -> bool {
        self.exec_refused.load(Ordering::Relaxed)
    }

    /// Puts one question to the probe on a node; `limit` is for the whole exchange. A sweep that is `steered` is told each
    /// of these rates.
    pub(super) async fn ask<Q: Question>(
        &self,
        node: &str,
        question: Q,
        limit: Duration,
        steered: Option<watch::Receiver<u32>>,
        journal: &Journal,
    ) -> Seen<Q::Answer> {
        let what = format!("the probe on {node}");
        let question: AnyQuestion = question.into();
        let text =
            |question| serde_json::to_string(question).map_err(|error| Unseen::unreadable(&what, error.to_string()));
        let asked = Asked { text: text(&question)?, alone: text(&alone(question.clone()))?, steered };
        let in_vain = |printed: &Seen<Vec<u8>>| matches!(printed, Err(Unseen::Broken(Broken::Unreadable { .. })));
        let ask = || self.printed(node, &asked, limit, journal);
        let printed = stopped::asked(journal, Vantage::Node, limit, true, in_vain, ask).await?;
        read(&printed).map_err(|why| Unseen::unreadable(&what, why.to_string()))
    }

    /// What the probe on a node prints when it is asked this.
    async fn printed(&self, node: &str, question: &Asked, limit: Duration, journal: &Journal) -> Seen<Vec<u8>> {
        let began = Instant::now();
        let what = format!("the probe on {node}");
        let kubernetes = &self.fleet.kubernetes;
        let namespace = self.fleet.namespace();
        let rights = [EXEC_GET, EXEC_CREATE].map(|right| kubernetes.of_probes(right));
        if self.exec_refused.load(Ordering::Relaxed) {
            return one_shot::printed(&self.fleet, node, &question.alone, limit, journal).await;
        }
        let client = kubernetes.client(journal).await.map_err(|silence| silence.unseen(&what, rights.clone()))?;
        let api: Api<core::Pod> = Api::namespaced(client, &namespace);
        let name = self.starts.pod_on(node);
        let mut tries = 1;
        loop {
            let silence = match tokio::time::timeout(limit, exec::exchange(&api, &name, question)).await {
                Err(_) => {
                    return Err(Unseen::unreadable(&what, format!("no answer within {:.1} s", limit.as_secs_f64())));
                }
                Ok(Err(Trouble::Stream(why))) => return Err(Unseen::unreadable(&what, why)),
                Ok(Ok(printed)) => return Ok(printed),
                Ok(Err(Trouble::Api(error))) => kubernetes.told_apart(&error),
            };
            match silence {
                // Too many at once; or the API server's way to the kubelet broke. To ask twice changes nothing.
                Silence::Status { code: 429 | 500..=504, .. } if tries < TRIES => {
                    tokio::time::sleep(PAUSE * tries).await;
                    tries += 1;
                }
                Silence::Status { code: 403, said, .. } => {
                    let asked = format!("exec in pod {namespace}/{name}");
                    let answered = format!("403 {said}; asked by pods of their own");
                    journal.note(Vantage::Node, asked, answered, began.elapsed());
                    self.exec_refused.store(true, Ordering::Relaxed);
                    return one_shot::printed(&self.fleet, node, &question.alone, limit, journal).await;
                }
                Silence::Status { code: 404, .. } => {
                    return Err(Unseen::unreadable(&what, "its pod is gone: deleted, or evicted, during the run"));
                }
                other => return Err(other.unseen(&what, rights)),
            }
        }
    }
}
