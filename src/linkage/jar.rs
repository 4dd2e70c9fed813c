//! Jars as the JVM reads them: by their directory, an entry at a time. What it takes for no archive is absent to it.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::DeflateDecoder;
use rawzip::{CompressionMethod, FileReader, RECOMMENDED_BUFFER_SIZE, ZipArchive, ZipArchiveEntryWayfinder};

use crate::{Damage, Unread};

/// The most entries of one jar; the largest bundles have about 60,000.
const MOST_ENTRIES: usize = 500_000;
/// The largest entry that is unpacked, in bytes: a class has at most some MiB.
const LARGEST_ENTRY: u64 = 16 << 20;
/// The longest path of an entry, in bytes: what 16 bits count.
const VERSIONS: &str = "META-INF/versions/";
const MANIFEST: &str = "META-INF/MANIFEST.MF";

/// Where an entry is, and whether it is deflated.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    place: ZipArchiveEntryWayfinder,
    deflated: bool,
}

/// A jar whose directory was read.
pub(crate) struct Jar {
    pub(crate) path: PathBuf,
    /// Its entries by name, in the order of its directory; of those with versions only the fit one.
    pub(crate) entries: Vec<(Box<str>, Entry)>,
    /// The jars that its manifest names, as it writes them.
    pub(crate) class_path: Vec<String>,
}

/// What is to be made of a file on the class path.
pub(crate) enum Opened {
    Jar(Box<Jar>),
    Damaged(Damage),
}

/// Reads the directory of a jar, for a JVM that reads classes up to a version of Java.
///
/// # Errors
/// Where the file cannot be opened by this account, or has more entries than are looked at.
pub(crate) fn open(path: &Path, java: u16) -> Result<Opened, Unread> {
    let file = File::open(path).map_err(|error| Unread { path: path.to_owned(), why: error.to_string() })?;
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    let damaged = |why: String| Ok(Opened::Damaged(Damage { jar: path.to_owned(), entry: None, why }));
    let archive = match ZipArchive::from_file(file, &mut buffer) {
        Ok(archive) => archive,
        Err(error) => return damaged(error.to_string()),
    };
    let mut entries: Vec<(Box<str>, Entry)> = Vec::new();
    let mut records = archive.entries(&mut buffer);
    loop {
        let record = match records.next_entry() {
            Ok(Some(record)) => record,
            Ok(None) => break,
            Err(error) => return damaged(error.to_string()),
        };
        if entries.len() >= MOST_ENTRIES {
            return Err(Unread { path: path.to_owned(), why: format!("more than {MOST_ENTRIES} entries") });
        }
        let deflated = match record.compression_method() {
            CompressionMethod::STORE => false,
            CompressionMethod::DEFLATE => true,
            // The JVM refuses the whole archive then.
            method => return damaged(format!("an entry is packed by a method that Java does not know: {method:?}")),
        };
        if !record.is_dir() {
            let name = String::from_utf8_lossy(record.file_path().as_ref()).into();
            entries.push((name, Entry { place: record.wayfinder(), deflated }));
        }
    }
    let manifest = entries.iter().rev().find(|(name, _)| &**name == MANIFEST).map(|(_, entry)| *entry);
    let manifest = manifest.and_then(|entry| read(&archive, entry).ok()).unwrap_or_default();
    let manifest = Manifest::of(&String::from_utf8_lossy(&manifest));
    let entries = if manifest.multi_release { fit(entries, java) } else { entries };
    Ok(Opened::Jar(Box::new(Jar { path: path.to_owned(), entries, class_path: manifest.class_path })))
}

/// A jar that is open.
pub(crate) struct OpenJar(ZipArchive<FileReader>);

impl OpenJar {
    /// Opens a jar again, to read entries.
    ///
    /// # Errors
    /// Where it is no longer what it was.
    pub(crate) fn again(path: &Path) -> Result<Self, String> {
        let file = File::open(path).map_err(|error| error.to_string())?;
        let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
        ZipArchive::from_file(file, &mut buffer).map(Self).map_err(|error| error.to_string())
    }

    /// The content of an entry.
    ///
    /// # Errors
    /// Where it cannot be unpacked, or has more than 16 MiB.
    pub(crate) fn read(&self, entry: Entry) -> Result<Vec<u8>, String> {
        read(&self.0, entry)
    }
}

fn read(archive: &ZipArchive<FileReader>, entry: Entry) -> Result<Vec<u8>, String> {
    let opened = archive.get_entry(entry.place).map_err(|error| error.to_string())?;
    let expected = entry.place.uncompressed_size_hint();
    if expected > LARGEST_ENTRY {
        return Err(format!("{expected} bytes, more than a class has"));
    }
    let packed = opened.reader();
    let mut content = Vec::with_capacity(usize::try_from(expected).unwrap_or_default());
    let unpacked = if entry.deflated {
        DeflateDecoder::new(packed).take(LARGEST_ENTRY + 1).read_to_end(&mut content)
    } else {
        packed.take(LARGEST_ENTRY + 1).read_to_end(&mut content)
    };
    unpacked.map_err(|error| error.to_string())?;
    // The JVM reads as many bytes as the directory promises.
    if content.len() as u64 != expected {
        return Err(format!("it has {} bytes where the directory says {expected}", content.len()));
    }
    Ok(content)
}

/// Of a jar with versions, each class in the newest one that the JVM takes.
fn fit(entries: Vec<(Box<str>, Entry)>, java: u16) -> Vec<(Box<str>, Entry)> {
    let mut versioned: Vec<(u16, Box<str>, Entry)> = Vec::new();
    let mut plain = Vec::with_capacity(entries.len());
    for (name, entry) in entries {
        match name.strip_prefix(VERSIONS).and_then(|rest| rest.split_once('/')) {
            Some((version, rest)) => match version.parse() {
                Ok(version) if (9..=java).contains(&version) => versioned.push((version, rest.into(), entry)),
                _ => {}
            },
            None => plain.push((name, entry)),
        }
    }
    // Later entries replace earlier ones of the same name.
    versioned.sort_by_key(|(version, ..)| *version);
    plain.extend(versioned.into_iter().map(|(_, name, entry)| (name, entry)));
    plain
}

#[derive(Default, PartialEq, Eq, Debug)]
struct Manifest {
    multi_release: bool,
    class_path: Vec<String>,
}

impl Manifest {
    /// The main section; a line that starts with a blank goes on with the one before.
    fn of(text: &str) -> Self {
        let text = text.replace("\r\n", "\n").replace('\r', "\n").replace("\n ", "");
        let main = text.split("\n\n").next().unwrap_or_default();
        let value = |wanted: &str| {
            let mut attributes = main.lines().filter_map(|line| line.split_once(':'));
            attributes.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
        };
        Self {
            multi_release: value("Multi-Release").is_some_and(|value| value.eq_ignore_ascii_case("true")),
            class_path: value("Class-Path").unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Manifest;

    #[test]
    fn a_manifest_is_read_over_its_lines() {
        let text = "Manifest-Version: 1.0\r\nClass-Path: a.jar lib/\r\n b.jar\r\nMulti-Release: true\r\n\r\nName: x\r\nClass-Path: no.jar\r\n";
        let class_path = vec!["a.jar".to_owned(), "lib/b.jar".to_owned()];
        assert_eq!(Manifest::of(text), Manifest { multi_release: true, class_path });
        assert_eq!(Manifest::of(""), Manifest::default());
    }
}
