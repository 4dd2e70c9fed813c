//! What the compiler cannot hold: the order of the parts within the core, which part prints, and what no check does.
//! Which crate knows which is in the manifests.

use std::fs;
use std::path::{Path, PathBuf};

/// The order of the parts of the core, as `src/core/lib.rs` lists them.
const PARTS: [&str; 31] = [
    "sync",
    "inet_aton",
    "local_name",
    "io_error",
    "reach",
    "java",
    "text_file",
    "place",
    "placeholder",
    "right",
    "subject",
    "verdict",
    "secret",
    "evidence",
    "template",
    "shell",
    "remedy",
    "fault",
    "config",
    "seat",
    "required_ports",
    "dss_facts",
    "hadoop_configuration",
    "context",
    "check",
    "catalogue",
    "rights",
    "record",
    "run",
    "report",
    "compare",
];

/// Parts next to each other that must not know one another, whatever their order.
const STRANGERS: [(&str, &str); 1] = [("run", "report")];

/// What a check may not touch: it asks its seat.
const FORBIDDEN_IN_CHECKS: [&str; 12] = [
    "std::fs",
    "std::net::Tcp",
    "std::net::Udp",
    "std::env",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "Instant::now",
    "SystemTime",
    "tokio",
    "reqwest",
    "Timestamp::now",
];

const PRINTING: [&str; 5] = ["println!", "eprintln!", "print!", "eprint!", "dbg!"];

struct Source {
    /// From the package's root: `src/core/run/mod.rs`.
    path: String,
    /// Line numbers with their code; comments and test modules left out.
    lines: Vec<(usize, String)>,
}

impl Source {
    fn part(&self) -> Option<&str> {
        let name = self.path.strip_prefix("src/core/")?.split('/').next()?;
        Some(name.trim_end_matches(".rs"))
    }
}

fn sources(below: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join(below)];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.extension().is_some_and(|extension| extension == "rs") => files.push(path),
                false => {}
            }
        }
    }
    files.sort();
    assert!(!files.is_empty(), "{below} has no sources");
    files
        .iter()
        .map(|path| {
            let text = fs::read_to_string(path).unwrap();
            let path = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            Source { path, lines: code(&text) }
        })
        .collect()
}

/// The lines of code: from `#[cfg(test)]` at the margin on, a file of ours is tests.
fn code(text: &str) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if line.starts_with("#[cfg(test)]") {
            break;
        }
        let code = match line.trim_start().starts_with("//") {
            true => "",
            false => line.split(" // ").next().unwrap_or(line),
        };
        lines.push((at + 1, code.to_owned()));
    }
    lines
}

fn is_test_file(path: &str) -> bool {
    path.ends_with("tests.rs") || path.contains("/tests/")
}

/// The parts that code names as `crate::PART`, braces over several lines included, each with its line.
fn named(lines: &[(usize, String)]) -> Vec<(usize, &'static str)> {
    let mut parts = Vec::new();
    for (at, (number, line)) in lines.iter().enumerate() {
        for (column, _) in line.match_indices("crate::") {
            let rest: String = std::iter::once(&line[column + "crate::".len()..])
                .chain(lines[at + 1..].iter().map(|(_, line)| line.as_str()))
                .take(40)
                .collect::<Vec<_>>()
                .join("\n");
            parts.extend(first_names(&rest).into_iter().map(|part| (*number, part)));
        }
    }
    parts
}

/// The part a path begins with, or the parts that the paths of a braced list begin with.
fn first_names(path: &str) -> Vec<&'static str> {
    let known = |name: &str| {
        let name = name.trim();
        let end = name.find(|c: char| !(c.is_ascii_lowercase() || c == '_')).unwrap_or(name.len());
        PARTS.iter().copied().find(|part| *part == &name[..end])
    };
    let Some(list) = path.strip_prefix('{') else { return known(path).into_iter().collect() };
    let (mut depth, mut begin, mut names) = (1, 0, Vec::new());
    for (at, letter) in list.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && letter == ',') {
            names.extend(known(&list[begin..at]));
            begin = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    names
}

fn complain(what: &str, wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{what}:\n  {}", wrong.join("\n  "));
}

#[test]
fn the_core_lists_its_parts_in_their_order() {
    let map = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/core/lib.rs")).unwrap();
    let declared: Vec<&str> = map.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert_eq!(declared, PARTS, "src/core/lib.rs and the order of tests/suite/layers.rs differ");
}

#[test]
fn a_part_names_only_parts_before_it() {
    let place = |part: &str| PARTS.iter().position(|other| *other == part);
    let mut wrong = Vec::new();
    for source in sources("src/core").iter().filter(|source| !is_test_file(&source.path)) {
        let Some((part, at)) = source.part().and_then(|part| Some((part, place(part)?))) else { continue };
        for (number, other) in named(&source.lines) {
            let upward = place(other).is_some_and(|place| place > at);
            let strangers = STRANGERS.iter().any(|(a, b)| (*a, *b) == (part, other) || (*b, *a) == (part, other));
            if upward || strangers {
                wrong.push(format!("{}:{number}: {part} may not know {other}", source.path));
            }
        }
    }
    complain("parts that know what they may not", wrong);
}

#[test]
fn only_the_command_line_prints() {
    let mut wrong = Vec::new();
    let all = sources("src").into_iter().chain(sources("checks"));
    // The probe is a program of its own, whose output is its answer.
    let may = |path: &str| {
        path.starts_with("src/cli/")
            || path.starts_with("src/probe/")
            || path.ends_with("/build.rs")
            || is_test_file(path)
    };
    for source in all.filter(|source| !may(&source.path)) {
        for (number, line) in &source.lines {
            if PRINTING.iter().any(|macro_name| line.contains(macro_name)) {
                wrong.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    complain("printing outside of src/cli", wrong);
}

#[test]
fn checks_only_ask_their_seat() {
    let mut wrong = Vec::new();
    for source in sources("checks").iter().filter(|source| source.path != "checks/laws.rs") {
        for (number, line) in &source.lines {
            for word in FORBIDDEN_IN_CHECKS.iter().filter(|word| line.contains(**word)) {
                wrong.push(format!("{}:{number}: a check may not use {word}: {}", source.path, line.trim()));
            }
            for word in ["ackcheck_core::run", "ackcheck_core::report"].iter().filter(|word| line.contains(**word)) {
                wrong.push(format!("{}:{number}: a check may not know {word}: {}", source.path, line.trim()));
            }
        }
    }
    complain("checks that look past their seat", wrong);
}

/// What day it is decides about waivers: the core is told by who calls it, so that a test can say.
#[test]
fn the_core_does_not_look_at_the_calendar() {
    let mut wrong = Vec::new();
    for source in sources("src/core").iter().filter(|source| !source.path.ends_with("_tests.rs")) {
        for (number, line) in &source.lines {
            if ["Timestamp::now", "Zoned::now", "SystemTime::now"].iter().any(|now| line.contains(now)) {
                wrong.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    complain("a clock in the core besides the one of run::Options", wrong);
}

#[test]
fn the_reader_of_these_laws_sees_what_it_must() {
    let parts = |text: &str| named(&code(text)).into_iter().map(|(_, part)| part).collect::<Vec<_>>();
    assert_eq!(
        parts("use crate::{\n    place::Area, verdict::{Code, Finding},\n    run::patience::{self, X},\n};"),
        ["place", "verdict", "run"]
    );
    assert_eq!(parts("crate::run::run(crate::report::render())"), ["run", "report"]);
    assert_eq!(parts("use crate::seat;\nuse crate::evidence::{run, report};"), ["seat", "evidence"]);
    assert_eq!(code("a\n// crate::run\nb // crate::run\n#[cfg(test)]\nc").len(), 3);
}
