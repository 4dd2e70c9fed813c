//! Joins the command line to the catalogue, and nothing else.

fn main() -> std::process::ExitCode {
    ackcheck::cli::main(&ackcheck_checks::CATALOGUE)
}
