//! The shell files that DSS's start scripts source: `bin/env-*.sh` of the data directory.

use std::fmt;

/// Where something stands in one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptPlace {
    /// The whole path.
    pub file: String,
    /// From 1.
    pub line: usize,
}

impl fmt::Display for ScriptPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}", self.file, self.line)
    }
}

/// Which of the scripts a name was last set in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// `env-default.sh`, which the installer writes anew.
    Default,
    /// `env-hadoop.sh`, which installing the Hadoop integration writes anew.
    Hadoop,
    /// `env-spark.sh`, which installing the Spark integration writes anew.
    Spark,
    /// `env-site.sh`, the administrator's own.
    Site,
}

/// What looks like an assignment and leaves nothing behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VainAssignment {
    /// The variable that it seems to set.
    pub name: String,
    /// Why it sets nothing.
    pub why: String,
    pub place: ScriptPlace,
}

/// A variable that one of the scripts sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignedName {
    pub name: String,
    pub script: Script,
    pub place: ScriptPlace,
}

/// What DSS's start scripts make of the shell files, in the order in which they source them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvScripts {
    /// Those that are there.
    pub files: Vec<String>,
    /// Where bash stops, and with it the start of DSS; why.
    pub stops: Option<(String, ScriptPlace)>,
    /// What may stop it, depending on what bash finds when it runs: whether a program fails, whether a file is there.
    pub may_stop: Option<(String, ScriptPlace)>,
    /// What sets nothing.
    pub vain: Vec<VainAssignment>,
    /// The variables that are set, each where it was set last.
    pub assigned: Vec<AssignedName>,
}

impl fmt::Display for EnvScripts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} variables are set", self.files.join(", "), self.assigned.len())?;
        if let Some((why, place)) = &self.stops {
            write!(f, "; bash stops at {place}: {why}")?;
        }
        if let Some((what, place)) = &self.may_stop {
            write!(f, "; whether bash goes on after {place} is only known when it runs: {what}")?;
        }
        for VainAssignment { name, place, .. } in &self.vain {
            write!(f, "; {place} does not set {name}")?;
        }
        Ok(())
    }
}
