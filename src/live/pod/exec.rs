//! One question put to the probe in its pod, by exec over a WebSocket: the question on its standard input, the answer on
//! its output.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1 as core;
use kube::Api;
use kube::api::AttachParams;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::run::PodRun;
use super::spec::CONTAINER;
use crate::cluster::Silence;
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::pod::{EXEC_CREATE, EXEC_GET};
use ackcheck_core::verdict::Unseen;
use ackcheck_probe_protocol::{ASK, AnyQuestion, PATH, Question, read};

/// The longest answer read, in bytes: a sweep in which every port differs from its neighbour.
const LONGEST_ANSWER: usize = 6 << 20;
/// Tries of one exec.
const TRIES: u32 = 3;
/// Between two of them; a longer one each time.
const PAUSE: Duration = Duration::from_millis(500);
/// Room for one read of the answer.
const CHUNK: usize = 64 << 10;

impl PodRun {
    /// Puts one question to the probe on a node; `limit` is for the whole exchange.
    pub(super) async fn ask<Q: Question>(
        &self,
        node: &str,
        question: Q,
        limit: Duration,
        journal: &Journal,
    ) -> Seen<Q::Answer> {
        let what = format!("the probe on {node}");
        let question: AnyQuestion = question.into();
        let text = serde_json::to_string(&question).map_err(|error| Unseen::unreadable(&what, error.to_string()))?;
        let printed = self.printed(node, &text, limit, journal).await?;
        read(&printed).map_err(|why| Unseen::unreadable(&what, why.to_string()))
    }

    /// What the probe on a node prints when it is asked this.
    async fn printed(&self, node: &str, question: &str, limit: Duration, journal: &Journal) -> Seen<Vec<u8>> {
        let began = Instant::now();
        let what = format!("the probe on {node}");
        let namespace = self.namespace();
        let rights = [EXEC_GET, EXEC_CREATE].map(|right| self.kubernetes.of_probes(right));
        if self.exec_refused.load(Ordering::Relaxed) {
            return self.ask_by_pod(node, question, limit, journal).await;
        }
        let client = self.kubernetes.client(journal).await.map_err(|silence| silence.unseen(&what, rights.clone()))?;
        let api: Api<core::Pod> = Api::namespaced(client, &namespace);
        let name = self.pod_on(node);
        let mut tries = 1;
        loop {
            let silence = match tokio::time::timeout(limit, exchange(&api, &name, question.as_bytes())).await {
                Err(_) => {
                    return Err(Unseen::unreadable(&what, format!("no answer within {:.1} s", limit.as_secs_f64())));
                }
                Ok(Err(Trouble::Words(why))) => return Err(Unseen::unreadable(&what, why)),
                Ok(Ok(printed)) => return Ok(printed),
                Ok(Err(Trouble::Api(error))) => self.kubernetes.told_apart(&error),
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
                    return self.ask_by_pod(node, question, limit, journal).await;
                }
                Silence::Status { code: 404, .. } => {
                    return Err(Unseen::unreadable(&what, "its pod is gone: deleted, or evicted, during the run"));
                }
                other => return Err(other.unseen(&what, rights)),
            }
        }
    }
}

enum Trouble {
    Api(kube::Error),
    Words(String),
}

async fn exchange(api: &Api<core::Pod>, name: &str, question: &[u8]) -> Result<Vec<u8>, Trouble> {
    let how = AttachParams::default()
        .container(CONTAINER)
        .stdin(true)
        .stdout(true)
        .stderr(false)
        .max_stdin_buf_size(CHUNK)
        .max_stdout_buf_size(CHUNK);
    let mut process = api.exec(name, [PATH, ASK], &how).await.map_err(Trouble::Api)?;
    let ended = process.take_status();
    let (Some(mut input), Some(mut output)) = (process.stdin(), process.stdout()) else {
        return Err(Trouble::Words("the stream has no input or output".to_owned()));
    };
    let sent = async {
        let written = input.write_all(question).await;
        let flushed = input.flush().await;
        written.and(flushed).map_err(|error| Trouble::Words(format!("the question was not taken: {error}")))
    };
    let mut text = Vec::new();
    let mut chunk = vec![0; CHUNK];
    // The question may be longer than the buffers: it is written while the answer is read. The input stays open until the
    // answer is there: before v5 of the protocol its end would close the whole stream.
    let heard = async {
        loop {
            match output.read(&mut chunk).await {
                Ok(0) => return Ok(()),
                Ok(read) => text.extend_from_slice(&chunk[..read]),
                Err(error) => return Err(Trouble::Words(format!("the stream broke: {error}"))),
            }
            if text.len() > LONGEST_ANSWER {
                return Err(Trouble::Words(format!("an answer of more than {LONGEST_ANSWER} bytes")));
            }
            if text.ends_with(b"\n") {
                return Ok(());
            }
        }
    };
    let (sent, heard) = tokio::join!(sent, heard);
    heard?;
    if text.is_empty() {
        sent?;
        let status = match ended {
            Some(status) => status.await.and_then(|status| status.message),
            None => None,
        };
        return Err(Trouble::Words(status.unwrap_or_else(|| "it ended without an answer".to_owned())));
    }
    drop(input);
    Ok(text)
}
