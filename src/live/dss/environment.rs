//! What DSS's shell files (`bin/env-*.sh`) leave in the environment, read without running them.
//!
//! They are plain bash, sourced one after the other. Last assignment wins; what only a running shell can decide
//! (a substitution, a conditional, another script) is said to be so, with its line, and never guessed.

use std::collections::{HashMap, HashSet};

use brush_parser::ast;

use super::shell::{Malformed, parse};
use super::{quoted, words};

/// What a variable was left at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// This text.
    Literal(String),
    /// Decided when the script runs; what decides, without what may be a secret in it ([`quoted`]).
    Dynamic(String),
}

/// A variable as a script leaves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variable {
    pub value: Value,
    pub exported: bool,
    /// Of the assignment, from 1; 0 for variables that were there before.
    pub line: usize,
}

/// The variables, as the scripts read so far leave them.
#[derive(Debug, Clone, Default)]
pub(super) struct Environment {
    variables: HashMap<String, Variable>,
    /// Functions defined so far, and the variables each may change.
    functions: HashMap<String, Vec<(String, usize)>>,
    /// Exported by name before they are assigned.
    exported: HashSet<String>,
    /// `set -a`: everything assigned is exported.
    export_all: bool,
    /// What may have changed any variable, such as `. FILE` and `eval …`, and its line.
    opaque: Option<(String, usize)>,
    /// From here on the script may have returned already.
    uncertain: bool,
}

impl Environment {
    /// A variable that DSS's start scripts have set before any of these files.
    pub(super) fn seed(&mut self, name: &str, value: &str) {
        let variable = Variable { value: Value::Literal(value.to_owned()), exported: true, line: 0 };
        self.variables.insert(name.to_owned(), variable);
    }

    /// The variable after all that was read; none where it was never assigned.
    pub(super) fn get(&self, name: &str) -> Option<Variable> {
        let known = self.variables.get(name);
        match (&self.opaque, known) {
            (Some((text, line)), None) => {
                Some(Variable { value: Value::Dynamic(text.clone()), exported: true, line: *line })
            }
            _ => known.cloned(),
        }
    }

    /// The text of a variable whose value is certain.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        match self.get(name)?.value {
            Value::Literal(text) => Some(text),
            Value::Dynamic(_) => None,
        }
    }

    /// Reads one script, as `source` would run it.
    ///
    /// # Errors
    /// Where it is not valid shell; what was read of earlier scripts stays.
    pub(super) fn source(&mut self, script: &str) -> Result<(), Malformed> {
        let program = parse(script)?;
        // What another script decided holds for this one as for any other.
        self.uncertain = false;
        for list in &program.complete_commands {
            if !self.list(list, true) {
                break;
            }
        }
        Ok(())
    }

    /// Walks a list of commands; `certain` where each of them is sure to run. False where the script ends here.
    fn list(&mut self, list: &ast::CompoundList, certain: bool) -> bool {
        for ast::CompoundListItem(and_or, separator) in &list.0 {
            // In the background, a shell of its own.
            if matches!(separator, ast::SeparatorOperator::Async) {
                continue;
            }
            if !self.pipeline(&and_or.first, certain && !self.uncertain) {
                return false;
            }
            for ast::AndOr::And(pipeline) | ast::AndOr::Or(pipeline) in &and_or.additional {
                self.pipeline(pipeline, false);
            }
        }
        true
    }

    fn pipeline(&mut self, pipeline: &ast::Pipeline, certain: bool) -> bool {
        // Each part of a longer pipeline is a shell of its own.
        match pipeline.seq.as_slice() {
            [ast::Command::Simple(command)] => self.simple(command, certain),
            [ast::Command::Compound(command, _)] => self.compound(command, certain),
            [ast::Command::Function(function)] => {
                let mut inside = Environment::default();
                inside.compound(&function.body.0, true);
                let mut changes: Vec<_> = inside.variables.into_iter().map(|(name, v)| (name, v.line)).collect();
                changes.sort();
                self.functions.insert(function.fname.value.clone(), changes);
                true
            }
            _ => true,
        }
    }

    fn compound(&mut self, command: &ast::CompoundCommand, certain: bool) -> bool {
        match command {
            ast::CompoundCommand::BraceGroup(group) => return self.list(&group.list, certain),
            ast::CompoundCommand::ForClause(clause) => {
                self.decided_later(&clause.variable_name, &format!("for {}", clause.variable_name), 0);
                self.list(&clause.body.list, false);
            }
            ast::CompoundCommand::ArithmeticForClause(clause) => {
                self.list(&clause.body.list, false);
            }
            ast::CompoundCommand::CaseClause(clause) => {
                for list in clause.cases.iter().filter_map(|case| case.cmd.as_ref()) {
                    self.list(list, false);
                }
            }
            ast::CompoundCommand::IfClause(clause) => {
                self.list(&clause.condition, false);
                self.list(&clause.then, false);
                for other in clause.elses.iter().flatten() {
                    if let Some(condition) = &other.condition {
                        self.list(condition, false);
                    }
                    self.list(&other.body, false);
                }
            }
            ast::CompoundCommand::WhileClause(clause) | ast::CompoundCommand::UntilClause(clause) => {
                self.list(&clause.0, false);
                self.list(&clause.1.list, false);
            }
            // Shells of their own, or no variable of a file like these.
            ast::CompoundCommand::Subshell(_)
            | ast::CompoundCommand::Coprocess(_)
            | ast::CompoundCommand::Arithmetic(_) => {}
        }
        true
    }

    /// One simple command; false where it ends the script for sure.
    fn simple(&mut self, command: &ast::SimpleCommand, certain: bool) -> bool {
        let line = line_of(command);
        let Some(word) = &command.word_or_name else {
            for item in command.prefix.iter().flat_map(|prefix| &prefix.0) {
                if let ast::CommandPrefixOrSuffixItem::AssignmentWord(assignment, _) = item {
                    self.assign(assignment, self.export_all, certain);
                }
            }
            return true;
        };
        let mut arguments: Vec<&ast::CommandPrefixOrSuffixItem> =
            command.suffix.iter().flat_map(|suffix| &suffix.0).collect();
        let mut name = words::literal(&word.value).unwrap_or_default();
        while matches!(name.as_str(), "command" | "builtin") && !arguments.is_empty() {
            name = argument(arguments.remove(0)).unwrap_or_default();
        }
        match name.as_str() {
            "export" | "declare" | "typeset" | "readonly" => self.declaration(&name, &arguments, certain),
            "unset" => {
                for name in arguments.into_iter().filter_map(argument).filter(|name| !name.starts_with('-')) {
                    if certain {
                        self.variables.remove(&name);
                        self.exported.remove(&name);
                    } else {
                        self.decided_later(&name, &quoted::command("unset", Some(&name)), line);
                    }
                }
            }
            "set" => self.set(&arguments),
            "source" | "." | "eval" => {
                // What `eval` is given is a script of its own.
                let file = arguments.first().and_then(|first| argument(first)).filter(|_| name != "eval");
                let what = quoted::command(&name, file.as_deref());
                self.opaque = Some((what.clone(), line));
                self.variables.values_mut().for_each(|variable| {
                    *variable = Variable { value: Value::Dynamic(what.clone()), exported: true, line }
                });
            }
            "read" | "printf" | "mapfile" | "readarray" | "getopts" | "let" => {
                for variable in arguments.into_iter().filter_map(argument) {
                    if self.variables.contains_key(&variable) || is_name(&variable) {
                        self.decided_later(&variable, &quoted::command(&name, Some(&variable)), line);
                    }
                }
            }
            "return" | "exit" if certain => return false,
            "return" | "exit" => self.uncertain = true,
            other => {
                for (name, line) in self.functions.get(other).cloned().unwrap_or_default() {
                    self.decided_later(&name, &quoted::command(other, None), line);
                }
            }
        }
        true
    }

    /// `set -a`, `set +o allexport`, and options that change nothing here.
    fn set(&mut self, arguments: &[&ast::CommandPrefixOrSuffixItem]) {
        let options: Vec<String> = arguments.iter().filter_map(|item| argument(item)).collect();
        match options.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["-o", "allexport"] => self.export_all = true,
            ["+o", "allexport"] => self.export_all = false,
            [first, ..] if first.starts_with('-') && first.contains('a') => self.export_all = true,
            [first, ..] if first.starts_with('+') && first.contains('a') => self.export_all = false,
            _ => {}
        }
    }

    /// `export A=b`, `export A`, `export -n A`, `declare -x A=b`.
    fn declaration(&mut self, command: &str, arguments: &[&ast::CommandPrefixOrSuffixItem], certain: bool) {
        let options: String =
            arguments.iter().filter_map(|item| argument(item)).filter(|word| word.starts_with('-')).collect();
        let exports = command == "export" || options.contains('x');
        let withdraws = command == "export" && options.contains('n');
        for item in arguments {
            let name = match item {
                ast::CommandPrefixOrSuffixItem::AssignmentWord(assignment, _) => {
                    self.assign(assignment, exports || self.export_all, certain);
                    match &assignment.name {
                        ast::AssignmentName::VariableName(name) => name.clone(),
                        ast::AssignmentName::ArrayElementName(name, _) => name.clone(),
                    }
                }
                other => match argument(other) {
                    Some(name) if is_name(&name) => name,
                    _ => continue,
                },
            };
            if exports && !withdraws {
                self.exported.insert(name.clone());
            } else if withdraws && certain {
                self.exported.remove(&name);
            }
            if let Some(variable) = self.variables.get_mut(&name) {
                variable.exported =
                    if withdraws { !certain && variable.exported } else { exports || variable.exported };
            }
        }
    }

    fn assign(&mut self, assignment: &ast::Assignment, exported: bool, certain: bool) {
        let line = assignment.loc.start.line;
        let (name, whole) = match &assignment.name {
            ast::AssignmentName::VariableName(name) => (name, true),
            ast::AssignmentName::ArrayElementName(name, _) => (name, false),
        };
        let before = self.variables.get(name).map(|variable| (&variable.value, variable.exported));
        let was_exported = before.as_ref().is_some_and(|(_, exported)| *exported) || self.exported.contains(name);
        let value = match &assignment.value {
            ast::AssignmentValue::Scalar(word) if certain && whole => {
                words::expand(&word.value, &|name| self.text(name))
            }
            _ => None,
        };
        let value = match (value, assignment.append, before) {
            (Some(text), false, _) => Some(text),
            (Some(text), true, Some((Value::Literal(start), _))) => Some(format!("{start}{text}")),
            (Some(text), true, None) => Some(text),
            _ => None,
        };
        let value = value.map_or_else(|| Value::Dynamic(quoted::assignment(&assignment.to_string())), Value::Literal);
        self.variables.insert(name.clone(), Variable { value, exported: exported || was_exported, line });
    }

    /// The variable may be changed by what only a running shell can decide.
    fn decided_later(&mut self, name: &str, text: &str, line: usize) {
        let exported = self.exported.contains(name) || self.variables.get(name).is_some_and(|v| v.exported);
        self.variables.insert(name.to_owned(), Variable { value: Value::Dynamic(text.to_owned()), exported, line });
    }
}

fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The literal text of an argument.
fn argument(item: &ast::CommandPrefixOrSuffixItem) -> Option<String> {
    match item {
        ast::CommandPrefixOrSuffixItem::Word(word) => words::literal(&word.value),
        _ => None,
    }
}

fn line_of(command: &ast::SimpleCommand) -> usize {
    ast::SourceLocation::location(command).map_or(0, |span| span.start.line)
}

#[cfg(test)]
#[path = "environment_tests.rs"]
mod tests;
