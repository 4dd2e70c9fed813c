//! `ackcheck-probe`: what `ackcheck probe` does, as a program small enough to travel to every node.

use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    ExitCode::from(ackcheck_probe::command::main("ackcheck-probe", &words))
}
