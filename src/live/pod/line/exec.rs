//! One question put to the probe in its pod, by exec over a WebSocket: the question on its standard input, the answer on
//! its output.

use k8s_openapi::api::core::v1 as core;
use kube::Api;
use kube::api::AttachParams;
use tokio::io::{AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::watch;

use super::Asked;
use crate::pod::spec::CONTAINER;
use ackcheck_probe_protocol::{ASK, PATH};

/// The longest answer read, in bytes: a sweep in which every port differs from its neighbour.
const LONGEST_ANSWER: usize = 6 << 20;
/// Room for one read of the answer.
const CHUNK: usize = 64 << 10;

/// Why an exec brought nothing.
pub(super) enum Trouble {
    /// It was not begun.
    Api(kube::Error),
    /// It was, and broke; how, in words.
    Stream(String),
}

/// Writes the question to the probe, and gives what it prints.
pub(super) async fn exchange(api: &Api<core::Pod>, name: &str, asked: &Asked) -> Result<Vec<u8>, Trouble> {
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
        return Err(Trouble::Stream("the stream has no input or output".to_owned()));
    };
    let mut sent = Ok(());
    let saying = async {
        sent = say(&mut input, &asked.text).await;
        if sent.is_ok()
            && let Some(rates) = &asked.steered
        {
            steer(&mut input, rates.clone()).await;
        }
        std::future::pending::<()>().await;
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
                Err(error) => return Err(Trouble::Stream(format!("the stream broke: {error}"))),
            }
            if text.len() > LONGEST_ANSWER {
                return Err(Trouble::Stream(format!("an answer of more than {LONGEST_ANSWER} bytes")));
            }
            if text.ends_with(b"\n") {
                return Ok(());
            }
        }
    };
    tokio::select! {
        heard = heard => heard?,
        () = saying => {}
    }
    if text.is_empty() {
        sent.map_err(|error| Trouble::Stream(format!("the question was not taken: {error}")))?;
        let status = match ended {
            Some(status) => status.await.and_then(|status| status.message),
            None => None,
        };
        return Err(Trouble::Stream(status.unwrap_or_else(|| "it ended without an answer".to_owned())));
    }
    drop(input);
    Ok(text)
}

async fn say(input: &mut (impl AsyncWrite + Unpin), text: &str) -> std::io::Result<()> {
    input.write_all(text.as_bytes()).await?;
    input.flush().await
}

/// Says each rate that comes; where the stream does not take it the answer tells why.
async fn steer(input: &mut (impl AsyncWrite + Unpin), mut rates: watch::Receiver<u32>) {
    while rates.changed().await.is_ok() {
        let rate = *rates.borrow_and_update();
        if say(input, &format!("{rate}\n")).await.is_err() {
            return;
        }
    }
}
