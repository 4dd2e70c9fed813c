//! Where reports go: standard output, or files that are written whole or not at all.

use std::fs::Permissions;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context as _, bail};

use super::stream;
use ackcheck_core::io_error;
use ackcheck_core::report::Format;

/// `FORMAT[=FILE]`, of a report or of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target<F = Format> {
    pub format: F,
    /// Standard output where not given.
    pub file: Option<PathBuf>,
}

impl<F> Target<F> {
    /// Whether it is written to as it comes, and cannot be written again.
    pub(super) fn is_stream(&self) -> bool {
        self.file.as_ref().is_none_or(|file| is_stream(file))
    }
}

impl<F: FromStr<Err: std::fmt::Display>> FromStr for Target<F> {
    type Err = String;

    fn from_str(text: &str) -> Result<Target<F>, String> {
        let (format, file) = match text.split_once('=') {
            Some((_, "")) => return Err(format!("`{text}` lacks a file after the equals sign")),
            Some((format, "-")) => (format, None),
            Some((format, file)) => (format, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let format = format.parse::<F>().map_err(|error| error.to_string())?;
        Ok(Target { format, file })
    }
}

impl<F: std::fmt::Display> std::fmt::Display for Target<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.file {
            Some(file) => write!(f, "{}={}", self.format, file.display()),
            None => write!(f, "{}", self.format),
        }
    }
}

/// The targets of a run, checked before it starts. One for people goes to standard output where nothing else
/// does and such a format is given.
///
/// # Errors
/// Two reports for one place, or a file that could not be written.
pub(super) fn checked<F>(mut targets: Vec<Target<F>>, for_people: Option<F>) -> anyhow::Result<Vec<Target<F>>> {
    let to_stdout = targets.iter().filter(|target| target.file.is_none()).count();
    if to_stdout > 1 {
        bail!("two reports cannot both go to standard output; give all but one a file: --report json=FILE");
    }
    if to_stdout == 0 {
        targets.extend(for_people.map(|format| Target { format, file: None }));
    }
    let mut files: Vec<PathBuf> = Vec::new();
    for file in targets.iter_mut().filter_map(|target| target.file.as_mut()) {
        // A link stays a link: what it points at is written.
        if let Ok(real) = file.canonicalize() {
            *file = real;
        }
        if files.contains(file) {
            bail!("two reports cannot both go to {}", file.display());
        }
        files.push(file.clone());
        try_to_write(file).with_context(|| format!("the report {} cannot be written", file.display()))?;
    }
    Ok(targets)
}

/// The folder a file is in.
fn folder(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn temporary(file: &Path) -> anyhow::Result<tempfile::NamedTempFile> {
    let folder = folder(file);
    let mut builder = tempfile::Builder::new();
    // As any program creates files: for whom the user's mask allows.
    let created = builder.prefix(".ackcheck-").permissions(Permissions::from_mode(0o666)).tempfile_in(folder);
    let shown = folder.display();
    created.map_err(|error| match error.kind() {
        ErrorKind::NotFound if folder.is_dir() => anyhow::anyhow!("nothing can be created in the folder {shown}"),
        ErrorKind::NotFound => anyhow::anyhow!("the folder {shown} is not there"),
        ErrorKind::NotADirectory => anyhow::anyhow!("{shown} is not a folder"),
        ErrorKind::PermissionDenied => anyhow::anyhow!("this account is not allowed to write to the folder {shown}"),
        ErrorKind::ReadOnlyFilesystem => anyhow::anyhow!("the folder {shown} is on a read-only file system"),
        _ => anyhow::anyhow!("in the folder {shown}: {}", io_error::in_words(&error)),
    })
}

/// A pipe or a character device, which are written to as they are and cannot be replaced.
fn is_stream(file: &Path) -> bool {
    std::fs::metadata(file)
        .is_ok_and(|metadata| metadata.file_type().is_fifo() || metadata.file_type().is_char_device())
}

/// Leaves nothing behind.
fn try_to_write(file: &Path) -> anyhow::Result<()> {
    match std::fs::metadata(file).map(|metadata| metadata.file_type()) {
        Ok(kind) if kind.is_dir() => bail!("it is a folder"),
        Ok(kind) if kind.is_socket() => bail!("it is a socket"),
        Ok(kind) if kind.is_block_device() => bail!("it is a disk"),
        Ok(kind) if !kind.is_file() => Ok(()),
        _ if file.file_name().is_none() => bail!("it has no file name"),
        _ => temporary(file).map(drop),
    }
}

/// Writes a file whole or not at all: beside its place first, then moved into it. Who reads it meanwhile sees the old
/// file or the new one, and never half of either.
pub(super) fn write(file: &Path, content: impl AsRef<[u8]>) -> anyhow::Result<()> {
    let content = content.as_ref();
    let written = || -> anyhow::Result<()> {
        if is_stream(file) {
            return stream::write(file, content);
        }
        let mut temporary = temporary(file)?;
        let refused = |error: std::io::Error| anyhow::anyhow!(io_error::in_words(&error));
        temporary.write_all(content).map_err(refused)?;
        temporary.as_file().sync_all().map_err(refused)?;
        temporary.persist(file).map_err(|error| refused(error.error))?;
        Ok(())
    };
    written().with_context(|| format!("{} was not written", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(texts: &[&str]) -> Vec<Target> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn targets_are_read_and_mistakes_told() {
        assert_eq!(targets(&["junit=a=b.xml"])[0].file, Some(PathBuf::from("a=b.xml")));
        assert_eq!(targets(&["json=-"])[0].file, None);
        assert!("junit=".parse::<Target>().is_err());
        assert!("xml".parse::<Target>().is_err());
    }

    #[test]
    fn people_are_told_where_nothing_else_is_printed() {
        assert_eq!(checked(vec![], Some(Format::Terminal)).unwrap(), targets(&["terminal"]));
        assert_eq!(checked::<Format>(vec![], None).unwrap(), []);
        assert_eq!(checked(targets(&["json"]), Some(Format::Terminal)).unwrap(), targets(&["json"]));
        assert!(checked(targets(&["json", "terminal"]), Some(Format::Terminal)).is_err());
    }

    #[test]
    fn a_target_that_cannot_be_written_is_found_and_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| format!("junit={}", folder.path().join(name).display());
        assert!(checked(targets(&[&path("missing/x.xml")]), None).is_err());
        assert!(checked(targets(&[&path("")]), None).is_err());
        assert!(checked(targets(&[&path("x.xml"), &path("x.xml").replace("junit", "json")]), None).is_err());
        assert!(checked(targets(&[&path("x.xml")]), None).is_ok());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        write(&folder.path().join("x.xml"), "content").unwrap();
        assert_eq!(std::fs::read_to_string(folder.path().join("x.xml")).unwrap(), "content");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
