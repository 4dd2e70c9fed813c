//! The site file's text, where its secrets come from, and what is wrong in it: collected with its place, not returned at
//! once.

use std::cell::RefCell;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::secret::Scrubber;

/// Where secrets come from: the environment and files, which only the caller may look at.
pub trait SecretSource {
    /// Learns each of them, and every secret that stands in the site file itself.
    fn scrubber(&self) -> &Scrubber;
    /// The value of an environment variable, or why there is none.
    fn environment(&self, name: &str) -> Result<String, String>;
    /// The content of a file that only its owner can read, or why it cannot serve.
    fn file(&self, path: &Path) -> Result<String, String>;
}

/// One thing wrong in the site file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    pub file: PathBuf,
    /// From 1.
    pub line: usize,
    /// The full key: `registry.password`; empty for a syntax error.
    pub key: String,
    pub why: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file.display(), self.line)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.why)
    }
}

/// Everything wrong in the site file, by line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}
impl std::error::Error for ConfigErrors {}

/// What all sections of one file share.
pub(super) struct Source<'a> {
    pub(super) file: &'a Path,
    pub(super) text: &'a str,
    pub(super) secrets: &'a dyn SecretSource,
    pub(super) errors: RefCell<Vec<ConfigError>>,
}

impl Source<'_> {
    /// The line, from 1, of a place in the text.
    pub(super) fn line(&self, at: usize) -> usize {
        self.text[..at.min(self.text.len())].matches('\n').count() + 1
    }

    /// A mistake at a place of the file. What it quotes of the file is without secrets.
    pub(super) fn error(&self, at: usize, key: &str, why: impl Into<String>) {
        let (file, line, why) = (self.file.to_owned(), self.line(at), self.secrets.scrubber().scrub(&why.into()));
        self.errors.borrow_mut().push(ConfigError { file, line, key: key.to_owned(), why });
    }
}
