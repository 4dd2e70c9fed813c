//! What every check must satisfy. Laws about a check's text are here; those that need a broken lab are `tests/trials.rs`.
//! Each failure says the lines to add.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::{Area, Stage};
use ackcheck_core::remedy::Remedy;
use ackcheck_core::seat;
use ackcheck_core::seat::operation::Operation;
use ackcheck_core::seat::pod::SWEEPS_WITHIN;
use ackcheck_core::subject::Each;

use crate::CATALOGUE;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// Every check with its folder's path below `checks/`.
fn checks() -> Vec<(String, &'static Check)> {
    CATALOGUE.iter().map(|(area, check)| (format!("{}/{}", area.name(), check.id.replace('-', "_")), check)).collect()
}

fn subfolders(of: &Path) -> Vec<String> {
    let entries = fs::read_dir(of).unwrap_or_else(|error| panic!("{}: {error}", of.display()));
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Turns of phrase that a native reader stumbles over, each with what to write instead.
const NOT_PLAIN: [(&str, &str); 15] = [
    ("is no ", "is not a"),
    ("are no ", "are not"),
    ("names no ", "does not name"),
    ("may not ", "is not allowed to, or cannot"),
    ("mend", "fix"),
    ("told", "say who reports what"),
    ("asked of", "say who asks whom"),
    ("stands on", "depends on"),
    ("anew", "again"),
    ("in so many words", "explicitly"),
    ("belong into", "belong in"),
    ("belongs into", "belongs in"),
    ("forbids to ", "forbids doing it"),
    ("ended at", "expired at"),
    ("administration >", "Administration →, as for every page"),
];

/// What of a text is not plain English, with what to write instead. Words are compared whole at their start.
fn not_plain(text: &str) -> Vec<String> {
    let lower = text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    // "There is no secret" and "is no longer" are plain.
    let lower = lower.replace("there is no ", "").replace("no longer", "");
    let holds = |phrase: &str| lower.match_indices(phrase).any(|(at, _)| !lower[..at].ends_with(char::is_alphanumeric));
    let found = NOT_PLAIN.iter().filter(|(phrase, _)| holds(phrase));
    found.map(|(phrase, instead)| format!("{:?}: write {instead:?}", phrase.trim())).collect()
}

#[track_caller]
fn hold(law: &str, broken: Vec<String>) {
    assert!(broken.is_empty(), "{law}; fix:\n  {}", broken.join("\n  "));
}

/// `oss-write`: lower case words and digits joined by hyphens.
fn is_name(text: &str) -> bool {
    let word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.split('-').all(word)
}

#[test]
fn law_1_every_folder_is_a_check_and_every_check_has_its_folder() {
    let known: BTreeSet<String> = checks().into_iter().map(|(path, _)| path).collect();
    let mut broken = Vec::new();
    for area in subfolders(&folder()) {
        if !Area::ALL.iter().any(|known| known.name() == area) {
            broken.push(format!("checks/{area} is not an area of src/core/place.rs"));
        }
        for name in subfolders(&folder().join(&area)) {
            // What several checks of the area share: `NAME.rs`, with its parts in the folder.
            let shared = folder().join(&area).join(format!("{name}.rs")).is_file();
            if !shared && !known.contains(&format!("{area}/{name}")) {
                let at = format!("checks/{area}/mod.rs");
                broken.push(format!(
                    "add to {at}: `pub(crate) mod {name};` and, in CHECKS, `&{name}::CHECK`, id `{}`",
                    name.replace('_', "-")
                ));
            }
        }
    }
    for path in &known {
        for file in ["mod.rs", "remedy.md", "trials.rs"] {
            if !folder().join(path).join(file).is_file() {
                broken.push(format!("checks/{path}/{file} is missing; the folder's name is the id with underscores"));
            }
        }
    }
    hold("every folder is in the catalogue and every check has its folder", broken);
}

#[test]
fn law_1_ids_and_titles_are_well_formed_and_unique() {
    let mut broken = Vec::new();
    let mut seen: BTreeMap<&str, String> = BTreeMap::new();
    for (path, check) in checks() {
        if let Some(other) = seen.insert(check.id, path.clone()) {
            broken.push(format!("checks/{path}: the id `{}` is taken by checks/{other}", check.id));
        }
        if !is_name(check.id) || Area::ALL.iter().any(|area| area.name() == check.id) {
            broken.push(format!("checks/{path}: id `{}`: write lower-case words joined by hyphens", check.id));
        }
        let title = check.title;
        let one_line = !title.is_empty() && !title.contains(['\n', '"', '|']) && title.trim() == title;
        if !one_line || title.chars().count() > 80 || title.ends_with('.') || title.ends_with('?') {
            broken.push(format!(
                "checks/{path}: title {title:?}: write a claim of at most 80 columns, without a full stop"
            ));
        }
        // Sweeps go at the pace that the host has room for; others may not take so long.
        let too_long = check.deadline > Duration::from_secs(600) && check.deadline != SWEEPS_WITHIN;
        if check.deadline < Duration::from_secs(1) || too_long {
            broken.push(format!("checks/{path}: deadline {:?}: between a second and ten minutes", check.deadline));
        }
    }
    hold("ids and titles are well formed", broken);
}

#[test]
fn law_1_titles_summaries_and_remedies_are_plain_english() {
    let mut broken = Vec::new();
    for (path, check) in checks() {
        let mut read = |what: String, text: &str| {
            broken.extend(not_plain(text).into_iter().map(|why| format!("checks/{path}: {what}: {why}")));
        };
        read(format!("title {:?}", check.title), check.title);
        read("remedy.md".to_owned(), check.remedy);
        for code in check.findings {
            read(format!("finding `{}`: {:?}", code.name, code.summary), code.summary);
        }
        for trial in check.trials {
            read(format!("trial {:?}", trial.name), trial.name);
        }
    }
    hold("titles, summaries, remedies and trials are plain English", broken);
}

#[test]
fn law_2_the_graph_is_acyclic_and_preflight_depends_on_preflight() {
    let mut broken = Vec::new();
    for (path, check) in checks() {
        for need in check.needs {
            match CATALOGUE.get(need.id) {
                Some((_, known)) if std::ptr::eq(known, *need) => {}
                _ => broken.push(format!("checks/{path}: needs `{}`, which is not in the catalogue", need.id)),
            }
            // A connection is there only where DSS is: such an edge joins its cases, and before DSS there are none.
            let joins = |one: Each, other: Each| one != other && one.joins(other);
            let joined = check.judge.each().zip(need.judge.each()).is_some_and(|(one, other)| joins(one, other));
            if check.stage == Stage::Preflight && need.stage == Stage::Acceptance && !joined {
                broken.push(format!(
                    "checks/{path}: a preflight check cannot depend on `{}`, an acceptance check",
                    need.id
                ));
            }
        }
        let mut reached = BTreeSet::new();
        let mut rest = check.needs.to_vec();
        while let Some(need) = rest.pop() {
            if need.id == check.id {
                broken.push(format!("checks/{path}: depends on itself, through {reached:?}"));
                break;
            }
            if reached.insert(need.id) {
                rest.extend(need.needs);
            }
        }
    }
    hold("the graph is acyclic; no edge from Preflight to Acceptance", broken);
}

#[test]
fn law_3_every_finding_has_a_remedy_that_ends_in_a_command_to_confirm() {
    let mut broken = Vec::new();
    for (path, check) in checks() {
        let remedy = Remedy::parse(check.remedy);
        if remedy.why.is_empty() {
            broken.push(format!("checks/{path}/remedy.md: start with a paragraph that says why the check matters"));
        }
        if check.findings.is_empty() {
            broken.push(format!("checks/{path}: a check that cannot fail proves nothing; add its findings"));
        }
        let mut codes = BTreeSet::new();
        for code in check.findings {
            if !codes.insert(code.name) || !is_name(code.name) {
                broken.push(format!("checks/{path}: finding `{}`: a name of its own, lower case, hyphened", code.name));
            }
            if code.summary.is_empty() || code.summary.ends_with('.') || code.summary.contains('\n') {
                broken.push(format!(
                    "checks/{path}: finding `{}`: the summary is one line without a full stop",
                    code.name
                ));
            }
            match remedy.section(code.name).map(|section| &section.confirm) {
                None => broken.push(format!("checks/{path}/remedy.md: add a section `## {}`", code.name)),
                Some(None) => broken.push(format!(
                    "checks/{path}/remedy.md: end `## {}` in `### Confirm` and a block fenced as `sh`, such as `ackcheck run --only {}`",
                    code.name, check.id
                )),
                Some(Some(_)) => {}
            }
        }
        if check.remedy.contains("--site") {
            broken.push(format!("checks/{path}/remedy.md: leave `--site` out: reports name the site they are of"));
        }
        for section in remedy.sections.iter().filter(|section| !codes.contains(section.code.as_str())) {
            broken.push(format!("checks/{path}/remedy.md: `## {}` is not a finding of the check", section.code));
        }
    }
    hold("every finding has a remedy section and every section a finding", broken);
}

#[test]
fn law_4_every_finding_is_brought_about_by_a_trial() {
    let mut broken = Vec::new();
    for (path, check) in checks() {
        let mut names = BTreeSet::new();
        for trial in check.trials {
            if trial.faults.is_empty() || trial.name.is_empty() || !names.insert(trial.name) {
                broken.push(format!(
                    "checks/{path}/trials.rs: {:?}: a name of its own, and at least one fault",
                    trial.name
                ));
            }
        }
        for code in check.findings.iter().filter(|code| !check.trials.iter().any(|trial| trial.finding == **code)) {
            broken.push(format!("checks/{path}/trials.rs: add a Trial that brings about `{}`", code.name));
        }
    }
    hold("every finding is brought about by at least one trial", broken);
}

#[test]
fn law_8_the_readme_is_what_the_catalogue_prints() {
    let readme = folder().join("README.md");
    let written = fs::read_to_string(&readme).unwrap_or_default();
    assert!(
        written == CATALOGUE.markdown(),
        "checks/README.md is not what the catalogue prints; write it again:\n  cargo run -q -- list --format markdown > checks/README.md"
    );
}

#[test]
fn law_9_a_check_names_operations_of_its_seat_and_every_operation_has_its_check() {
    let same = |one: &Operation, other: &Operation| std::ptr::eq(one, other);
    let mut broken = Vec::new();
    let mut used: Vec<&Operation> = Vec::new();
    for (path, check) in checks() {
        let seat = check.judge.vantage();
        let opens = |operation: &&&Operation| operation.seat == seat || Context::SECOND_SEATS.contains(&operation.seat);
        for odd in check.uses.iter().filter(|operation| !opens(operation)) {
            broken.push(format!(
                "checks/{path}: uses {}, which is of the seat {}: a check of {seat} cannot open that",
                odd.name, odd.seat
            ));
        }
        let starts = check.operations().any(|operation| same(operation, &seat::pod::START));
        if matches!(check.judge, Judge::EachNode(_)) && !starts {
            broken.push(format!("checks/{path}: name pod::START in `uses`, or pod::ASK where it asks the probe"));
        }
        used.extend(check.operations());
    }
    for operation in seat::operations().filter(|known| !used.iter().any(|used| same(used, known))) {
        broken.push(format!("{}: no check uses it; name it in the `uses` of one, or remove it", operation.name));
    }
    for operation in used.iter().filter(|used| !seat::operations().any(|known| same(used, known))) {
        broken.push(format!("{}: add it to the OPERATIONS of its seat, below src/core/seat", operation.name));
    }
    hold("a check names the operations of its seat that others must allow, and each operation is used", broken);
}

#[test]
fn law_10_each_check_has_one_place_in_the_picture_of_a_deployment() {
    let mut places: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (place, checks) in ackcheck_core::report::places() {
        for check in checks {
            places.entry(check).or_default().push(place);
        }
    }
    let table = "src/core/report/html/places.rs";
    let mut broken = Vec::new();
    for (path, check) in checks() {
        match places.remove(check.id).as_deref() {
            None => broken.push(format!("checks/{path}: name \"{}\" in one place of {table}", check.id)),
            Some([_]) => {}
            Some(several) => broken.push(format!("checks/{path}: {table} has it in {}", several.join(" and "))),
        }
    }
    broken.extend(places.keys().map(|check| format!("{table}: \"{check}\" is not a check")));
    hold("each check belongs to one part or way of the deployment", broken);
}
