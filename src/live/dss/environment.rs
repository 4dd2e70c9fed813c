//! What DSS's shell files (`bin/env-*.sh`) leave in the environment, read without running them.
//!
//! They are plain bash, sourced one after the other under `bash -e`. What bash would export is the truth: what only a
//! running shell can decide (a substitution, a test of a file, another script) is said to be so, with its line, and
//! never guessed; so is what is not understood here.

use std::sync::Arc;

use super::bytes;
use super::commands::{FAILED, Halt, Shell, Vain};
use super::shell::{self, Malformed, NotParsed, with_room};
use super::state::Place;
pub(super) use super::state::{Value, Variable};

/// Why a script was not read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NotRead {
    /// bash stops in it, and DSS with it.
    Malformed(Malformed),
    /// A bound of this program, which says nothing about the script.
    TooMuch(String),
}

/// The variables, as the scripts read so far leave them.
pub(super) struct Environment(Shell);

impl Default for Environment {
    fn default() -> Self {
        Environment(Shell::new())
    }
}

impl Environment {
    /// A variable that DSS's start scripts have set before any of these files.
    pub(super) fn seed(&mut self, name: &str, value: &str) {
        let place = Place { file: Arc::from(""), line: 0 };
        let variable = Variable { value: Value::Literal(bytes::covered(value)), exported: Some(true), place };
        self.0.state.variables.insert(name.to_owned(), variable);
    }

    /// The variable after all that was read; none where it was never assigned.
    pub(super) fn get(&self, name: &str) -> Option<Variable> {
        let mut variable = self.0.state.view(name).filter(|variable| variable.value != Value::Unset)?;
        if let Value::Literal(text) | Value::Dynamic(text) = &mut variable.value {
            *text = bytes::told(text);
        }
        Some(variable)
    }

    /// The text of a variable whose value is certain.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        match self.get(name)?.value {
            Value::Literal(text) => Some(text),
            Value::Dynamic(_) | Value::Unset => None,
        }
    }

    /// The variables that the scripts set, with where.
    pub(super) fn assigned(&self) -> Vec<(String, Place)> {
        let variables = &self.0.state.variables;
        let set = variables.iter().filter(|(_, variable)| variable.value != Value::Unset && variable.place.line > 0);
        let mut all: Vec<_> = set.map(|(name, variable)| (name.clone(), variable.place.clone())).collect();
        all.sort_by(|a, b| (a.1.line, &a.0).cmp(&(b.1.line, &b.0)));
        all
    }

    /// What looks like an assignment of a variable of DSS and leaves none behind.
    pub(super) fn vain(&self) -> Vec<Vain> {
        let never = |vain: &&Vain| self.0.state.view(&vain.name).is_none_or(|seen| seen.value == Value::Unset);
        self.0.vain.iter().filter(never).cloned().collect()
    }

    /// What in the scripts may end the shell, depending on what it finds when it runs.
    pub(super) fn may_stop(&self) -> Option<(String, Place)> {
        self.0.state.may_stop.clone().or_else(|| self.0.state.lost.clone())
    }

    /// Reads one script, as `source` would run it.
    ///
    /// # Errors
    /// Where bash stops in it, or where it is beyond what is read here; what was read of earlier scripts stays.
    pub(super) fn source(&mut self, script: &[u8], file: &str) -> Result<(), NotRead> {
        let Some(text) = bytes::script(script) else {
            let why = "it is full of NUL bytes, as a file in UTF-16 is, and bash does not run it".to_owned();
            return Err(NotRead::Malformed(Malformed { why, line: 1 }));
        };
        let shell = &mut self.0;
        shell.file = Arc::from(file);
        shell.line = 0;
        shell.fault = None;
        with_room(|| run(shell, &text)).map_err(NotRead::TooMuch)?
    }
}

fn run(shell: &mut Shell, text: &str) -> Result<(), NotRead> {
    let (program, fault) = match shell::parse(text) {
        Ok(program) => (Some(program), None),
        Err(NotParsed::TooMuch(why)) => return Err(NotRead::TooMuch(why)),
        // bash runs what stands before the fault, and may never come to it.
        Err(NotParsed::Malformed(fault)) => (shell::part_before(text, fault.line), Some(fault)),
    };
    let lists = program.map(|program| program.complete_commands).unwrap_or_default();
    let ended = match &fault {
        None => shell.whole(&lists),
        Some(fault) => shell.before_fault(&lists, fault),
    };
    match ended {
        Err(Halt::Ends(fault)) => Err(NotRead::Malformed(told(fault))),
        Err(Halt::Limit(why)) => Err(NotRead::TooMuch(why)),
        Err(Halt::Return(_) | Halt::Break(_) | Halt::Continue(_)) => Ok(()),
        // `source` itself fails with its last command.
        Ok(FAILED) => match shell.checked(FAILED, "its last command fails, and `source` with it") {
            Err(Halt::Ends(fault)) => Err(NotRead::Malformed(told(shell.fault.take().unwrap_or(fault)))),
            _ => Ok(()),
        },
        Ok(status) => {
            // Uncertain at most.
            let _ = shell.checked(status, "its last command may fail");
            Ok(())
        }
    }
}

fn told(Malformed { why, line }: Malformed) -> Malformed {
    Malformed { why: bytes::told(&why), line }
}

#[cfg(test)]
#[path = "environment_tests.rs"]
mod tests;
