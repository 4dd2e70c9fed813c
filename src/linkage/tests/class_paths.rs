//! Class paths of small jars, and what is missing on them: `Path` is the first class that DSS asks Hadoop for.

use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use ackcheck_linkage::writer::{ClassWriter, Does};
use ackcheck_linkage::{Linkage, Missing, Settings, Unread};
use proptest::prelude::*;
use tempfile::TempDir;
use zip::write::{SimpleFileOptions, ZipWriter};

const PATH: &str = "org/apache/hadoop/fs/Path";
const OF_URI: &str = "(Ljava/net/URI;)V";

/// A Java 11 with five classes, and a place for jars.
struct Host {
    folder: TempDir,
    class_path: Vec<PathBuf>,
}

impl Host {
    fn new() -> Self {
        let host = Self { folder: tempfile::tempdir().unwrap(), class_path: Vec::new() };
        let of = |name: &str, above: &str| {
            let class = ClassWriter::new(name, above).for_java(11).method(false, "<init>", "()V", &[]);
            (format!("{name}.class"), class.write())
        };
        let java = [
            of("java/lang/Object", ""),
            of("java/lang/Throwable", "java/lang/Object"),
            of("java/lang/Exception", "java/lang/Throwable"),
            of("java/net/URI", "java/lang/Object"),
            of("java/lang/String", "java/lang/Object"),
        ];
        std::fs::create_dir_all(host.at("java/lib")).unwrap();
        std::fs::write(host.at("java/lib/rt.jar"), archive(&java)).unwrap();
        host
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts a file on the class path.
    fn file(&mut self, name: &str, bytes: &[u8]) {
        std::fs::write(self.at(name), bytes).unwrap();
        self.class_path.push(self.at(name));
    }

    fn jar(&mut self, name: &str, files: &[(String, Vec<u8>)]) {
        self.file(name, &archive(files));
    }

    fn walk(&self) -> Result<Linkage, Unread> {
        ackcheck_linkage::of(&self.class_path, &self.at("java"), Settings::default())
    }

    /// What is missing first.
    #[track_caller]
    fn lacks(&self) -> String {
        self.walk().unwrap().struck.unwrap().missing.to_string()
    }
}

fn archive(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        archive.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn class(name: &str, does: &[Does<'_>]) -> (String, Vec<u8>) {
    let class = ClassWriter::new(name, "java/lang/Object").method(false, "<init>", "()V", &[]);
    (format!("{name}.class"), class.method(false, "work", "()V", does).write())
}

/// `Path`, whose constructor does this.
fn path(does: &[Does<'_>]) -> (String, Vec<u8>) {
    let class = ClassWriter::new(PATH, "java/lang/Object").method(false, "<init>", OF_URI, does);
    (format!("{PATH}.class"), class.write())
}

/// What is missing once all of `Path` is there.
const NEXT: &str = "org/apache/hadoop/conf/Configuration";

#[test]
fn what_is_asked_for_first_is_missing_first() {
    let mut host = Host::new();
    assert_eq!(host.lacks(), PATH);
    host.jar("path.jar", &[path(&[Does::Makes("a/B", "()V"), Does::Makes("a/C", "()V")])]);
    assert_eq!(host.lacks(), "a/B");
    host.jar("b.jar", &[class("a/B", &[Does::Makes("a/NotCalled", "()V")])]);
    assert_eq!(host.lacks(), "a/C");
    host.jar("c.jar", &[class("a/C", &[])]);
    let struck = host.walk().unwrap().struck.unwrap();
    assert_eq!((struck.operation, struck.missing), ("configuration", Missing::Class { class: NEXT.to_owned() }));
}

#[test]
fn linking_a_class_loads_what_it_catches() {
    let mut host = Host::new();
    host.jar("path.jar", &[path(&[Does::Makes("a/B", "()V")]), class("a/B", &[Does::Catches("a/Caught")])]);
    assert_eq!(host.lacks(), "a/Caught");
}

#[test]
fn a_method_is_found_by_its_descriptor_in_the_first_jar_that_has_the_class() {
    let mut host = Host::new();
    host.jar("path.jar", &[path(&[Does::Calls("a/B", "work", "(I)V")])]);
    host.jar("old.jar", &[class("a/B", &[])]);
    let newer = ClassWriter::new("a/B", "java/lang/Object").method(false, "work", "(I)V", &[]).write();
    host.jar("new.jar", &[("a/B.class".to_owned(), newer)]);
    match host.walk().unwrap().struck.unwrap().missing {
        Missing::Method { owner, descriptor, jar, .. } => {
            assert_eq!((owner.as_str(), descriptor.as_str(), jar), ("a/B", "(I)V", Some(host.at("old.jar"))));
        }
        other => panic!("{other:?}"),
    }
    host.class_path.swap(1, 2);
    assert_eq!(host.lacks(), NEXT);
}

#[test]
fn a_class_for_a_later_java_is_refused() {
    let mut host = Host::new();
    let newer = ClassWriter::new(PATH, "java/lang/Object").for_java(17).method(false, "<init>", OF_URI, &[]).write();
    host.jar("path.jar", &[(format!("{PATH}.class"), newer)]);
    let missing = host.walk().unwrap().struck.unwrap().missing;
    assert!(matches!(missing, Missing::TooNew { version: 61, java: 11, .. }), "{missing:?}");
}

#[test]
fn what_is_no_archive_is_absent_and_named() {
    let mut host = Host::new();
    let whole = archive(&[path(&[])]);
    host.file("cut.jar", &whole[..whole.len() - 30]);
    host.file("page.jar", b"<html>");
    host.file("empty.jar", b"");
    let linkage = host.walk().unwrap();
    let damaged: Vec<_> = linkage.damaged.iter().map(|damage| damage.jar.clone()).collect();
    assert_eq!(damaged, [host.at("cut.jar"), host.at("page.jar"), host.at("empty.jar")]);
    assert_eq!(linkage.struck.unwrap().missing.to_string(), PATH);
}

#[test]
fn a_class_that_cannot_be_unpacked_is_absent_and_named() {
    let mut host = Host::new();
    let mut bytes = archive(&[path(&[])]);
    // The middle of its content, behind the local header.
    bytes[90..120].fill(0xff);
    host.file("path.jar", &bytes);
    let linkage = host.walk().unwrap();
    assert_eq!(linkage.damaged[0].entry.as_deref(), Some("org/apache/hadoop/fs/Path.class"));
    assert_eq!(linkage.struck.unwrap().missing.to_string(), PATH);
}

#[test]
fn a_class_of_gibberish_is_malformed() {
    let mut host = Host::new();
    host.jar("path.jar", &[(format!("{PATH}.class"), b"\xca\xfe\xba\xbe\0\0\0\x31\xff\xff".to_vec())]);
    let missing = host.walk().unwrap().struck.unwrap().missing;
    assert!(matches!(missing, Missing::Malformed { .. }), "{missing:?}");
}

#[test]
fn manifests_name_further_jars_and_circles_end() {
    let mut host = Host::new();
    let manifest = |of: &str| ("META-INF/MANIFEST.MF".to_owned(), format!("Class-Path: {of}\r\n\r\n").into_bytes());
    std::fs::create_dir(host.at("more")).unwrap();
    std::fs::write(host.at("more/b.jar"), archive(&[manifest("../a.jar b.jar"), path(&[])])).unwrap();
    host.jar("a.jar", &[manifest("more/b.jar")]);
    assert_eq!(host.lacks(), NEXT);
}

#[test]
fn of_a_jar_with_versions_the_newest_that_java_takes_counts() {
    let mut host = Host::new();
    let manifest = ("META-INF/MANIFEST.MF".to_owned(), b"Multi-Release: true\r\n\r\n".to_vec());
    let of = |version: &str, lacks: &str| {
        let (name, content) = path(&[Does::Makes(lacks, "()V")]);
        (format!("META-INF/versions/{version}/{name}"), content)
    };
    host.jar("path.jar", &[manifest, of("11", "a/Of11"), of("17", "a/Of17"), of("9", "a/Of9"), path(&[])]);
    assert_eq!(host.lacks(), "a/Of11");
}

#[test]
fn folders_bring_classes_and_jars() {
    let mut host = Host::new();
    let (name, content) = path(&[]);
    let classes = host.at("classes");
    std::fs::create_dir_all(classes.join(&name).parent().unwrap()).unwrap();
    std::fs::write(classes.join(name), content).unwrap();
    host.class_path.push(classes);
    assert_eq!(host.lacks(), NEXT);
    std::fs::create_dir(host.at("libs")).unwrap();
    std::fs::write(host.at("libs/path.jar"), archive(&[path(&[Does::Makes("a/B", "()V")])])).unwrap();
    host.class_path = vec![host.at("libs/*"), host.at("not-there.jar"), host.at("not-there/*")];
    assert_eq!(host.lacks(), "a/B");
}

#[test]
fn a_java_without_classes_is_not_judged() {
    let host = Host::new();
    std::fs::remove_file(host.at("java/lib/rt.jar")).unwrap();
    assert_eq!(host.walk().unwrap_err().path, host.at("java"));
}

#[test]
fn an_entry_that_promises_gigabytes_is_not_unpacked() {
    let mut host = Host::new();
    let content = vec![0; 40 << 20];
    host.jar("path.jar", &[(format!("{PATH}.class"), content)]);
    let linkage = host.walk().unwrap();
    assert!(linkage.damaged[0].why.contains("more than a class has"), "{:?}", linkage.damaged);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever stands in a class or a jar: an answer, and no panic.
    #[test]
    fn no_bytes_make_it_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), in_class in any::<bool>()) {
        let mut host = Host::new();
        let (name, mut content) = path(&[Does::Makes("a/B", "()V"), Does::CallsStatic("a/B", "x", "(JLa/B;)D"), Does::Catches("a/C")]);
        if in_class {
            changes.iter().for_each(|(at, byte)| { let at = at.index(content.len()); content[at] = *byte; });
        }
        let mut jar = archive(&[(name, content), class("a/B", &[])]);
        if !in_class {
            changes.iter().for_each(|(at, byte)| { let at = at.index(jar.len()); jar[at] = *byte; });
        }
        host.file("path.jar", &jar);
        let _ = host.walk();
        prop_assert!(Path::new(&host.class_path[0]).exists());
    }
}
