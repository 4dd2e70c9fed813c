//! Jars as the JVM sees them: what counts is the class that is reached on the class path, not the name of a file.

use ackcheck_linkage::Linkage;

/// The class by which Hadoop reaches OSS; hadoop-aliyun brings it.
pub const FILE_SYSTEM_CLASS: &str = "org/apache/hadoop/fs/aliyun/oss/AliyunOSSFileSystem";
/// The client that it uses; aliyun-sdk-oss brings it.
pub const CLIENT_CLASS: &str = "com/aliyun/oss/OSSClient";
/// The class of Hadoop itself that every file system extends; hadoop-common brings it.
pub const HADOOP_CLASS: &str = "org/apache/hadoop/fs/FileSystem";
/// The classes that are looked for.
pub const CLASSES: [&str; 3] = [FILE_SYSTEM_CLASS, CLIENT_CLASS, HADOOP_CLASS];

/// One jar file of the class path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jar {
    /// The file name.
    pub name: String,
    /// The whole path.
    pub path: String,
    pub bytes: u64,
    pub state: JarState,
    /// Those of [`CLASSES`] that are in it, compiled.
    pub holds: Vec<&'static str>,
    /// The SHA-256 of a jar that holds one of them, in hexadecimal.
    pub digest: Option<String>,
    /// Which entry of the class path it comes from. Among the jars of one entry the order is arbitrary.
    pub entry: usize,
}

impl Jar {
    /// True where the JVM loads the class from it.
    pub fn brings(&self, class: &str) -> bool {
        matches!(self.state, JarState::Whole { .. }) && self.holds.contains(&class)
    }

    /// The version that it carries, or its name does.
    pub fn version(&self) -> Option<&str> {
        match &self.state {
            JarState::Whole { coordinates: Some(coordinates) } => coordinates.rsplit(':').next(),
            _ => self.name.strip_suffix(".jar")?.rsplit('-').next(),
        }
    }
}

/// What a file named `.jar` is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JarState {
    /// A readable archive with these Maven coordinates (`group:artifact:version`) where it carries them.
    Whole { coordinates: Option<String> },
    /// It starts as an archive but its directory is missing or beyond the end: a broken download.
    Truncated { why: String },
    /// Its directory is whole, but what an entry holds is not what was put into it.
    Corrupt { entry: String, why: String },
    /// Not an archive at all; how it starts.
    NotAJar { starts: String },
    /// DSS's account cannot read it.
    Unreadable { why: String },
}

impl std::fmt::Display for JarState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            JarState::Whole { coordinates: Some(coordinates) } => write!(f, "whole, {coordinates}"),
            JarState::Whole { coordinates: None } => f.write_str("whole, of no Maven coordinates"),
            JarState::Truncated { why } => write!(f, "broken off: {why}"),
            JarState::Corrupt { entry, why } => write!(f, "damaged in {entry}: {why}"),
            JarState::NotAJar { starts } => write!(f, "no archive, it starts with {starts:?}"),
            JarState::Unreadable { why } => write!(f, "unreadable: {why}"),
        }
    }
}

/// The jars DSS's Hadoop classes come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JarFolder {
    /// The folder of the standalone Hadoop libraries.
    pub path: String,
    /// Every jar of the class path that the data directory decides, in its order: `lib/jdbc`, `lib/java`, and what
    /// `DKU_HADOOP_CP` lists.
    pub jars: Vec<Jar>,
    /// What this takes for granted: that a script which may set any variable does not set this one.
    pub assumed: Option<String>,
}

/// What the walk over the class path of DSS's backend came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JarLinkage {
    pub linkage: Linkage,
    /// The Java whose classes it has besides.
    pub java: String,
    /// Where the class path was read.
    pub told_by: String,
}

impl std::fmt::Display for JarLinkage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Linkage { parts, java, .. } = self.linkage;
        write!(f, "{parts} jars and folders by {}, with the classes of Java {java}: ", self.told_by)?;
        match &self.linkage.struck {
            None => f.write_str("all that Hadoop asks for is there"),
            Some(struck) => write!(f, "{} is missing at {}", struck.missing, struck.operation),
        }
    }
}
