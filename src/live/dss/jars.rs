//! What files named `.jar` are.

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};
use zip::ZipArchive;

use ackcheck_core::right::Right;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::dss::jars::CLASSES;
use ackcheck_core::seat::dss::{Jar, JarState};
use ackcheck_core::text_file::{self, Why};
use ackcheck_core::verdict::Unseen;

/// The most entries of a folder that are looked at.
const MOST_ENTRIES: usize = 20_000;
/// The largest jar opened, in bytes: the bundles of cloud SDKs have some hundred MiB.
const LARGEST_JAR: u64 = 1 << 30;
/// The most that is unpacked of one jar to compare its checksums, in bytes.
const MOST_UNPACKED: u64 = 512 << 20;
/// The longest `pom.properties` read, in bytes.
const LONGEST_POM: u64 = 64 << 10;

/// Every `*.jar` of a folder, by name; none where there is no such folder.
///
/// # Errors
/// Where the folder cannot be listed.
pub(super) fn of_folder(folder: &Path, place: usize) -> Seen<Option<Vec<Jar>>> {
    let what = folder.display().to_string();
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            return match Why::from(&error) {
                Why::Missing if folder.is_file() => Err(Unseen::unreadable(what, "it is a file, not a folder")),
                Why::Missing => Ok(None),
                Why::Forbidden => Err(Unseen::denied([Right::list(folder)], Why::Forbidden.to_string())),
                why => Err(Unseen::unreadable(what, why.to_string())),
            };
        }
    };
    let mut jars = Vec::new();
    for (seen, entry) in entries.enumerate() {
        let entry = entry.map_err(|error| Unseen::unreadable(what.clone(), Why::from(&error).to_string()))?;
        if seen >= MOST_ENTRIES {
            return Err(Unseen::unreadable(what, format!("more than {MOST_ENTRIES} entries")));
        }
        // As `java` reads `FOLDER/*`.
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".jar") || name.ends_with(".JAR") {
            jars.push(of_file(&entry.path(), name, place));
        }
    }
    jars.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Some(jars))
}

/// One file of the class path.
pub(super) fn of_file(path: &Path, name: String, place: usize) -> Jar {
    let mut jar = Jar {
        name,
        path: path.display().to_string(),
        bytes: 0,
        state: JarState::Whole { coordinates: None },
        holds: Vec::new(),
        digest: None,
        entry: place,
    };
    match text_file::open(path) {
        Ok((file, metadata)) => {
            jar.bytes = metadata.len();
            inspect(&mut jar, file);
        }
        Err(unread) => jar.state = JarState::Unreadable { why: unread.why.to_string() },
    }
    jar
}

/// A folder of classes on the class path; none where it holds none of those in question.
pub(super) fn of_classes(folder: &Path, place: usize) -> Option<Jar> {
    let holds: Vec<&str> =
        CLASSES.into_iter().filter(|class| folder.join(class).with_extension("class").is_file()).collect();
    (!holds.is_empty()).then(|| Jar {
        name: folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        path: folder.display().to_string(),
        bytes: 0,
        state: JarState::Whole { coordinates: None },
        holds,
        digest: None,
        entry: place,
    })
}

fn inspect(jar: &mut Jar, mut file: File) {
    match head(&mut file, jar.bytes) {
        Ok(()) => {}
        Err(state) => return jar.state = state,
    }
    let mut archive = match ZipArchive::new(file) {
        Ok(archive) => archive,
        Err(error) => {
            jar.state = JarState::Truncated { why: format!("its directory cannot be read ({error})") };
            return;
        }
    };
    jar.holds =
        CLASSES.into_iter().filter(|class| archive.index_for_name(&format!("{class}.class")).is_some()).collect();
    jar.state = JarState::Whole { coordinates: coordinates(&mut archive, &jar.name) };
    if jar.holds.is_empty() {
        return;
    }
    if let Some((entry, why)) = damage(&mut archive, &jar.holds) {
        jar.state = JarState::Corrupt { entry, why };
    }
    jar.digest = digest(archive.into_inner());
}

/// The SHA-256 of a whole file.
fn digest(mut file: File) -> Option<String> {
    file.rewind().ok()?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 64 << 10]);
    let mut file = file.take(LARGEST_JAR);
    loop {
        match file.read(&mut buffer).ok()? {
            0 => return Some(hex::encode(hash.finalize())),
            read => hash.update(&buffer[..read]),
        }
    }
}

/// Says what a file is that does not start as an archive does.
fn head(file: &mut File, bytes: u64) -> Result<(), JarState> {
    if bytes == 0 {
        return Err(JarState::Truncated { why: "the file is empty".to_owned() });
    }
    if bytes > LARGEST_JAR {
        return Err(JarState::Unreadable { why: format!("{bytes} bytes, more than any jar has") });
    }
    let mut start = Vec::new();
    if let Err(error) = file.take(64).read_to_end(&mut start).and_then(|_| file.rewind()) {
        return Err(JarState::Unreadable { why: Why::from(&error).to_string() });
    }
    // A zip archive starts with a file's header, or with the end of its directory where it has no file.
    if !start.starts_with(b"PK\x03\x04") && !start.starts_with(b"PK\x05\x06") {
        return Err(JarState::NotAJar { starts: printable(&start) });
    }
    Ok(())
}

/// The first entry whose content is not what was put into it: the JVM does not load a class from it. The classes in
/// question come first, then all others, up to a bound.
fn damage(archive: &mut ZipArchive<File>, holds: &[&str]) -> Option<(String, String)> {
    let first: Vec<usize> =
        holds.iter().filter_map(|class| archive.index_for_name(&format!("{class}.class"))).collect();
    let others = (0..archive.len()).filter(|at| !first.contains(at)).collect::<Vec<_>>();
    let mut left = MOST_UNPACKED;
    for at in first.into_iter().chain(others) {
        let mut entry = match archive.by_index(at) {
            Ok(entry) => entry,
            Err(error) => return Some((format!("its entry {}", at + 1), error.to_string())),
        };
        let name = entry.name().map_or_else(|_| format!("its entry {}", at + 1), |name| name.into_owned());
        match std::io::copy(&mut (&mut entry).take(left), &mut std::io::sink()) {
            Ok(unpacked) => left -= unpacked,
            Err(error) => return Some((name, error.to_string())),
        }
        if left == 0 {
            break;
        }
    }
    None
}

/// How a file starts, on one line.
fn printable(start: &[u8]) -> String {
    let text = String::from_utf8_lossy(start);
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(40).collect()
}

/// The Maven coordinates that the jar carries itself. A jar made of several carries several: its own are those that its
/// name has.
fn coordinates(archive: &mut ZipArchive<File>, name: &str) -> Option<String> {
    let poms: Vec<String> = archive
        .file_names()
        .filter_map(Result::ok)
        .filter(|entry| entry.starts_with("META-INF/maven/") && entry.ends_with("/pom.properties"))
        .map(|entry| entry.into_owned())
        .take(256)
        .collect();
    let mut found = Vec::new();
    for pom in &poms {
        let mut text = String::new();
        let entry = archive.by_name(pom).ok()?;
        entry.take(LONGEST_POM).read_to_string(&mut text).ok()?;
        let value = |key: &str| {
            text.lines().find_map(|line| line.split_once('=').filter(|(k, _)| k.trim() == key)).map(|(_, v)| v.trim())
        };
        let (Some(group), Some(artifact), Some(version)) = (value("groupId"), value("artifactId"), value("version"))
        else {
            continue;
        };
        if name.strip_suffix(".jar").is_some_and(|stem| stem == format!("{artifact}-{version}")) {
            return Some(format!("{group}:{artifact}:{version}"));
        }
        found.push(format!("{group}:{artifact}:{version}"));
    }
    match found.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    }
}
