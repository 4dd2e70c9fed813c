//! README tells the truth: its site file is taken, its commands are understood, its files are there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ackcheck_core::config::{Connections, SecretSource, parse};

use crate::support::program::run_in;

/// The fenced blocks of README in a language.
fn fenced(language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut block: Option<Vec<&str>> = None;
    for line in include_str!("../../README.md").lines() {
        match (&mut block, line.strip_prefix("```")) {
            (None, Some(fence)) if fence == language => block = Some(Vec::new()),
            (None, _) => {}
            (Some(lines), Some(_)) => {
                blocks.push(lines.join("\n"));
                block = None;
            }
            (Some(lines), None) => lines.push(line),
        }
    }
    blocks
}

#[derive(Default)]
struct Secrets(ackcheck_core::secret::Scrubber);

impl SecretSource for Secrets {
    fn scrubber(&self) -> &ackcheck_core::secret::Scrubber {
        &self.0
    }
    fn environment(&self, name: &str) -> Result<String, String> {
        assert_eq!(name, "ACR_PASSWORD");
        Ok("secret".to_owned())
    }
    fn file(&self, path: &Path) -> Result<String, String> {
        panic!("README's site file has no secret in a file, but asks for {}", path.display())
    }
}

#[test]
fn the_site_file_is_taken_as_it_is_printed() {
    let site = fenced("toml");
    assert_eq!(site.len(), 2, "the example, and a waiver");
    let config = parse(Path::new("ackcheck.toml"), &site.join("\n"), &Secrets::default());
    let config = config.unwrap_or_else(|wrong| panic!("{wrong}"));
    assert_eq!(ackcheck_checks::CATALOGUE.check_waivers(&config.file, &config.waivers), Ok(()));
    assert_eq!(config.waivers.len(), 1);
    assert!(config.dss.is_some() && config.cluster.is_some() && config.registry.is_some() && config.cloud.is_some());
    assert_eq!(config.storage.unwrap().connections, Connections::All);
}

/// Every key that README names beside the example is one that the site file takes.
#[test]
fn the_further_keys_are_keys() {
    let readme = include_str!("../../README.md");
    let from = readme.find("Further keys: ").expect("README lists the further keys");
    let listed = readme[from..].split("\n\n").next().unwrap().replace('\n', " ");
    let mut sections = 0;
    for part in listed.split('`').skip(1).step_by(2) {
        let (section, keys) = part.split_once("] ").unwrap();
        for key in keys.split(", ") {
            let text = format!("{section}]\n{} = 1.5\n", key.trim());
            let wrong = parse(Path::new("ackcheck.toml"), &text, &Secrets::default()).unwrap_err().to_string();
            assert!(!wrong.contains("unknown key"), "{section}] {key}: {wrong}");
        }
        sections += 1;
    }
    assert_eq!(sections, 8);
}

/// `--help` behind a command: what comes before it is judged, and nothing is run.
#[test]
fn every_command_is_one_that_the_program_understands() {
    let commands: Vec<String> = fenced("sh")
        .iter()
        .flat_map(|block| block.lines())
        .filter_map(|line| line.split('#').next().unwrap().trim().strip_prefix("ackcheck ").map(str::to_owned))
        .collect();
    assert!(commands.len() > 7, "{commands:?}");
    for command in commands {
        let arguments: Vec<&str> = command.split_whitespace().chain(["--help"]).collect();
        let ended = run_in(Path::new("."), &arguments);
        assert_eq!(ended.code, Some(0), "ackcheck {command}: {}", ended.stderr);
    }
}

/// Findings named after `--fault` and `explain` exist.
#[test]
fn every_finding_it_names_can_be_explained() {
    let words = fenced("sh").join("\n");
    let mut words = words.split_whitespace();
    let mut findings = BTreeSet::new();
    while let Some(word) = words.next() {
        if matches!(word, "--fault" | "explain") {
            findings.extend(words.next());
        }
    }
    assert!(findings.len() > 1, "{findings:?}");
    for finding in findings {
        let ended = run_in(Path::new("."), &["explain", finding]);
        assert_eq!(ended.code, Some(0), "{finding}: {}", ended.stderr);
    }
}

#[test]
fn every_file_it_names_is_there() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let readme = include_str!("../../README.md");
    let links = readme.split("](").skip(1).map(|rest| rest.split(')').next().unwrap());
    let named = readme.split('`').skip(1).step_by(2);
    let named =
        named.filter(|name| ["src/", "checks/", "fixtures/", "ci/", ".ci/"].iter().any(|at| name.starts_with(at)));
    let mut found = 0;
    for file in links.chain(named).filter(|file| !file.contains("AREA")) {
        assert!(root.join(file).exists(), "{file} is not there");
        found += 1;
    }
    assert!(found >= 5, "{found}");
}

/// Every demand of the HOWTO has its checks, or is said to have none yet; and every check serves one of them.
#[test]
fn the_howto_is_proved_by_checks_that_are_there() {
    let table = include_str!("../../checks/HOWTO.md");
    let rows = table.lines().filter(|line| line.starts_with("| ")).skip(1);
    let mut named = std::collections::BTreeSet::new();
    for row in rows {
        let last = row.trim_end_matches([' ', '|']).rsplit('|').next().unwrap();
        let checks: Vec<&str> = last.split('`').skip(1).step_by(2).collect();
        assert!(!checks.is_empty() || last.trim() == "none yet", "{row}");
        named.extend(checks);
    }
    let known: std::collections::BTreeSet<&str> =
        ackcheck_checks::CATALOGUE.iter().map(|(_, check)| check.id).collect();
    assert_eq!(named, known);
}
