//! A test that cannot run here says so where it is counted, not in the output of a test that passes.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

/// Tells that the test of this thread cannot run here, and why: as a line `SKIPPED program/test: reason` on standard
/// error, and at the end of the file that the environment's `ACKCHECK_SKIPS` names.
pub(crate) fn skipped(reason: &str) {
    let test = std::thread::current();
    let test = test.name().expect("tests have threads with their names");
    let line = format!("SKIPPED {}/{test}: {}\n", env!("CARGO_CRATE_NAME"), reason.replace('\n', " "));
    // What is printed by macros is held back while a test passes.
    std::io::stderr().write_all(line.as_bytes()).expect("standard error takes a line");
    if let Some(file) = std::env::var_os("ACKCHECK_SKIPS") {
        let opened = OpenOptions::new().create(true).append(true).open(&file);
        let written = opened.and_then(|mut file| file.write_all(line.as_bytes()));
        written.unwrap_or_else(|error| panic!("ACKCHECK_SKIPS: {}: {error}", Path::new(&file).display()));
    }
}
