//! What DSS's shell files (`bin/env-*.sh`) leave in the environment, read without running them.
//!
//! They are plain bash, sourced one after the other. Last assignment wins; what only a running shell can decide
//! (a substitution, a conditional, another script) is said to be so, with its line, and never guessed.

use std::collections::{HashMap, HashSet};
use std::io::Cursor;

use brush_parser::ast;
use brush_parser::{ParseError, Parser, ParserOptions};

use super::words;

/// What a variable was left at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// This text.
    Literal(String),
    /// Decided when the script runs; the text that decides.
    Dynamic(String),
}

/// A variable as a script leaves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    pub value: Value,
    pub exported: bool,
    /// Of the assignment, from 1; 0 for variables that were there before.
    pub line: usize,
}

/// A script that is not valid shell, or that nests deeper than any settings file does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    pub why: String,
    pub line: usize,
}

/// The longest script read, in bytes; the parser's time and stack grow with it.
pub const LONGEST_SCRIPT: usize = 256 << 10;
/// The deepest nesting of brackets and blocks that is parsed: the parser's time doubles with each bracket.
const DEEPEST: usize = 16;

/// The variables, as the scripts read so far leave them.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    variables: HashMap<String, Variable>,
    /// Functions defined so far, and the variables each may change.
    functions: HashMap<String, Vec<(String, usize)>>,
    /// Exported by name before they are assigned.
    exported: HashSet<String>,
    /// `set -a`: everything assigned is exported.
    export_all: bool,
    /// What may have changed any variable: `source x`, `eval …`, and its line.
    opaque: Option<(String, usize)>,
    /// From here on the script may have returned already.
    uncertain: bool,
}

impl Environment {
    /// A variable that DSS's start scripts have set before any of these files.
    pub fn seed(&mut self, name: &str, value: &str) {
        let variable = Variable { value: Value::Literal(value.to_owned()), exported: true, line: 0 };
        self.variables.insert(name.to_owned(), variable);
    }

    /// The variable after all that was read; none where it was never assigned.
    pub fn get(&self, name: &str) -> Option<Variable> {
        let known = self.variables.get(name);
        match (&self.opaque, known) {
            (Some((text, line)), None) => {
                Some(Variable { value: Value::Dynamic(text.clone()), exported: true, line: *line })
            }
            _ => known.cloned(),
        }
    }

    /// The text of a variable whose value is certain.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.get(name)?.value {
            Value::Literal(text) => Some(text),
            Value::Dynamic(_) => None,
        }
    }

    /// Reads one script, as `source` would run it.
    ///
    /// # Errors
    /// Where it is not valid shell; what was read of earlier scripts stays.
    pub fn source(&mut self, script: &str) -> Result<(), Malformed> {
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
                        self.decided_later(&name, &command.to_string(), line);
                    }
                }
            }
            "set" => {
                let options: Vec<String> = arguments.into_iter().filter_map(argument).collect();
                match options.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                    ["-o", "allexport"] => self.export_all = true,
                    ["+o", "allexport"] => self.export_all = false,
                    [first, ..] if first.starts_with('-') && first.contains('a') => self.export_all = true,
                    [first, ..] if first.starts_with('+') && first.contains('a') => self.export_all = false,
                    _ => {}
                }
            }
            "source" | "." | "eval" => {
                self.opaque = Some((command.to_string(), line));
                self.variables.values_mut().for_each(|variable| {
                    *variable = Variable { value: Value::Dynamic(command.to_string()), exported: true, line }
                });
            }
            "read" | "printf" | "mapfile" | "readarray" | "getopts" | "let" => {
                for name in arguments.into_iter().filter_map(argument) {
                    if self.variables.contains_key(&name) || is_name(&name) {
                        self.decided_later(&name, &command.to_string(), line);
                    }
                }
            }
            "return" | "exit" if certain => return false,
            "return" | "exit" => self.uncertain = true,
            other => {
                for (name, line) in self.functions.get(other).cloned().unwrap_or_default() {
                    self.decided_later(&name, &command.to_string(), line);
                }
            }
        }
        true
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
        let value = value.map_or_else(|| Value::Dynamic(assignment.to_string()), Value::Literal);
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

/// The script's syntax tree.
fn parse(script: &str) -> Result<ast::Program, Malformed> {
    if script.len() > LONGEST_SCRIPT {
        let why = format!("{} bytes, more than a settings script has ({LONGEST_SCRIPT})", script.len());
        return Err(Malformed { why, line: 1 });
    }
    if let Some(line) = too_deep(script) {
        return Err(Malformed { why: format!("brackets and blocks nest more than {DEEPEST} deep"), line });
    }
    if let Some(at) = script.find('\0') {
        let line = script[..at].matches('\n').count() + 1;
        return Err(Malformed { why: "a NUL byte: this is no text file".to_owned(), line });
    }
    let mut parser = Parser::new(Cursor::new(script), &ParserOptions::default());
    parser.parse_program().map_err(|error| {
        let line = match &error {
            ParseError::ParsingNear(position) => position.line,
            ParseError::ParsingAtEndOfInput => script.lines().count().max(1),
            ParseError::Tokenizing { position, .. } => position.as_ref().map_or(1, |position| position.line),
        };
        Malformed { why: error.to_string(), line }
    })
}

/// The line where openers outnumber closers by more than the parser is asked to recurse.
fn too_deep(script: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, line) in script.lines().enumerate() {
        for word in line.split_whitespace() {
            match word.trim_end_matches(';') {
                "if" | "do" | "case" => depth += 1,
                "fi" | "done" | "esac" => depth = depth.saturating_sub(1),
                _ => {
                    depth += word.matches(['(', '{', '[']).count();
                    if depth > DEEPEST {
                        return Some(at + 1);
                    }
                    depth = depth.saturating_sub(word.matches([')', '}', ']']).count());
                }
            }
            if depth > DEEPEST {
                return Some(at + 1);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "DKU_BACKEND_EXT_HOST";

    fn after(script: &str) -> Option<Variable> {
        let mut environment = Environment::default();
        environment.seed("DIP_HOME", "/data/dss");
        environment.source(script).unwrap_or_else(|malformed| panic!("{script:?}: {malformed:?}"));
        environment.get(NAME)
    }

    #[track_caller]
    fn literal(script: &str, value: &str, exported: bool, line: usize) {
        let expected = Variable { value: Value::Literal(value.to_owned()), exported, line };
        assert_eq!(after(script), Some(expected), "{script}");
    }

    #[track_caller]
    fn dynamic(script: &str, line: usize) {
        match after(script) {
            Some(Variable { value: Value::Dynamic(_), line: seen, .. }) => assert_eq!(seen, line, "{script}"),
            other => panic!("{script}: {other:?}"),
        }
    }

    #[test]
    fn reads_what_a_shell_would_leave() {
        literal("export DKU_BACKEND_EXT_HOST=my.host.name\n", "my.host.name", true, 1);
        literal("# a comment\nexport DKU_BACKEND_EXT_HOST=\"10.0.0.20\" # why\n", "10.0.0.20", true, 2);
        literal("DKU_BACKEND_EXT_HOST='a b'", "a b", false, 1);
        literal("DKU_BACKEND_EXT_HOST=a; export DKU_BACKEND_EXT_HOST", "a", true, 1);
        literal("export DKU_BACKEND_EXT_HOST\nDKU_BACKEND_EXT_HOST=a", "a", true, 2);
        literal("export DKU_BACKEND_EXT_HOST=a\nexport DKU_BACKEND_EXT_HOST=b", "b", true, 2);
        literal("export DKU_BACKEND_EXT_HOST=a\nDKU_BACKEND_EXT_HOST=b", "b", true, 2);
        literal("export DKU_BACKEND_EXT_HOST=a\nexport -n DKU_BACKEND_EXT_HOST", "a", false, 1);
        literal("declare -x DKU_BACKEND_EXT_HOST=a", "a", true, 1);
        literal("declare DKU_BACKEND_EXT_HOST=a", "a", false, 1);
        literal("set -a\nDKU_BACKEND_EXT_HOST=a\nset +a", "a", true, 2);
        literal("H=dss; D=corp\nexport DKU_BACKEND_EXT_HOST=$H.${D}.example", "dss.corp.example", true, 2);
        literal("export DKU_BACKEND_EXT_HOST=\"$DIP_HOME\"/x", "/data/dss/x", true, 1);
        literal("export DKU_BACKEND_EXT_HOST=a\\ b", "a b", true, 1);
        literal("export A=1 DKU_BACKEND_EXT_HOST=a B=2", "a", true, 1);
        literal("{ export DKU_BACKEND_EXT_HOST=a; }", "a", true, 1);
        literal("DKU_BACKEND_EXT_HOST=a\nDKU_BACKEND_EXT_HOST+=b", "ab", false, 2);
        // What another shell sets stays there.
        literal("export DKU_BACKEND_EXT_HOST=a\n( export DKU_BACKEND_EXT_HOST=b )\n", "a", true, 1);
        literal("export DKU_BACKEND_EXT_HOST=a\necho x | read DKU_BACKEND_EXT_HOST", "a", true, 1);
        literal("export DKU_BACKEND_EXT_HOST=a\nDKU_BACKEND_EXT_HOST=b true", "a", true, 1);
        // What a script does with other variables does not matter.
        literal("if [ -f /x ]; then A=1; fi\nexport DKU_BACKEND_EXT_HOST=a", "a", true, 2);
        literal("eval `minikube docker-env`\nexport DKU_BACKEND_EXT_HOST=a", "a", true, 2);
        literal("export DKU_BACKEND_EXT_HOST=a\nreturn\nexport DKU_BACKEND_EXT_HOST=b", "a", true, 1);
        for unset in
            ["", "# export DKU_BACKEND_EXT_HOST=a", "export DKU_BACKEND_EXT_HOST=a\nunset DKU_BACKEND_EXT_HOST"]
        {
            assert_eq!(after(unset), None, "{unset}");
        }
    }

    #[test]
    fn says_what_only_a_running_shell_decides() {
        dynamic("export DKU_BACKEND_EXT_HOST=$(hostname -I | cut -d' ' -f1)", 1);
        dynamic("\nexport DKU_BACKEND_EXT_HOST=`hostname -f`", 2);
        dynamic("export DKU_BACKEND_EXT_HOST=$HOSTNAME", 1);
        dynamic("export DKU_BACKEND_EXT_HOST=${X:-a}", 1);
        dynamic("export DKU_BACKEND_EXT_HOST=~/a", 1);
        dynamic("export DKU_BACKEND_EXT_HOST=a\nif [ -f /x ]; then\n  export DKU_BACKEND_EXT_HOST=b\nfi", 3);
        dynamic("export DKU_BACKEND_EXT_HOST=a\n[ -f /x ] && export DKU_BACKEND_EXT_HOST=b", 2);
        dynamic("case $X in a) DKU_BACKEND_EXT_HOST=b;; esac", 1);
        dynamic("while read line; do DKU_BACKEND_EXT_HOST=$line; done < /x", 1);
        dynamic("for h in a b; do DKU_BACKEND_EXT_HOST=$h; done", 1);
        dynamic("export DKU_BACKEND_EXT_HOST=a\nsource /etc/dss.env", 2);
        dynamic(". ./other.sh", 1);
        dynamic("eval \"$(other)\"", 1);
        dynamic("read DKU_BACKEND_EXT_HOST < /etc/name", 1);
        dynamic("f() { DKU_BACKEND_EXT_HOST=b; }\nDKU_BACKEND_EXT_HOST=a\nf", 1);
        dynamic("[ -f /x ] || return\nexport DKU_BACKEND_EXT_HOST=a", 2);
    }

    #[test]
    fn says_where_a_script_is_no_shell() {
        let malformed = |script: &str| Environment::default().source(script).unwrap_err();
        assert!(malformed("export A=1\nexport DKU_BACKEND_EXT_HOST=\"a\nb").line >= 1);
        assert_eq!(malformed("A=1\nif true; then\n").line, 2);
        assert_eq!(malformed("A=1\nfi\n").line, 2);
        assert_eq!(malformed("A=1\n\0").line, 2);
        assert_eq!(malformed(&"(".repeat(100_000)).line, 1);
        assert_eq!(malformed(&"if true; then\n".repeat(1000)).line, DEEPEST + 1);
        assert_eq!(malformed(&"#".repeat(LONGEST_SCRIPT + 1)).line, 1);
    }

    #[test]
    fn hostile_nesting_ends_soon() {
        let began = std::time::Instant::now();
        for opener in ["$(", "(", "{ ", "${x:-", "$((", "`", "\"$(", "if (", "[[ ( ", "<(", "a=("] {
            for times in [5, 10, DEEPEST - 1] {
                let _ = Environment::default().source(&format!("A={}", opener.repeat(times)));
                let _ = Environment::default().source(&opener.repeat(times));
            }
        }
        assert!(began.elapsed() < std::time::Duration::from_secs(20), "{:?}", began.elapsed());
    }
}
