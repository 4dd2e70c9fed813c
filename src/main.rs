//! Joins the engine to the catalogue, and nothing else.

#[path = "../checks/mod.rs"]
mod checks;
#[cfg(test)]
#[path = "../checks/laws.rs"]
mod laws;

fn main() -> std::process::ExitCode {
    ackcheck::cli::main(&checks::CATALOGUE)
}
