//! The class path of DSS's backend, as far as the data directory decides it: `lib/jdbc`, `lib/java`, and last what
//! `DKU_HADOOP_CP` lists. Whatever is earlier wins.

use std::path::{Path, PathBuf};

use super::super::environment::Value;
use super::super::jars;
use super::{Directory, standalone_libs};
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::dss::{Jar, JarFolder};
use ackcheck_core::verdict::Unseen;

/// The variable that lists the classes of Hadoop.
const HADOOP_CP: &str = "DKU_HADOOP_CP";
/// The most entries of a class path that are looked at; Hadoop's own have some hundred.
const MOST_ENTRIES: usize = 1000;

impl Directory {
    /// Every jar of the class path, in its order.
    ///
    /// # Errors
    /// Where a folder cannot be listed, or the class path is only known when DSS starts.
    pub(in super::super) fn hadoop_jars(&self) -> Seen<JarFolder> {
        let libs = standalone_libs(&self.install_dir()?);
        let path = libs.display().to_string();
        if !libs.is_dir() {
            return Err(Unseen::unreadable(path, "it is not there"));
        }
        let mut found = Vec::new();
        let (entries, assumed) = self.class_path(&libs)?;
        for (place, entry) in entries.into_iter().enumerate() {
            found.extend(jars_of(&entry, place)?);
        }
        Ok(JarFolder { path, jars: found, assumed })
    }

    /// The class path of the backend as its start script puts it together (`bkdl_get_cp` of DSS 9.0.5), without the plugins'.
    ///
    /// # Errors
    /// As [`Directory::hadoop_jars`].
    pub(in super::super) fn backend_class_path(&self) -> Seen<Vec<String>> {
        const OF_DSS: [&str; 6] =
            ["dist", "dist/*", "lib/ivy/backend-run/*", "lib/ivy/common-run/*", "lib/shadelib/*", "lib/third/*"];
        let install = self.install_dir()?;
        let of_dss = OF_DSS.iter().map(|entry| install.join(entry));
        let (of_data, _) = self.class_path(&standalone_libs(&install))?;
        let entries = std::iter::once(self.file("bin")).chain(of_dss).chain(of_data);
        Ok(entries.map(|entry| entry.display().to_string()).collect())
    }

    /// The entries, folders of jars as `FOLDER/*`, and what is taken for granted in them.
    fn class_path(&self, libs: &Path) -> Seen<(Vec<PathBuf>, Option<String>)> {
        let (variable, assumed) = self.variable(HADOOP_CP)?;
        let mut entries = vec![self.file("lib/jdbc/*"), self.file("lib/java/*")];
        match variable.map(|variable| (variable.value, variable.place)) {
            Some((Value::Literal(text), place)) => {
                entries.extend(text.split(':').filter(|entry| !entry.is_empty()).map(PathBuf::from));
                if entries.len() > MOST_ENTRIES {
                    let why = format!("line {}: {HADOOP_CP} has more than {MOST_ENTRIES} entries", place.line);
                    return Err(Unseen::unreadable(place.file.to_string(), why));
                }
            }
            Some((Value::Dynamic(_), place)) => {
                let why = format!("line {}: {HADOOP_CP} is only determined when DSS starts", place.line);
                return Err(Unseen::unreadable(place.file.to_string(), why));
            }
            // Without the integration there is no Hadoop in DSS, which another check says.
            Some((Value::Unset, _)) | None => entries.push(libs.join("*")),
        }
        Ok((entries, assumed))
    }
}

/// The jars of one entry. What is not there is passed over, as Java does.
fn jars_of(entry: &Path, place: usize) -> Seen<Vec<Jar>> {
    if entry.ends_with("*") {
        let folder = entry.parent().unwrap_or(entry);
        return Ok(jars::of_folder(folder, place)?.unwrap_or_default());
    }
    if entry.is_dir() {
        return Ok(jars::of_classes(entry, place).into_iter().collect());
    }
    if !entry.is_file() {
        return Ok(Vec::new());
    }
    let name = entry.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(vec![jars::of_file(entry, name, place)])
}

#[cfg(test)]
#[path = "class_path_tests.rs"]
mod tests;
