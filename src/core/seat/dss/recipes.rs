//! What recipes and models of projects change of the Spark configuration that they run with.

use std::fmt::{Display, Formatter, Result};

use super::PropertyValue;

/// The changes of one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SparkChange {
    /// Who has it: `the recipe compute_orders of the project SALES`.
    pub by: String,
    /// Its file in the data directory.
    pub file: String,
    /// The name of the Spark configuration that it starts from.
    pub of: String,
    /// The properties that are put over those of the configuration, in order.
    pub conf: Vec<(String, PropertyValue)>,
}

/// All that were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SparkChanges {
    pub list: Vec<SparkChange>,
    /// Why there may be more; none where every file was read.
    pub more: Option<String>,
}

impl Display for SparkChange {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{} ({}) runs with {}", self.by, self.file, self.of)?;
        self.conf.iter().try_for_each(|(key, value)| write!(f, "\n  {key} = {value}"))
    }
}

impl Display for SparkChanges {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let mut lines: Vec<String> = self.list.iter().map(ToString::to_string).collect();
        lines.extend(self.more.clone());
        match lines.is_empty() {
            true => f.write_str("none"),
            false => f.write_str(&lines.join("\n")),
        }
    }
}
