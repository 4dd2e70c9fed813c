//! `pods/exec` over a WebSocket: `v5.channel.k8s.io`, and `v4` without the closing of single streams.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::SplitSink;
use futures_util::{SinkExt as _, StreamExt as _};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body_util::BodyExt as _;
use http_body_util::Empty;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message, Role, WebSocketConfig};

use super::words::Status;
use crate::http::Response;

const STDIN: u8 = 0;
const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const ERROR: u8 = 3;
const CLOSE: u8 = 255;

/// How long a connection is kept for a client that neither sends nor closes: the kubelet's streaming idle limit is 4 h.
const LONGEST: Duration = Duration::from_secs(600);

/// For one WebSocket, in bytes each way.
const BUFFER: usize = 4096;

/// A container to run a command in.
#[derive(Debug, Clone)]
pub(crate) struct Container {
    pub(crate) uid: String,
    pub(crate) node: String,
}

/// How a command in a container ended.
#[derive(Debug, Clone)]
pub(crate) enum Execution {
    /// With this exit code.
    Exited { code: i32, stdout: Vec<u8>, stderr: Vec<u8> },
    /// It could not be started; the runtime's words.
    NotStarted(String),
}

/// What the API needs of the nodes.
#[async_trait]
pub(crate) trait Nodes: Send + Sync {
    /// Runs a command in a running container. Its standard input ends when `stdin` does.
    async fn execute(&self, target: &Container, command: &[String], stdin: mpsc::Receiver<Bytes>) -> Execution;
    /// What a container printed so far; none if it never started.
    fn log(&self, uid: &str) -> Option<String>;
}

/// Which streams the client wants.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Streams {
    pub(crate) stdin: bool,
    pub(crate) stdout: bool,
    pub(crate) stderr: bool,
}

/// Agrees to the upgrade and runs the command once the connection is a WebSocket.
pub(crate) fn upgrade(
    headers: &HeaderMap,
    upgrade: OnUpgrade,
    nodes: Arc<dyn Nodes>,
    target: Container,
    command: Vec<String>,
    streams: Streams,
) -> Result<Response, Status> {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !text(header::UPGRADE).eq_ignore_ascii_case("websocket") {
        return Err(Status::bad_request("Upgrade request required"));
    }
    let offered: Vec<&str> = text(header::SEC_WEBSOCKET_PROTOCOL).split(',').map(str::trim).collect();
    let agreed = ["v5.channel.k8s.io", "v4.channel.k8s.io"].into_iter().find(|ours| offered.contains(ours));
    let Some(agreed) = agreed else {
        return Err(Status::bad_request(format!("unable to negotiate protocol: client supports {offered:?}")));
    };
    let key = text(header::SEC_WEBSOCKET_KEY);
    if key.is_empty() {
        return Err(Status::bad_request("missing Sec-WebSocket-Key"));
    }
    let accept = derive_accept_key(key.as_bytes());
    tokio::spawn(async move {
        if let Ok(upgraded) = upgrade.await {
            let conversation = converse(upgraded, nodes, target, command, streams);
            let _ = tokio::time::timeout(LONGEST, conversation).await;
        }
    });
    let mut response = Response::new(Empty::new().boxed_unsync());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let answered = response.headers_mut();
    answered.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    answered.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    answered.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(agreed));
    if let Ok(accept) = HeaderValue::from_str(&accept) {
        answered.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    }
    Ok(response)
}

type Outgoing = SplitSink<WebSocketStream<TokioIo<Upgraded>>, Message>;

async fn converse(
    upgraded: Upgraded,
    nodes: Arc<dyn Nodes>,
    target: Container,
    command: Vec<String>,
    streams: Streams,
) {
    // Its default buffers are for streams; here thousands of commands print a few lines each.
    let small = WebSocketConfig::default().read_buffer_size(BUFFER).write_buffer_size(BUFFER);
    let socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(small)).await;
    let (mut sending, mut receiving) = socket.split();
    // As the kubelet does, so that the client knows that the streams are there.
    if send(&mut sending, STDOUT, &[]).await.is_err() {
        return;
    }
    let (stdin, received) = mpsc::channel(16);
    let mut stdin = streams.stdin.then_some(stdin);
    let run = nodes.execute(&target, &command, received);
    tokio::pin!(run);
    let execution = loop {
        tokio::select! {
            execution = &mut run => break execution,
            message = receiving.next() => match message {
                Some(Ok(Message::Binary(data))) => match data.split_first() {
                    Some((&STDIN, rest)) if !rest.is_empty() => {
                        if let Some(stdin) = &stdin {
                            let _ = stdin.send(Bytes::copy_from_slice(rest)).await;
                        }
                    }
                    Some((&CLOSE, [STDIN])) => stdin = None,
                    _ => {}
                },
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => {}
            },
        }
    };
    let status = match execution {
        Execution::Exited { code, stdout, stderr } => {
            for (wanted, channel, bytes) in [(streams.stdout, STDOUT, stdout), (streams.stderr, STDERR, stderr)] {
                for chunk in bytes.chunks(16 * 1024).filter(|_| wanted) {
                    if send(&mut sending, channel, chunk).await.is_err() {
                        return;
                    }
                }
            }
            ended(code)
        }
        Execution::NotStarted(why) => Status::internal(format!("error executing command in container: {why}")).json(),
    };
    if send(&mut sending, ERROR, status.to_string().as_bytes()).await.is_err() {
        return;
    }
    let frame = CloseFrame { code: CloseCode::Normal, reason: "".into() };
    if sending.send(Message::Close(Some(frame))).await.is_err() {
        return;
    }
    while let Some(Ok(message)) = receiving.next().await {
        if message.is_close() {
            break;
        }
    }
}

async fn send(sending: &mut Outgoing, channel: u8, data: &[u8]) -> Result<(), tokio_tungstenite::tungstenite::Error> {
    let mut message = Vec::with_capacity(data.len() + 1);
    message.push(channel);
    message.extend_from_slice(data);
    sending.send(Message::Binary(Bytes::from(message))).await
}

/// What the error channel says of a command that ran.
fn ended(code: i32) -> Value {
    if code == 0 {
        return json!({"metadata": {}, "status": "Success"});
    }
    json!({
        "metadata": {}, "status": "Failure", "reason": "NonZeroExitCode",
        "message": format!("command terminated with non-zero exit code: exit status {code}"),
        "details": {"causes": [{"reason": "ExitCode", "message": code.to_string()}]},
    })
}
