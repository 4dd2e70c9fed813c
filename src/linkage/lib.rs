//! What a JVM would find missing on a class path, told without one: the classes, methods and fields that Hadoop's connector
//! for OSS reaches in what DSS does with a bucket, in the order in which a JVM would load, link and call them.
//!
//! The rules are HotSpot's (findings by 377 class paths that real JVMs ran: `ci/oracles/linkage`): names are resolved where an
//! instruction first asks for them; but linking a class loads what its handlers catch, and what its code uses as something else.

mod bytes;
mod class_file;
mod class_path;
mod classes;
mod code;
mod course;
mod jar;
mod names;
mod operations;
mod pool;
mod runtime;
mod shape;
mod stack_map;
mod value;
mod walk;
pub mod writer;

use std::path::{Path, PathBuf};

/// A file that cannot be read, so that nothing is known of the class path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {why}", path.display())]
pub struct Unread {
    pub path: PathBuf,
    pub why: String,
}

/// A file on the class path that is no archive to the JVM, or an entry that it cannot unpack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    pub jar: PathBuf,
    /// None where it is the whole file.
    pub entry: Option<String>,
    pub why: String,
}

/// What a JVM asks for and does not get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// A class, by its name with slashes, that no part of the class path has: `NoClassDefFoundError`.
    Class { class: String },
    /// A method that its class does not have: `NoSuchMethodError`. The jar is where the class is.
    Method { owner: String, name: String, descriptor: String, jar: Option<PathBuf> },
    /// A field that its class does not have: `NoSuchFieldError`.
    Field { owner: String, name: String, descriptor: String, jar: Option<PathBuf> },
    /// A class whose file is of a later Java: `UnsupportedClassVersionError`.
    TooNew { class: String, jar: Option<PathBuf>, version: u16, java: u16 },
    /// A class whose file cannot be followed.
    Malformed { class: String, jar: Option<PathBuf> },
}

impl Missing {
    /// What the JVM throws.
    pub fn exception(&self) -> &'static str {
        match self {
            Self::Class { .. } => "NoClassDefFoundError",
            Self::Method { .. } => "NoSuchMethodError",
            Self::Field { .. } => "NoSuchFieldError",
            Self::TooNew { .. } => "UnsupportedClassVersionError",
            Self::Malformed { .. } => "ClassFormatError",
        }
    }
}

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Class { class } | Self::TooNew { class, .. } | Self::Malformed { class, .. } => f.write_str(class),
            Self::Method { owner, name, descriptor, .. } => write!(f, "{owner}.{name}{descriptor}"),
            Self::Field { owner, name, .. } => write!(f, "{owner}.{name}"),
        }
    }
}

/// The first operation that fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Struck {
    /// What DSS was doing: such as `stat` or `put`.
    pub operation: &'static str,
    pub missing: Missing,
    /// The methods that lead to it, as `a/B.method`: the one that asks for what is missing first.
    pub chain: Vec<String>,
}

/// What the walk over a class path came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linkage {
    /// None where every operation finds all that it asks for.
    pub struck: Option<Struck>,
    pub damaged: Vec<Damage>,
    /// How many jars and folders the class path has.
    pub parts: usize,
    /// The version of Java, such as 17.
    pub java: u16,
}

/// What of Hadoop's settings decides which code runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settings {
    /// `fs.oss.signatureversion` is `V4`.
    pub signs_with_version_4: bool,
}

/// Walks what DSS does through Hadoop over a class path, whose entries are jars, folders with classes, or `FOLDER/*`.
///
/// # Errors
/// Where a part of the class path, or Java's own classes, cannot be read: then nothing is known.
pub fn of(class_path: &[PathBuf], java_home: &Path, settings: Settings) -> Result<Linkage, Unread> {
    let mut classes = classes::open(class_path, java_home)?;
    let java = classes.java();
    let course = operations::course(&mut classes.names, settings);
    let mut walk = walk::Walk::new(classes, course);
    let mut struck = None;
    for (number, operation) in operations::OPERATIONS.iter().enumerate() {
        let roots = operations::roots(number, &mut walk.classes.names);
        if let Some(found) = walk.operation(number, roots)? {
            struck = Some(Struck { operation, missing: (*found.missing).clone(), chain: found.chain });
            break;
        }
    }
    let path = walk.classes.into_path();
    Ok(Linkage { struck, parts: path.parts(), damaged: path.damaged, java })
}
