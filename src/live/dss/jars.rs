//! What files named `.jar` are.

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::path::Path;

use zip::ZipArchive;

use ackcheck_core::right::Right;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::dss::{Jar, JarState};
use ackcheck_core::text_file::{self, Why};
use ackcheck_core::verdict::Unseen;

/// The most entries of a folder that are looked at.
const MOST_ENTRIES: usize = 20_000;
/// The largest jar opened, in bytes: the bundles of cloud SDKs have some hundred MiB.
const LARGEST_JAR: u64 = 1 << 30;
/// The longest `pom.properties` read, in bytes.
const LONGEST_POM: u64 = 64 << 10;

/// Every `*.jar` of a folder, by name; none where there is no such folder.
///
/// # Errors
/// Where the folder cannot be listed.
pub(super) fn of_folder(folder: &Path) -> Seen<Option<Vec<Jar>>> {
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
        // As Java's class path: by the end of the name, in either case.
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.to_ascii_lowercase().ends_with(".jar") {
            jars.push(of_file(&entry.path(), name));
        }
    }
    jars.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Some(jars))
}

fn of_file(path: &Path, name: String) -> Jar {
    let (bytes, state) = match text_file::open(path) {
        Ok((file, metadata)) => (metadata.len(), inspect(file, &name, metadata.len())),
        Err(unread) => (0, JarState::Unreadable { why: unread.why.to_string() }),
    };
    Jar { name, path: path.display().to_string(), bytes, state }
}

fn inspect(mut file: File, name: &str, bytes: u64) -> JarState {
    if bytes == 0 {
        return JarState::Truncated { why: "the file is empty".to_owned() };
    }
    if bytes > LARGEST_JAR {
        return JarState::Unreadable { why: format!("{bytes} bytes, more than any jar has") };
    }
    let mut start = Vec::new();
    if let Err(error) = (&mut file).take(64).read_to_end(&mut start).and_then(|_| file.rewind()) {
        return JarState::Unreadable { why: Why::from(&error).to_string() };
    }
    // A zip archive starts with a file's header, or with the end of its directory where it has no file.
    if !start.starts_with(b"PK\x03\x04") && !start.starts_with(b"PK\x05\x06") {
        return JarState::NotAJar { starts: printable(&start) };
    }
    match ZipArchive::new(file) {
        Ok(mut archive) => JarState::Whole { coordinates: coordinates(&mut archive, name) },
        Err(error) => JarState::Truncated { why: format!("its directory cannot be read ({error})") },
    }
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
