//! No circle among source files but that of a parent and its child: who reads one file of a circle reads all.
//!
//! A file knows another where its code names something of it by a path, or takes it in by `use`; names that a module
//! hands on are followed to where they are defined. Methods are not followed, except where a file adds methods to the
//! type of another and that one calls them on `self`. What is compiled for tests alone is not looked at.

mod reading;
mod tokens;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use reading::Crate;

/// The crates' first files. What crates know of each other is cargo's to judge.
const ROOTS: [&str; 8] = [
    "src/core/lib.rs",
    "src/live/lib.rs",
    "src/lab/lib.rs",
    "src/probe/src/lib.rs",
    "src/probe/src/main.rs",
    "src/diagnose/lib.rs",
    "checks/lib.rs",
    "src/lib.rs",
];

/// Who knows whom, and by which path.
type Knows = BTreeMap<String, BTreeMap<String, String>>;

/// The circles of a graph, each by its files in their order.
fn circles(knows: &Knows) -> Vec<Vec<String>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        knows.keys().map(|file| (file.as_str(), reach(knows, file))).collect();
    let mut circles: BTreeSet<Vec<String>> = BTreeSet::new();
    for (file, reach) in &reached {
        let back = |other: &&&str| reached.get(**other).is_some_and(|reach| reach.contains(file));
        let circle: Vec<String> = reach.iter().filter(back).map(|other| (*other).to_owned()).collect();
        if circle.len() > 1 {
            circles.insert(circle);
        }
    }
    circles.into_iter().collect()
}

/// All that a file knows, over however many others.
fn reach<'a>(knows: &'a Knows, file: &'a str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut rest = vec![file];
    while let Some(file) = rest.pop() {
        for other in knows.get(file).into_iter().flat_map(BTreeMap::keys) {
            if reached.insert(other.as_str()) {
                rest.push(other);
            }
        }
    }
    reached
}

/// A circle with what ties it.
fn told(circle: &[String], knows: &Knows) -> String {
    let mut lines = vec![circle.join(", ")];
    for file in circle {
        for (other, path) in knows[file].iter().filter(|(other, _)| circle.contains(other)) {
            lines.push(format!("    {file} knows {other}: {path}"));
        }
    }
    lines.join("\n")
}

fn file_of_the_package(path: &str) -> Option<String> {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).ok()
}

#[test]
fn no_files_know_each_other_but_parent_and_child() {
    let mut ties: Vec<String> = Vec::new();
    for root in ROOTS {
        let knows = Crate::read(root, &file_of_the_package).knows();
        ties.extend(circles(&knows).iter().map(|circle| told(circle, &knows)));
    }
    assert!(ties.is_empty(), "{} circles:\n{}", ties.len(), ties.join("\n"));
}

#[test]
fn circles_are_seen_however_the_names_are_written() {
    let seen = |files: &[(&str, &str)]| {
        let read = |path: &str| Some(files.iter().find(|(name, _)| *name == path)?.1.to_owned());
        circles(&Crate::read("lib.rs", &read).knows())
    };
    let root = ("lib.rs", "mod a;\nmod b;\nmod c;");
    let none: [Vec<String>; 0] = [];
    // Each word of `a` ties it to `b`, which names `a`.
    for a in [
        "use crate::b::B;",
        "use super::{self as up, b};",
        "use super::b as other; fn f() { other::g() }",
        "fn f() { println!(\"{}\", super::b::B) }",
        "use super::c::{self, Handed};",
        "use super::c; fn f(_: c::Handed) {}",
        "pub struct A; impl A { fn f(&self) { self.added() } }",
    ] {
        let b = "use crate::a::A;\npub struct B;\nimpl A { fn added(&self) {} }";
        let files = [root, ("a.rs", a), ("b.rs", b), ("c.rs", "pub use super::b::B as Handed;")];
        let seen = seen(&files);
        assert!(matches!(&seen[..], [circle] if circle[..2] == ["a.rs", "b.rs"]), "{a}: {seen:?}");
    }
    for a in [
        "// crate::b::B",
        "const A: &str = \"crate::b::B\";",
        "#[cfg(test)]\nmod tests { use crate::b::B; }",
        "use b::B;",
    ] {
        let files = [root, ("a.rs", a), ("b.rs", "use crate::a::A;"), ("c.rs", "")];
        assert_eq!(seen(&files), none, "{a}");
    }
    let parent = [
        ("lib.rs", "mod a; fn f() { a::g() } pub struct R;"),
        ("a.rs", "mod d; use super::R;"),
        ("a/d.rs", "use super::X;"),
    ];
    assert_eq!(seen(&parent), none);
}
