//! Joins the engine to the catalogue, and nothing else.

#[path = "../checks/mod.rs"]
mod checks;

fn main() -> std::process::ExitCode {
    ackcheck::cli::main(&checks::CATALOGUE)
}
