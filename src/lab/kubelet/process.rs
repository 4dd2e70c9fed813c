//! The process of a container: the probe, answered from the lab's network.

use std::sync::Arc;

use ackcheck_probe::command::{self, Wanted};
use ackcheck_probe_protocol::{AnyQuestion, LONGEST_QUESTION, PATH};
use bytes::Bytes;
use k8s_openapi::api::core::v1::Container;
use tokio::sync::mpsc;

use super::image::Image;
use crate::kubernetes::exec::Execution;
use crate::network::Network;

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

    /// Its exit code and what it printed, once it ends; none if it stays.
    pub(super) async fn ends(&self, network: &Network, node: &str) -> Option<(i32, String)> {
        let (program, words) = self.command.split_first()?;
        if !self.native {
            return Some((255, format!("exec {program}: exec format error\n")));
        }
        if program != PATH {
            return None;
        }
        let wanted = command::parse(words);
        if wanted == Ok(Wanted::Hold) {
            return None;
        }
        // Its standard input is closed.
        let (code, stdout, stderr) = run(network, node, wanted, mpsc::channel(1).1).await;
        Some((code, stdout + &stderr))
    }

    /// Runs a command beside it.
    pub(super) async fn execute(
        &self,
        network: &Network,
        node: &str,
        command: &[String],
        stdin: mpsc::Receiver<Bytes>,
    ) -> Execution {
        let Some((program, words)) = command.split_first() else {
            return Execution::NotStarted("no command".to_owned());
        };
        if let Some(why) = self.missing(program) {
            return Execution::NotStarted(format!(
                "failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: {why}: unknown"
            ));
        }
        let wanted = match program == PATH {
            true => command::parse(words),
            false => Err(format!("{program} is not simulated")),
        };
        let (code, stdout, stderr) = run(network, node, wanted, stdin).await;
        Execution::Exited { code, stdout: stdout.into_bytes(), stderr: stderr.into_bytes() }
    }
}

/// What the probe does with these words: its exit code, and what it prints on either stream.
async fn run(
    network: &Network,
    node: &str,
    wanted: Result<Wanted, String>,
    stdin: mpsc::Receiver<Bytes>,
) -> (i32, String, String) {
    let question = match wanted {
        Ok(Wanted::Answer(question)) => Ok(question),
        Ok(Wanted::AnswerToInput) => read(stdin).await.map_err(|why| format!("the question cannot be read: {why}")),
        Ok(Wanted::NotAQuestion(why)) => Err(why),
        Ok(Wanted::Help | Wanted::Version | Wanted::Hold) => {
            return (command::ANSWERED.into(), command::help("ackcheck-probe"), String::new());
        }
        Err(why) => return (command::USAGE.into(), String::new(), format!("ackcheck-probe: {why}\n")),
    };
    let line = match question {
        Ok(question) => network.answer(node, &question).await,
        Err(why) => command::cannot_look(why),
    };
    (command::code(&line).into(), line.text, String::new())
}

/// Reads one question to the probe. It ends where its JSON does: a client of the older protocol cannot close the stream.
async fn read(mut stdin: mpsc::Receiver<Bytes>) -> Result<AnyQuestion, String> {
    let mut text = Vec::new();
    while let Some(more) = stdin.recv().await {
        text.extend_from_slice(&more);
        if text.len() > LONGEST_QUESTION {
            return Err(format!("longer than {LONGEST_QUESTION} bytes"));
        }
        match serde_json::from_slice(&text) {
            Ok(question) => return Ok(question),
            Err(error) if error.is_eof() => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    serde_json::from_slice(&text).map_err(|error| error.to_string())
}
