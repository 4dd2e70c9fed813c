//! The process of a container: the probe, answered from the lab's network.

use std::sync::Arc;

use ackcheck_probe::{ASK, Answer, Ask, HOLD, PATH};
use bytes::Bytes;
use k8s_openapi::api::core::v1::Container;
use tokio::sync::mpsc;

use super::image::Image;
use crate::lab::kubernetes::exec::Execution;
use crate::lab::network::Network;

/// The longest ask read, in bytes.
const LONGEST_ASK: usize = 1 << 20;

/// A process that runs in a container.
#[derive(Debug, Clone)]
pub(super) struct Process {
    image: Arc<Image>,
    command: Vec<String>,
    /// The node can run the image's machine code.
    native: bool,
}

impl Process {
    /// What a container starts on a node of an architecture: `command` replaces the image's entry point, `args` its arguments.
    pub(super) fn new(image: &Arc<Image>, container: &Container, architecture: &str) -> Process {
        let mut command = container.command.clone().filter(|command| !command.is_empty());
        let given = command.is_some();
        let mut arguments = container.args.clone().unwrap_or_default();
        if arguments.is_empty() && !given {
            arguments.clone_from(&image.arguments);
        }
        command.get_or_insert_with(|| image.entrypoint.clone()).extend(arguments);
        let command = command.unwrap_or_default();
        Process { image: image.clone(), command, native: image.architecture == architecture }
    }

    /// Why the runtime cannot start it at all.
    pub(super) fn unstartable(&self) -> Option<String> {
        let Some(program) = self.command.first() else {
            return Some("failed to generate container spec: no command specified".to_owned());
        };
        self.missing(program).map(|why| {
            format!("failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: {why}: unknown")
        })
    }

    fn missing(&self, program: &str) -> Option<String> {
        if self.image.executables.iter().any(|path| path == program) {
            return None;
        }
        Some(match program.contains('/') {
            true => format!("exec: \"{program}\": stat {program}: no such file or directory"),
            false => format!("exec: \"{program}\": executable file not found in $PATH"),
        })
    }

    /// Its exit code and what it printed, where it does not stay.
    pub(super) fn ends_at_once(&self) -> Option<(i32, String)> {
        let program = self.command.first().map(String::as_str).unwrap_or_default();
        if !self.native {
            return Some((255, format!("exec {program}: exec format error\n")));
        }
        let arguments: Vec<&str> = self.command.iter().skip(1).map(String::as_str).collect();
        match arguments.as_slice() {
            _ if program != PATH => None,
            [HOLD] | [ASK, _] => None,
            [ASK] => Some((1, print(&bad_ask("EOF while parsing a value")))),
            _ => Some((2, usage())),
        }
    }

    /// The ask it was started with, which it answers before it ends.
    pub(super) fn asked(&self) -> Option<&str> {
        match self.command.as_slice() {
            [program, ask, text] if program == PATH && ask == ASK => Some(text),
            _ => None,
        }
    }

    /// Its exit code and what it printed, once it has answered.
    pub(super) async fn answer(network: &Network, node: &str, text: &str) -> (i32, String) {
        let answer = match serde_json::from_str(text) {
            Ok(ask) => network.answer(node, &ask).await,
            Err(error) => bad_ask(&error.to_string()),
        };
        (code(&answer), print(&answer))
    }

    /// Runs a command beside it.
    pub(super) async fn execute(
        &self,
        network: &Network,
        node: &str,
        command: &[String],
        stdin: mpsc::Receiver<Bytes>,
    ) -> Execution {
        let (program, arguments) = match command {
            [program, arguments @ ..] => (program.as_str(), arguments),
            [] => return Execution::NotStarted("no command".to_owned()),
        };
        if let Some(why) = self.missing(program) {
            return Execution::NotStarted(format!(
                "failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: {why}: unknown"
            ));
        }
        match arguments {
            [ask, text] if program == PATH && ask == ASK => {
                let (code, printed) = Process::answer(network, node, text).await;
                Execution::Exited { code, stdout: printed.into_bytes(), stderr: Vec::new() }
            }
            [ask] if program == PATH && ask == ASK => {
                let answer = match read(stdin).await {
                    Ok(ask) => network.answer(node, &ask).await,
                    Err(why) => bad_ask(&why),
                };
                Execution::Exited { code: code(&answer), stdout: print(&answer).into_bytes(), stderr: Vec::new() }
            }
            _ => Execution::Exited { code: 2, stdout: Vec::new(), stderr: usage().into_bytes() },
        }
    }
}

/// Reads one ask. It ends where its JSON does: a client of the older protocol cannot close the stream.
async fn read(mut stdin: mpsc::Receiver<Bytes>) -> Result<Ask, String> {
    let mut text = Vec::new();
    while let Some(more) = stdin.recv().await {
        text.extend_from_slice(&more);
        if text.len() > LONGEST_ASK {
            return Err(format!("longer than {LONGEST_ASK} bytes"));
        }
        match serde_json::from_slice(&text) {
            Ok(ask) => return Ok(ask),
            Err(error) if error.is_eof() => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    serde_json::from_slice(&text).map_err(|error| error.to_string())
}

fn bad_ask(why: &str) -> Answer {
    Answer::Broken { why: format!("the ask cannot be read: {why}") }
}

fn code(answer: &Answer) -> i32 {
    i32::from(matches!(answer, Answer::Broken { .. }))
}

fn print(answer: &Answer) -> String {
    let text =
        serde_json::to_string(answer).unwrap_or_else(|error| format!("{{\"answer\":\"broken\",\"why\":\"{error}\"}}"));
    format!("{text}\n")
}

fn usage() -> String {
    format!("usage: {PATH} {HOLD} | {PATH} {ASK} ASK | {PATH} {ASK} < ask.json\n")
}
