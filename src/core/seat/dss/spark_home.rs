//! The Spark that DSS starts jobs with, as `bin/env-spark.sh` names it.

use std::fmt::{Display, Formatter, Result};

use super::Jar;

/// The integration of Spark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SparkHome {
    /// The script, for messages.
    pub file: String,
    /// Whether the script is there.
    pub installed: bool,
    /// `DKU_SPARK_HOME`; none where the script does not set it, or only a running shell can tell.
    pub home: Option<String>,
    /// The home lies in a DSS install directory other than the current one.
    pub foreign: bool,
    /// The current install directory.
    pub install_dir: String,
    /// Every `*.jar` of its `jars` folder, by name; none where there is no such folder.
    pub jars: Option<Vec<Jar>>,
    /// The jars that DSS adds to every job (`additionalSparkSubmitJars`).
    pub added: Vec<String>,
}

impl Display for SparkHome {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if !self.installed {
            return write!(f, "{} does not exist", self.file);
        }
        let home = self.home.as_deref().unwrap_or("not known");
        write!(f, "DKU_SPARK_HOME is {home}; DSS runs from {}", self.install_dir)?;
        match &self.jars {
            None => f.write_str("; it does not have a folder of jars")?,
            Some(jars) => write!(f, "; {} jars", jars.len())?,
        }
        let of_oss = self.jars.iter().flatten().filter(|jar| jar.name.contains("aliyun"));
        of_oss.into_iter().try_for_each(|jar| write!(f, "\n{}: {}", jar.path, jar.state))?;
        self.added.iter().try_for_each(|jar| write!(f, "\nadded to every job: {jar}"))
    }
}
