//! Jars as people have them, and what the JVM makes of each.

use std::fs;
use std::io::{Cursor, Write as _};

use tempfile::TempDir;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::*;
use ackcheck_core::seat::dss::JarState;
use ackcheck_core::seat::dss::jars::{CLIENT_CLASS, FILE_SYSTEM_CLASS};

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn class(name: &str) -> (String, Vec<u8>) {
    let noise = (0..3000_u32).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[0]);
    (format!("{name}.class"), [0xca, 0xfe, 0xba, 0xbe].into_iter().chain(noise).collect())
}

fn with_class(names: &[&str]) -> Vec<u8> {
    let classes: Vec<_> = names.iter().map(|name| class(name)).collect();
    zip(&classes.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Vec<_>>())
}

struct Tree {
    root: TempDir,
    directory: Directory,
}

fn tree(files: &[(&str, &[u8])]) -> Tree {
    let root = tempfile::tempdir().unwrap();
    for folder in ["data/bin", "data/lib/jdbc", "data/lib/java", "install/hadoop-standalone-libs"] {
        fs::create_dir_all(root.path().join(folder)).unwrap();
    }
    for (name, bytes) in files {
        fs::write(root.path().join(name), bytes).unwrap();
    }
    let directory = Directory { data: root.path().join("data"), install: Some(root.path().join("install")) };
    Tree { root, directory }
}

/// The jars that bring the class, in order.
fn bring(tree: &Tree, class: &str) -> Vec<String> {
    let jars = tree.directory.hadoop_jars().unwrap().jars;
    jars.into_iter().filter(|jar| jar.brings(class)).map(|jar| jar.name).collect()
}

const LIBS: &str = "install/hadoop-standalone-libs";

#[test]
fn a_file_of_the_right_name_is_not_a_class() {
    let pom = ("META-INF/maven/org.apache.hadoop/hadoop-aliyun/pom.properties", &b"version=3.2.1\n"[..]);
    let source = format!("{FILE_SYSTEM_CLASS}.java");
    let good = with_class(&[FILE_SYSTEM_CLASS]);
    let mut zeros = good.clone();
    zeros[200..400].fill(0);
    let useless: [(&str, Vec<u8>); 5] = [
        ("the sources", zip(&[(&source, b"package x;")])),
        ("an empty archive", zip(&[])),
        ("a document", zip(&[("word/document.xml", b"<w/>")])),
        ("the tests", zip(&[pom, ("org/apache/hadoop/fs/aliyun/oss/TestAliyunOSSFileSystem.class", b"x")])),
        ("zeros in its middle", zeros),
    ];
    for (what, bytes) in useless {
        let tree = tree(&[(&format!("{LIBS}/hadoop-aliyun-3.2.1.jar"), &bytes)]);
        assert!(bring(&tree, FILE_SYSTEM_CLASS).is_empty(), "{what}");
    }
    let tree = tree(&[(&format!("{LIBS}/any-name.jar"), &good)]);
    assert_eq!(bring(&tree, FILE_SYSTEM_CLASS), ["any-name.jar"]);
}

#[test]
fn damage_is_told_from_what_is_broken_off() {
    let mut zeros = with_class(&[CLIENT_CLASS]);
    zeros[200..400].fill(0);
    let tree = tree(&[(&format!("{LIBS}/aliyun-sdk-oss-3.11.2.jar"), &zeros)]);
    let jars = tree.directory.hadoop_jars().unwrap().jars;
    assert!(matches!(&jars[0].state, JarState::Corrupt { entry, .. } if entry.starts_with(CLIENT_CLASS)), "{jars:?}");
}

#[test]
fn a_bundle_brings_both() {
    let bundle = with_class(&[FILE_SYSTEM_CLASS, CLIENT_CLASS]);
    let tree = tree(&[(&format!("{LIBS}/bundle.jar"), &bundle)]);
    assert_eq!(bring(&tree, FILE_SYSTEM_CLASS), ["bundle.jar"]);
    assert_eq!(bring(&tree, CLIENT_CLASS), ["bundle.jar"]);
}

#[test]
fn the_class_path_is_followed_in_its_order() {
    let jar = with_class(&[FILE_SYSTEM_CLASS]);
    let script = b"export DKU_HADOOP_CP=\"$DIP_HOME/own/a.jar:$DIP_HOME/classes:/nowhere/*:$DIP_HOME/libs/*\"\n";
    let tree = tree(&[
        ("data/lib/java/java.jar", &jar),
        ("data/lib/jdbc/jdbc.jar", &jar),
        ("data/lib/jdbc/mixed.jAr", &jar),
        ("data/bin/env-site.sh", script),
        // Not on that class path.
        (&format!("{LIBS}/standalone.jar"), &jar),
    ]);
    let data = tree.root.path().join("data");
    for folder in ["own", "libs", "classes/org/apache/hadoop/fs/aliyun/oss"] {
        fs::create_dir_all(data.join(folder)).unwrap();
    }
    fs::write(data.join("own/a.jar"), &jar).unwrap();
    fs::write(data.join("libs/b.JAR"), &jar).unwrap();
    fs::write(data.join(format!("classes/{FILE_SYSTEM_CLASS}.class")), b"x").unwrap();
    assert_eq!(bring(&tree, FILE_SYSTEM_CLASS), ["jdbc.jar", "java.jar", "a.jar", "classes", "b.JAR"]);
    let jars = tree.directory.hadoop_jars().unwrap().jars;
    assert!(jars.windows(2).all(|pair| pair[0].entry < pair[1].entry));
    assert_eq!(jars[0].digest, jars[1].digest);
}

#[test]
fn a_class_path_that_is_too_long_is_not_judged_by_its_beginning() {
    let script = format!("export DKU_HADOOP_CP={}/last.jar\n", "/nowhere.jar:".repeat(MOST_ENTRIES));
    let tree = tree(&[("data/bin/env-site.sh", script.as_bytes())]);
    let why = tree.directory.hadoop_jars().unwrap_err().to_string();
    assert!(why.contains("env-site.sh") && why.contains("line 1: DKU_HADOOP_CP has more than 1000 entries"), "{why}");
}

#[test]
fn a_class_path_that_only_a_running_shell_knows_is_not_judged() {
    let tree = tree(&[("data/bin/env-site.sh", b"export DKU_HADOOP_CP=$(hadoop classpath)\n")]);
    let why = tree.directory.hadoop_jars().unwrap_err().to_string();
    assert!(why.contains("env-site.sh") && why.contains("line 1"), "{why}");
}

#[test]
fn a_script_that_may_set_anything_is_told_and_no_more() {
    let jar = with_class(&[CLIENT_CLASS]);
    let tree = tree(&[
        ("data/own.jar", &jar),
        ("data/bin/env-hadoop.sh", b"export DKU_HADOOP_CP=$DIP_HOME/own.jar\n"),
        ("data/bin/env-site.sh", b". /etc/dss-environment.sh\n"),
    ]);
    assert_eq!(bring(&tree, CLIENT_CLASS), ["own.jar"]);
    let assumed = tree.directory.hadoop_jars().unwrap().assumed.unwrap();
    assert!(assumed.contains("env-site.sh, line 1: `. /etc/dss-environment.sh`"), "{assumed}");
}
