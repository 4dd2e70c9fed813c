//! What every pattern must hold.

use ackcheck_checks::CATALOGUE;
use ackcheck_core::template;
use jiff::tz::TimeZone;
use regex::Regex;

use crate::envelope;
use crate::family::{Family, Pattern};
use crate::literals;
use crate::patterns::{FILES, Known, Patterns};

/// The fewest bytes of a literal that decides which lines are looked at: shorter ones are met by chance.
const SHORTEST_LITERAL: usize = 8;

#[track_caller]
fn complain(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{} patterns are wrong:\n  {}", wrong.len(), wrong.join("\n  "));
}

fn all() -> &'static [Known] {
    &Patterns::known().all
}

/// The ids of the patterns that a text matches.
fn recognised(text: &str) -> Vec<&'static str> {
    let patterns = Patterns::known();
    let text = envelope::unwrapped(text.as_bytes());
    patterns.matcher.matches(&text).iter().map(|found| patterns.all[found.pattern].pattern.id.as_str()).collect()
}

fn texts(family: &Family, pattern: &Pattern) -> Vec<String> {
    if pattern.pull.is_some() { family.pull_texts.clone() } else { pattern.texts.clone() }
}

#[test]
fn every_file_below_patterns_is_a_family() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("patterns");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap().trim_end_matches(".toml").to_owned())
        .collect();
    names.sort();
    let mut known: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
    known.sort_unstable();
    assert_eq!(names, known);
}

#[test]
fn every_pattern_has_a_name_of_its_own_and_points_at_findings_of_the_catalogue() {
    let mut wrong = Vec::new();
    for (at, Known { pattern, .. }) in all().iter().enumerate() {
        let named = pattern.id.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-');
        if !named || all()[..at].iter().any(|other| other.pattern.id == pattern.id) {
            wrong.push(format!("{}: not a name of its own", pattern.id));
        }
        if pattern.proof.is_empty() {
            wrong.push(format!("{}: no check proves it", pattern.id));
        }
        wrong.extend(
            pattern
                .proof
                .iter()
                .filter_map(|proof| Some(format!("{}: {}", pattern.id, CATALOGUE.find_finding(proof).err()?))),
        );
    }
    complain(wrong);
}

#[test]
fn every_text_has_the_groups_of_its_cause_and_a_literal_that_decides() {
    let mut wrong = Vec::new();
    for (name, file) in FILES {
        let family: Family = toml::from_str(file).unwrap_or_else(|error| panic!("{name}.toml: {error}"));
        for pattern in &family.pattern {
            let texts = texts(&family, pattern);
            if texts.is_empty() || (pattern.pull.is_some() && !pattern.texts.is_empty()) {
                wrong.push(format!("{}: either texts or a pull", pattern.id));
            }
            for text in texts {
                let regex = Regex::new(&text).unwrap_or_else(|error| panic!("{}: {error}", pattern.id));
                let groups: Vec<&str> = regex.capture_names().flatten().collect();
                let missing = template::placeholders(&pattern.cause).into_iter().find(|name| !groups.contains(name));
                wrong.extend(missing.map(|name| format!("{}: no group {name} in {text}", pattern.id)));
                let literals = literals::required(&text).unwrap().unwrap_or_default();
                if literals::telling(&literals) < SHORTEST_LITERAL {
                    wrong.push(format!("{}: {literals:?} decide for {text}", pattern.id));
                }
            }
        }
    }
    complain(wrong);
}

#[test]
fn causes_are_a_line_that_people_read() {
    let mut wrong = Vec::new();
    for Known { pattern, .. } in all() {
        let cause = &pattern.cause;
        let ends = cause.ends_with(['.', ':', ' ']);
        if cause.is_empty() || cause.contains('\n') || cause.chars().count() > 130 || ends || cause.contains("  ") {
            wrong.push(format!("{}: {cause}", pattern.id));
        }
    }
    complain(wrong);
}

#[test]
fn samples_are_recognised_with_their_groups_and_by_nothing_else() {
    let mut wrong = Vec::new();
    let patterns = Patterns::known();
    for (at, Known { pattern, .. }) in all().iter().enumerate() {
        if pattern.sample.len() < 2 {
            wrong.push(format!("{}: fewer than two samples", pattern.id));
        }
        for sample in &pattern.sample {
            let text = envelope::unwrapped(sample.text.as_bytes());
            let matches = patterns.matcher.matches(&text);
            let Some(own) = matches.iter().find(|found| found.pattern == at) else {
                wrong.push(format!("{}: not recognised: {text}", pattern.id));
                continue;
            };
            let groups = sample.groups.iter().filter(|(name, value)| own.groups.get(*name) != Some(value));
            wrong.extend(
                groups
                    .map(|(name, value)| format!("{}: {name} is {:?}, not {value}", pattern.id, own.groups.get(name))),
            );
            let yields = |id: &str| {
                all().iter().any(|known| known.pattern.id == id && known.pattern.yields_to.contains(&pattern.id))
            };
            let others = recognised(&sample.text).into_iter().filter(|id| *id != pattern.id && !yields(id));
            let others: Vec<&str> = others.collect();
            if others != sample.also {
                wrong.push(format!("{}: recognised as {others:?} too, not {:?}: {text}", pattern.id, sample.also));
            }
        }
    }
    complain(wrong);
}

#[test]
fn what_nearly_looks_like_it_is_left() {
    let mut wrong = Vec::new();
    for Known { pattern, .. } in all() {
        if pattern.leaves.is_empty() {
            wrong.push(format!("{}: nothing that it leaves", pattern.id));
        }
        let met = pattern.leaves.iter().filter(|text| recognised(text).contains(&pattern.id.as_str()));
        wrong.extend(met.map(|text| format!("{}: {text}", pattern.id)));
    }
    complain(wrong);
}

#[test]
fn nothing_follows_from_itself() {
    fn reaches(from: usize, to: usize, edges: fn(&Known) -> &Vec<usize>, left: usize) -> bool {
        left > 0 && edges(&all()[from]).iter().any(|next| *next == to || reaches(*next, to, edges, left - 1))
    }
    for (at, known) in all().iter().enumerate() {
        for edges in [(|known: &Known| &known.follows) as fn(&Known) -> &Vec<usize>, |known| &known.yields_to] {
            assert!(!reaches(at, at, edges, 8), "{} follows from itself", known.pattern.id);
        }
    }
}

#[test]
fn the_expressions_of_the_program_compile() {
    let clock = crate::Clock { now: jiff::Timestamp::UNIX_EPOCH, zone: TimeZone::UTC };
    assert!(clock.read(b"[2026/01/02-03:04:05.678] x").is_some());
    assert!(envelope::continues(b"Caused by: x"));
}
