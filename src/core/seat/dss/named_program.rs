//! A program that DSS's start scripts name in a variable: `DKUJAVABIN`, `DKUPYTHONBIN`.

use std::fmt;

use super::ScriptPlace;

/// What the scripts `bin/env-*.sh` leave in the variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedProgram {
    /// Nothing.
    Unset,
    /// This, which may be empty.
    Named {
        path: String,
        place: ScriptPlace,
        /// What is taken for granted with it: that something which may set any variable leaves this one as it is.
        assumed: Option<String>,
    },
    /// Only a running shell can tell.
    Uncertain { why: String, place: ScriptPlace },
}

impl fmt::Display for NamedProgram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NamedProgram::Unset => f.write_str("no script sets it"),
            NamedProgram::Named { path, place, assumed } => {
                write!(f, "{place}: {path}")?;
                assumed.iter().try_for_each(|assumed| write!(f, ", if {assumed}"))
            }
            NamedProgram::Uncertain { why, place } => write!(f, "{place} leaves it to the shell: {why}"),
        }
    }
}
