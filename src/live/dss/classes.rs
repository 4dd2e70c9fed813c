//! Whether a class is on the class path of DSS's backend: in any jar that its start scripts put there.

use std::path::{Path, PathBuf};

use zip::ZipArchive;

use super::directory::Directory;
use ackcheck_core::right::Right;
use ackcheck_core::seat::Seen;
use ackcheck_core::text_file::{self, Why};
use ackcheck_core::verdict::Unseen;

/// The most jars opened: a DSS has about a thousand.
const MOST_JARS: usize = 20_000;
/// How deep below one of the folders jars are looked for; links to folders are not followed.
const DEEPEST: usize = 6;

/// Those of the classes that no jar has, by the names given.
///
/// # Errors
/// Where a folder or a jar cannot be read: the class may be in it.
pub(super) fn missing(directory: &Directory, classes: &[String]) -> Seen<Vec<String>> {
    let install = directory.install_dir()?;
    let folders = [
        install.join("hadoop-standalone-libs"),
        install.join("dist"),
        install.join("lib"),
        directory.file("lib"),
        directory.file("plugins"),
    ];
    let mut missing = classes.to_vec();
    let mut seen = 0;
    for folder in folders {
        search(&folder, DEEPEST, &mut seen, &mut missing)?;
    }
    Ok(missing)
}

fn search(folder: &Path, deeper: usize, seen: &mut usize, missing: &mut Vec<String>) -> Seen<()> {
    let what = || folder.display().to_string();
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            return match Why::from(&error) {
                Why::Missing => Ok(()),
                Why::Forbidden => Err(Unseen::denied([Right::list(folder)], Why::Forbidden.to_string())),
                why => Err(Unseen::unreadable(what(), why.to_string())),
            };
        }
    };
    for entry in entries {
        let entry = entry.map_err(|error| Unseen::unreadable(what(), Why::from(&error).to_string()))?;
        let path: PathBuf = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if deeper > 0 {
                search(&path, deeper - 1, seen, missing)?;
            }
        } else if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("jar")) {
            *seen += 1;
            if *seen > MOST_JARS {
                return Err(Unseen::unreadable(what(), format!("more than {MOST_JARS} jars")));
            }
            leave_out(&path, missing)?;
        }
        if missing.is_empty() {
            break;
        }
    }
    Ok(())
}

/// Leaves out the classes that a jar has. What is no archive is as good as absent for the JVM.
fn leave_out(jar: &Path, missing: &mut Vec<String>) -> Seen<()> {
    let file = match text_file::open(jar) {
        Ok((file, _)) => file,
        Err(unread) => return Err(Unseen::unreadable(jar.display().to_string(), unread.why.to_string())),
    };
    if let Ok(archive) = ZipArchive::new(file) {
        missing.retain(|class| archive.index_for_name(&format!("{}.class", class.replace('.', "/"))).is_none());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_class_is_where_a_jar_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let (data, install) = (folder.path().join("data"), folder.path().join("install"));
        std::fs::create_dir_all(data.join("lib/java/deeper")).unwrap();
        std::fs::create_dir_all(install.join("hadoop-standalone-libs")).unwrap();
        let file = std::fs::File::create(data.join("lib/java/deeper/own.JAR")).unwrap();
        let mut jar = zip::ZipWriter::new(file);
        jar.start_file("org/example/Own.class", zip::write::SimpleFileOptions::default()).unwrap();
        jar.write_all(b"class").unwrap();
        jar.finish().unwrap();
        std::fs::write(install.join("hadoop-standalone-libs/no.jar"), b"no archive").unwrap();
        let directory = Directory { data, install: Some(install) };
        let names = ["org.example.Own".to_owned(), "org.example.Other".to_owned()];
        assert_eq!(missing(&directory, &names).unwrap(), ["org.example.Other"]);
    }
}
