//! The files below a folder, in the order of their names.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use walkdir::WalkDir;

use ackcheck_core::io_error;

use crate::open::NotRead;

/// How deep, and how many: what is beyond was meant as little as `/` is.
const DEEPEST: usize = 32;
const MOST_FILES: usize = 100_000;

/// What is below a folder.
#[derive(Debug, Default)]
pub(crate) struct Below {
    pub(crate) files: Vec<PathBuf>,
    /// How many were last written before the time that was given.
    pub(crate) older: u64,
    pub(crate) not_read: Vec<NotRead>,
}

/// The files below a folder that were written after `since`. Links to files are followed, as container runtimes lay them,
/// links to folders are not.
pub(crate) fn files_below(folder: &Path, since: Option<SystemTime>) -> Below {
    let mut below = Below::default();
    for entry in WalkDir::new(folder).max_depth(DEEPEST).sort_by_file_name() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let name = error.path().unwrap_or(folder).display().to_string();
                let why = error.io_error().map_or_else(|| error.to_string(), io_error::in_words);
                below.not_read.push(NotRead { name, why });
                continue;
            }
        };
        // What a link leads to; where to nothing, there is nothing to read.
        let Ok(metadata) = std::fs::metadata(entry.path()) else { continue };
        if !metadata.is_file() {
            continue;
        }
        let older = since.is_some_and(|since| metadata.modified().is_ok_and(|written| written < since));
        if older {
            below.older += 1;
        } else if below.files.len() == MOST_FILES {
            let why = format!("there are more than {MOST_FILES} files in it; the rest were not read");
            below.not_read.push(NotRead { name: folder.display().to_string(), why });
            break;
        } else {
            below.files.push(entry.into_path());
        }
    }
    below
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::time::Duration;

    use super::*;

    #[test]
    fn finds_files_by_name_and_leaves_what_is_older() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("b")).unwrap();
        for name in ["b/output.log", "a.log", "c.log"] {
            fs::write(path(name), "x").unwrap();
        }
        symlink(path("b"), path("loop")).unwrap();
        symlink(path("a.log"), path("z.log")).unwrap();
        symlink("nowhere", path("dangling")).unwrap();
        let old = SystemTime::now() - Duration::from_secs(7200);
        fs::File::options().write(true).open(path("c.log")).unwrap().set_modified(old).unwrap();
        let names = |below: &Below| -> Vec<String> {
            let name = |file: &PathBuf| file.strip_prefix(folder.path()).unwrap().display().to_string();
            below.files.iter().map(name).collect()
        };
        let all = files_below(folder.path(), None);
        assert_eq!(names(&all), ["a.log", "b/output.log", "c.log", "z.log"]);
        let young = files_below(folder.path(), Some(old + Duration::from_secs(3600)));
        assert_eq!((names(&young), young.older), (vec!["a.log".into(), "b/output.log".into(), "z.log".into()], 1));
        assert_eq!(files_below(&path("none"), None).not_read[0].why, "no such file or directory");
    }
}
