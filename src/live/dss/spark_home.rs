//! The Spark that `bin/env-spark.sh` names, and its jars.

use std::path::Path;

use super::directory::{Directory, lies_in_an_install, same_tree};
use super::jars;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::dss::spark_home::SparkHome;

impl Directory {
    /// The integration of Spark; `added` is what DSS's settings add to every job.
    pub(super) fn spark_home(&self, added: Vec<String>) -> Seen<SparkHome> {
        let install = self.install_dir()?;
        let (file, installed, home) = self.spark_script()?;
        let folder = home.as_deref().map(|home| Path::new(home).join("jars"));
        let jars = match &folder {
            Some(folder) => jars::of_folder(folder, 0)?,
            None => None,
        };
        let foreign =
            home.as_deref().is_some_and(|home| lies_in_an_install(home) && !same_tree(Path::new(home), &install));
        let install_dir = install.display().to_string();
        Ok(SparkHome { file, installed, home, foreign, install_dir, jars, added })
    }
}
