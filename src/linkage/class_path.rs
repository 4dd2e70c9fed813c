//! A class path in its order: which jar or folder brings a class.

use rustc_hash::{FxHashMap, FxHashSet};
use std::path::{Path, PathBuf};

use crate::jar::{self, Entry, Jar, OpenJar, Opened};
use crate::{Damage, Unread};

/// The most entries that a class path comes to, with what manifests name.
const MOST_PARTS: usize = 5_000;
/// The most classes of a class path.
const MOST_CLASSES: usize = 2_000_000;
/// The most jars that stay open.
const MOST_OPEN: usize = 128;
const SUFFIX: &str = ".class";

enum Part {
    Jar(PathBuf),
    Folder(PathBuf),
}

/// The classes of a class path.
pub(crate) struct ClassPath {
    parts: Vec<Part>,
    classes: FxHashMap<Box<str>, (u32, Entry)>,
    /// What is not a class, for its content: the files of services and Hadoop's defaults.
    resources: FxHashMap<Box<str>, Vec<(u32, Entry)>>,
    folders: Vec<u32>,
    open: FxHashMap<u32, OpenJar>,
    /// The files that are no jars to the JVM, and classes that cannot be unpacked.
    pub(crate) damaged: Vec<Damage>,
}

/// What reading a class came to.
pub(crate) enum Found {
    Class {
        bytes: Vec<u8>,
        part: u32,
    },
    /// It cannot be unpacked: [`ClassPath::damaged`] has it.
    Damaged,
    Nowhere,
}

impl ClassPath {
    /// Reads the directories of all jars. An entry may be a jar, a folder with classes, or `FOLDER/*`.
    ///
    /// # Errors
    /// Where a jar or folder that is there cannot be read.
    pub(crate) fn open(entries: &[PathBuf], java: u16) -> Result<Self, Unread> {
        let mut path = Self {
            parts: Vec::new(),
            classes: FxHashMap::default(),
            resources: FxHashMap::default(),
            folders: Vec::new(),
            open: FxHashMap::default(),
            damaged: Vec::new(),
        };
        let mut left: Vec<PathBuf> = Vec::new();
        for entry in entries {
            expand(entry, &mut left)?;
        }
        left.reverse();
        let mut seen = FxHashSet::default();
        while let Some(entry) = left.pop() {
            if !seen.insert(entry.clone()) {
                continue;
            }
            if path.parts.len() >= MOST_PARTS || path.classes.len() > MOST_CLASSES {
                return Err(Unread { path: entry, why: format!("more than {MOST_PARTS} jars, or too many classes") });
            }
            let number = u32::try_from(path.parts.len()).unwrap_or(u32::MAX);
            if entry.is_dir() {
                path.folders.push(number);
                path.parts.push(Part::Folder(entry));
            } else if entry.is_file() {
                match jar::open(&entry, java)? {
                    Opened::Damaged(damage) => path.damaged.push(damage),
                    Opened::Jar(jar) => {
                        // What a manifest names is searched right after its jar.
                        left.extend(named(&jar).into_iter().rev());
                        path.take(number, *jar);
                    }
                }
            }
        }
        Ok(path)
    }

    fn take(&mut self, number: u32, jar: Jar) {
        self.classes.reserve(jar.entries.len());
        for (name, entry) in jar.entries {
            if let Some(class) = name.strip_suffix(SUFFIX) {
                match self.classes.get_mut(class) {
                    // Of two entries of one name in a jar the JVM takes the last; of two jars the first.
                    Some(known) if known.0 == number => known.1 = entry,
                    Some(_) => {}
                    None => drop(self.classes.insert(class.into(), (number, entry))),
                }
            } else if name.starts_with("META-INF/services/") || &*name == "core-default.xml" {
                self.resources.entry(name).or_default().push((number, entry));
            }
        }
        self.parts.push(Part::Jar(jar.path));
    }

    /// The bytes of a class, by its name with slashes.
    pub(crate) fn class(&mut self, name: &str) -> Found {
        let in_jar = self.classes.get(name).copied();
        for part in &self.folders {
            if in_jar.is_some_and(|(jar, _)| jar < *part) {
                break;
            }
            if let Part::Folder(folder) = &self.parts[*part as usize]
                && let Ok(bytes) = std::fs::read(folder.join(format!("{name}{SUFFIX}")))
            {
                return Found::Class { bytes, part: *part };
            }
        }
        let Some((part, entry)) = in_jar else { return Found::Nowhere };
        match self.read(part, entry) {
            Ok(bytes) => Found::Class { bytes, part },
            Err(why) => {
                let jar = self.part(part).to_owned();
                let damage = Damage { jar, entry: Some(format!("{name}{SUFFIX}")), why };
                self.damaged.push(damage);
                Found::Damaged
            }
        }
    }

    /// The contents of all files of a name, in order; those that cannot be read are left out, as the JVM leaves them out.
    pub(crate) fn resources(&mut self, name: &str) -> Vec<Vec<u8>> {
        let places = self.resources.get(name).cloned().unwrap_or_default();
        places.into_iter().filter_map(|(part, entry)| self.read(part, entry).ok()).collect()
    }

    /// How many jars and folders it has.
    pub(crate) fn parts(&self) -> usize {
        self.parts.len()
    }

    /// The jar or folder of a number.
    pub(crate) fn part(&self, number: u32) -> &Path {
        match &self.parts[number as usize] {
            Part::Jar(path) | Part::Folder(path) => path,
        }
    }

    fn read(&mut self, part: u32, entry: Entry) -> Result<Vec<u8>, String> {
        if !self.open.contains_key(&part) {
            if self.open.len() >= MOST_OPEN {
                self.open.clear();
            }
            let jar = OpenJar::again(self.part(part))?;
            self.open.insert(part, jar);
        }
        self.open[&part].read(entry)
    }
}

/// `FOLDER/*` is every jar of the folder, in the order in which the system lists them, as the launcher of Java has it.
fn expand(entry: &Path, to: &mut Vec<PathBuf>) -> Result<(), Unread> {
    let Some(folder) = entry.file_name().filter(|name| *name == "*").and(entry.parent()) else {
        to.push(entry.to_owned());
        return Ok(());
    };
    let unread = |error: std::io::Error| Unread { path: folder.to_owned(), why: error.to_string() };
    let listed = match std::fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unread(error)),
    };
    for file in listed.take(MOST_PARTS) {
        let path = file.map_err(unread)?.path();
        if path.extension().is_some_and(|extension| extension == "jar" || extension == "JAR") {
            to.push(path);
        }
    }
    Ok(())
}

/// The jars that a manifest names, below the folder of its jar.
fn named(jar: &Jar) -> Vec<PathBuf> {
    let folder = jar.path.parent().unwrap_or(Path::new(""));
    let plain = jar.class_path.iter().map(|url| url.strip_prefix("file:").unwrap_or(url));
    plain.filter(|url| !url.contains(':')).map(|url| folder.join(url)).collect()
}
