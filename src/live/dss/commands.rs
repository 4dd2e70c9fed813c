//! The walk over a script's commands. What is sure to run runs here; what may or may not run is walked on a copy of the
//! state, and what both ways agree on stays certain.

mod builtins;
mod conditions;
mod declarations;
mod words;

use std::sync::Arc;

use brush_parser::ast;

use super::quoted;
use super::shell::{self, Malformed};
use super::state::{Function, Place, State, Value, Variable};

/// How a command ended; none where that is not known.
pub(super) type Status = Option<bool>;
pub(super) const DONE: Status = Some(true);
pub(super) const FAILED: Status = Some(false);

/// Why the walk does not go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Halt {
    /// The shell ends: a fault under `bash -e`, or `exit`.
    Ends(Malformed),
    Return(Status),
    Break(usize),
    Continue(usize),
    /// A bound of this program.
    Limit(String),
}

pub(super) type Ended = Result<Status, Halt>;

/// The most commands walked in all scripts of an instance.
const MOST_STEPS: usize = 20_000;
/// The most variables copied for what may or may not run.
const MOST_COPIED: usize = 4_000_000;
/// The most functions within functions.
const DEEPEST_CALL: usize = 50;
/// Walks of a loop that runs an unknown number of times, until no more becomes uncertain.
const MOST_ROUNDS: usize = 10;

/// An assignment that did not reach the shell itself: in a subshell, a pipeline or the background.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Vain {
    pub name: String,
    pub how: String,
    pub place: Place,
}

/// The shell that walks.
pub(super) struct Shell {
    pub state: State,
    pub file: Arc<str>,
    /// The line of the command at hand.
    pub line: usize,
    /// A command substitution was met in the command at hand.
    pub substituted: bool,
    /// Nested defaults in words.
    pub defaults: usize,
    /// What sets nothing though it looks as if it did.
    pub vain: Vec<Vain>,
    /// Above 0 in a fork, whose variables are lost.
    forks: usize,
    /// Above 0 where a failure does not end the shell: in conditions.
    spared: usize,
    calls: usize,
    /// States in which the function or script at hand may have returned, or the loop at hand ended.
    left: Vec<State>,
    fixed_line: bool,
    /// Where the script at hand is not valid shell.
    pub fault: Option<Malformed>,
    steps: usize,
    copied: usize,
}

impl Shell {
    pub(super) fn new() -> Shell {
        Shell {
            state: State::default(),
            file: Arc::from(""),
            line: 0,
            substituted: false,
            defaults: 0,
            vain: Vec::new(),
            forks: 0,
            spared: 0,
            calls: 0,
            left: Vec::new(),
            fixed_line: false,
            fault: None,
            steps: 0,
            copied: 0,
        }
    }

    pub(super) fn place(&self) -> Place {
        Place { file: self.file.clone(), line: self.line }
    }

    /// Ends the shell at the line at hand.
    pub(super) fn ends(&self, why: &str) -> Halt {
        Halt::Ends(Malformed { why: why.to_owned(), line: self.line })
    }

    pub(super) fn may_stop(&mut self, what: &str) {
        let place = self.place();
        self.state.may_stop(what.to_owned(), place);
    }

    pub(super) fn lost_at(&mut self, what: &str) {
        let place = self.place();
        self.state.lose(what.to_owned(), place);
    }

    pub(super) fn cloud(&mut self, what: String) {
        let place = self.place();
        self.state.cloud(what, place);
    }

    /// Sets a variable at the line at hand.
    pub(super) fn put(&mut self, name: &str, value: Value, exported: bool) {
        if self.state.readonly.contains(name) {
            self.lost_at(&quoted::command("readonly", Some(name)));
        }
        if self.forks > 0 && name.starts_with("DKU_") && value != Value::Unset {
            let how = "it is set in a subshell, a pipeline or the background, and lost with it".to_owned();
            self.vain.push(Vain { name: name.to_owned(), how, place: self.place() });
        }
        let before = self.state.view(name).map_or(Some(false), |variable| variable.exported);
        let exported = match self.state.options.allexport {
            _ if exported => Some(true),
            Some(true) => Some(true),
            None if before != Some(true) => None,
            _ => before,
        };
        self.state.variables.insert(name.to_owned(), Variable { value, exported, place: self.place() });
    }

    pub(super) fn set_unknown(&mut self, name: &str, command: &str) {
        self.put(name, Value::Dynamic(quoted::command(command, Some(name))), false);
    }

    /// Counts a step.
    fn step(&mut self) -> Result<(), Halt> {
        self.steps += 1;
        if self.steps > MOST_STEPS || self.copied > MOST_COPIED {
            return Err(Halt::Limit(format!("its scripts run more than the {MOST_STEPS} commands that are walked")));
        }
        Ok(())
    }

    fn copy(&mut self) -> State {
        self.copied += self.state.variables.len() + 1;
        self.state.clone()
    }

    /// All commands of a script, a function's body or what `eval` is given, and what is certain after it.
    pub(super) fn whole(&mut self, lists: &[ast::CompoundList]) -> Ended {
        let outer = std::mem::take(&mut self.left);
        let mut ended = Ok(DONE);
        for list in lists {
            ended = self.complete(list);
            if ended.is_err() {
                break;
            }
        }
        let left = std::mem::replace(&mut self.left, outer);
        self.joined(left, ended)
    }

    /// One command as bash reads it, which runs none of it where a part is missing.
    fn complete(&mut self, list: &ast::CompoundList) -> Ended {
        if let Some(line) = shell::empty_part(list) {
            self.at(line);
            let why = "a syntax error: there is no command between two reserved words".to_owned();
            self.fault = Some(Malformed { why, line: self.line });
            return Err(Halt::Return(FAILED));
        }
        self.list(list)
    }

    pub(super) fn list(&mut self, list: &ast::CompoundList) -> Ended {
        let mut status = DONE;
        for ast::CompoundListItem(and_or, separator) in &list.0 {
            if matches!(separator, ast::SeparatorOperator::Async) {
                self.fork(|shell| shell.and_or(and_or))?;
                status = DONE;
            } else {
                status = self.and_or(and_or)?;
            }
        }
        Ok(status)
    }

    fn and_or(&mut self, and_or: &ast::AndOrList) -> Ended {
        let more = and_or.additional.len();
        let mut status = self.spare(more > 0, |shell| shell.pipeline(&and_or.first))?;
        for (at, next) in and_or.additional.iter().enumerate() {
            let (pipeline, runs_after) = match next {
                ast::AndOr::And(pipeline) => (pipeline, true),
                ast::AndOr::Or(pipeline) => (pipeline, false),
            };
            let spared = at + 1 < more;
            let run = |shell: &mut Shell| shell.spare(spared, |shell| shell.pipeline(pipeline));
            status = match status {
                Some(done) if done == runs_after => run(self)?,
                Some(done) => Some(done),
                None => self.maybe(run, |_| Ok(Some(!runs_after)))?,
            };
        }
        Ok(status)
    }

    /// Runs something whose failure does not end the shell.
    pub(super) fn spare(&mut self, spared: bool, run: impl FnOnce(&mut Shell) -> Ended) -> Ended {
        self.spared += usize::from(spared);
        let ended = run(self);
        self.spared -= usize::from(spared);
        ended
    }

    /// One of two things happens, and nothing here tells which.
    pub(super) fn maybe(
        &mut self,
        one: impl FnOnce(&mut Shell) -> Ended,
        two: impl FnOnce(&mut Shell) -> Ended,
    ) -> Ended {
        let before = self.copy();
        let first = one(self);
        let after_first = std::mem::replace(&mut self.state, before);
        let second = two(self);
        match (first, second) {
            (Err(Halt::Limit(why)), _) | (_, Err(Halt::Limit(why))) => Err(Halt::Limit(why)),
            (Ok(first), Ok(second)) => {
                let own = std::mem::take(&mut self.state);
                self.state = own.join(after_first);
                Ok(if first == second { first } else { None })
            }
            (Err(Halt::Ends(one)), Err(Halt::Ends(_))) => Err(Halt::Ends(one)),
            (Err(Halt::Ends(fault)), other) => {
                self.may_stop(&fault.why);
                other
            }
            (other, Err(Halt::Ends(fault))) => {
                self.state = after_first;
                self.may_stop(&fault.why);
                other
            }
            (Err(one), Err(two)) if one == two => {
                let own = std::mem::take(&mut self.state);
                self.state = own.join(after_first);
                Err(one)
            }
            (Err(_), other) => {
                self.left.push(after_first);
                other
            }
            (other, Err(_)) => {
                let own = std::mem::replace(&mut self.state, after_first);
                self.left.push(own);
                other
            }
        }
    }

    /// A shell of its own: what it sets is lost.
    fn fork(&mut self, run: impl FnOnce(&mut Shell) -> Ended) -> Ended {
        let before = self.copy();
        let left = std::mem::take(&mut self.left);
        self.forks += 1;
        let ended = run(self);
        self.forks -= 1;
        let unsure = !self.left.is_empty() || self.state.may_stop != before.may_stop || self.state.lost != before.lost;
        self.left = left;
        self.state = before;
        match ended {
            Err(Halt::Limit(why)) => Err(Halt::Limit(why)),
            _ if unsure => Ok(None),
            Err(Halt::Ends(_)) => Ok(FAILED),
            Err(Halt::Return(status)) => Ok(status),
            Err(Halt::Break(_) | Halt::Continue(_)) => Ok(None),
            Ok(status) => Ok(status),
        }
    }

    fn pipeline(&mut self, pipeline: &ast::Pipeline) -> Ended {
        let status = match pipeline.seq.as_slice() {
            [only] => self.spare(pipeline.bang, |shell| shell.command(only))?,
            several => {
                let mut statuses = Vec::new();
                for command in several {
                    statuses.push(self.fork(|shell| shell.spare(pipeline.bang, |shell| shell.command(command)))?);
                }
                let last = statuses.last().copied().flatten();
                let all = statuses.iter().all(|status| *status == DONE);
                let status = if self.state.options.pipefail == Some(false) || all { last } else { None };
                if pipeline.bang { status } else { self.checked(status, "a pipeline fails")? }
            }
        };
        Ok(if pipeline.bang { status.map(|done| !done) } else { status })
    }

    /// What `-e` makes of how a command ended.
    pub(super) fn checked(&mut self, status: Status, what: &str) -> Ended {
        if status == DONE || self.spared > 0 || self.state.options.errexit == Some(false) {
            return Ok(status);
        }
        if status == FAILED && self.state.options.errexit == Some(true) && self.state.lost.is_none() {
            return Err(self.ends(what));
        }
        self.may_stop(what);
        // Whatever comes after it under `-e` comes after a success.
        Ok(if self.state.options.errexit == Some(true) { DONE } else { status })
    }

    fn command(&mut self, command: &ast::Command) -> Ended {
        self.step()?;
        match command {
            ast::Command::Simple(command) => self.simple(command),
            ast::Command::Compound(compound, redirects) => {
                self.at(ast::SourceLocation::location(compound).map(|span| span.start.line));
                let redirects: Vec<&ast::IoRedirect> = redirects.iter().flat_map(|list| &list.0).collect();
                self.redirected(&redirects, |shell| shell.compound(compound))
            }
            ast::Command::Function(function) => {
                let name = function.fname.value.clone();
                let known = Function { body: Some(Arc::new(function.clone())), file: self.file.clone() };
                self.state.functions.insert(name, known);
                Ok(DONE)
            }
            ast::Command::ExtendedTest(test, _) => {
                self.at(Some(test.loc.start.line));
                let status = self.extended_test(&test.expr)?;
                self.checked(status, "a test does not hold")
            }
        }
    }

    pub(super) fn at(&mut self, line: Option<usize>) {
        if let Some(line) = line.filter(|line| !self.fixed_line && *line > 0) {
            self.line = line;
        }
    }

    /// Runs what its redirections may keep from running.
    pub(super) fn redirected(
        &mut self,
        redirects: &[&ast::IoRedirect],
        run: impl FnOnce(&mut Shell) -> Ended,
    ) -> Ended {
        let mut certain = true;
        for redirect in redirects {
            certain &= self.redirect(redirect)?;
        }
        if certain {
            return run(self);
        }
        self.maybe(run, |shell| shell.checked(None, "a redirection fails"))
    }

    /// Expands a redirection; true where it is sure to work.
    fn redirect(&mut self, redirect: &ast::IoRedirect) -> Result<bool, Halt> {
        Ok(match redirect {
            ast::IoRedirect::HereDocument(_, document) => {
                if document.requires_expansion {
                    // A program's is expanded in the program's process, a builtin's in the shell's own.
                    let before = self.copy();
                    self.document(&document.doc.value)?;
                    let own = std::mem::take(&mut self.state);
                    self.state = own.join(before);
                }
                true
            }
            ast::IoRedirect::HereString(_, word) => {
                self.value(&word.value)?;
                true
            }
            ast::IoRedirect::File(_, _, target) => match target {
                ast::IoFileRedirectTarget::Filename(word) => {
                    self.value(&word.value)?;
                    word.value == "/dev/null"
                }
                ast::IoFileRedirectTarget::Fd(fd) => *fd <= 2,
                ast::IoFileRedirectTarget::Duplicate(word) => matches!(word.value.as_str(), "0" | "1" | "2" | "-"),
                ast::IoFileRedirectTarget::ProcessSubstitution(..) => false,
            },
            ast::IoRedirect::OutputAndError(word, _) => {
                self.value(&word.value)?;
                word.value == "/dev/null"
            }
        })
    }

    fn compound(&mut self, command: &ast::CompoundCommand) -> Ended {
        match command {
            ast::CompoundCommand::BraceGroup(group) => self.list(&group.list),
            ast::CompoundCommand::Subshell(subshell) => {
                let status = self.fork(|shell| shell.list(&subshell.list))?;
                self.checked(status, "a subshell fails")
            }
            ast::CompoundCommand::IfClause(clause) => {
                let elses = clause.elses.as_deref().unwrap_or(&[]);
                self.choose(&clause.condition, &clause.then, elses)
            }
            ast::CompoundCommand::CaseClause(clause) => self.case(clause),
            ast::CompoundCommand::ForClause(clause) => self.for_each(clause),
            ast::CompoundCommand::WhileClause(clause) => self.repeat(clause, true),
            ast::CompoundCommand::UntilClause(clause) => self.repeat(clause, false),
            ast::CompoundCommand::ArithmeticForClause(clause) => {
                for part in [&clause.initializer, &clause.condition, &clause.updater].into_iter().flatten() {
                    self.arithmetic(&part.value);
                }
                self.rounds(|shell| shell.list(&clause.body.list))
            }
            ast::CompoundCommand::Arithmetic(arithmetic) => {
                self.arithmetic(&arithmetic.expr.value);
                self.checked(None, "(( … )) is 0")
            }
            ast::CompoundCommand::Coprocess(_) => {
                self.lost_at("coproc");
                Ok(None)
            }
        }
    }

    fn choose(&mut self, condition: &ast::CompoundList, then: &ast::CompoundList, elses: &[ast::ElseClause]) -> Ended {
        let holds = self.spare(true, |shell| shell.list(condition))?;
        let otherwise = |shell: &mut Shell| match elses.split_first() {
            None => Ok(DONE),
            Some((first, rest)) => match &first.condition {
                Some(condition) => shell.choose(condition, &first.body, rest),
                None => shell.list(&first.body),
            },
        };
        match holds {
            Some(true) => self.list(then),
            Some(false) => otherwise(self),
            None => self.maybe(|shell| shell.list(then), otherwise),
        }
    }

    fn case(&mut self, clause: &ast::CaseClauseCommand) -> Ended {
        let value = self.value(&clause.value.value)?;
        let plain = clause.cases.iter().all(|case| matches!(case.post_action, ast::CaseItemPostAction::ExitCase));
        if !plain {
            self.lost_at("case … ;&");
        }
        self.cases(value.as_deref(), &clause.cases)
    }

    fn cases(&mut self, value: Option<&str>, cases: &[ast::CaseItem]) -> Ended {
        let Some((first, rest)) = cases.split_first() else { return Ok(DONE) };
        let mut holds = Some(false);
        for pattern in &first.patterns {
            let matched = match (words::literal(&pattern.value), value) {
                // Quotes take a pattern's power away, which is not looked into.
                (Some(text), _) if text == "*" && text == pattern.value => Some(true),
                (Some(text), Some(value)) if text == pattern.value || !text.contains(['*', '?', '[']) => {
                    super::patterns::matches(&text, value)
                }
                _ => None,
            };
            holds = match (holds, matched) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            };
        }
        let run = |shell: &mut Shell| first.cmd.as_ref().map_or(Ok(DONE), |list| shell.list(list));
        match holds {
            Some(true) => run(self),
            Some(false) => self.cases(value, rest),
            None => self.maybe(run, |shell| shell.cases(value, rest)),
        }
    }

    fn for_each(&mut self, clause: &ast::ForClauseCommand) -> Ended {
        let mut values = clause.values.as_ref().map(|_| Vec::new());
        for word in clause.values.iter().flatten() {
            let fields = self.fields(&word.value)?;
            values = values.zip(fields).map(|(mut all, more)| {
                all.extend(more);
                all
            });
        }
        let name = &clause.variable_name;
        let Some(values) = values else {
            return self.rounds(|shell| {
                shell.put(name, Value::Dynamic(quoted::command("for", Some(name))), false);
                shell.list(&clause.body.list)
            });
        };
        let outer = std::mem::take(&mut self.left);
        let mut status = Ok(DONE);
        for value in values {
            self.step()?;
            self.put(name, Value::Literal(value), false);
            status = self.list(&clause.body.list);
            match status {
                Err(Halt::Break(1)) => {
                    status = Ok(DONE);
                    break;
                }
                Err(Halt::Continue(1)) => status = Ok(DONE),
                Err(Halt::Break(times)) => status = Err(Halt::Break(times - 1)),
                Err(Halt::Continue(times)) => status = Err(Halt::Continue(times - 1)),
                _ => {}
            }
            if status.is_err() {
                break;
            }
        }
        self.rejoin(outer);
        status
    }

    /// The states in which a loop may have been left: it may have gone on from there in ways that are not followed.
    fn rejoin(&mut self, outer: Vec<State>) {
        let left = std::mem::replace(&mut self.left, outer);
        if !left.is_empty() {
            self.lost_at("a loop that may be left early");
            self.left.extend(left);
        }
    }

    fn repeat(&mut self, clause: &ast::WhileOrUntilClauseCommand, goes_on: bool) -> Ended {
        let ast::WhileOrUntilClauseCommand(condition, body, _) = clause;
        let before = self.copy();
        let holds = self.spare(true, |shell| shell.list(condition))?;
        if holds == Some(!goes_on) {
            return Ok(DONE);
        }
        self.state = before;
        self.rounds(|shell| {
            shell.spare(true, |shell| shell.list(condition))?;
            shell.list(&body.list)
        })
    }

    /// A loop that runs an unknown number of times, also none.
    fn rounds(&mut self, run: impl Fn(&mut Shell) -> Ended) -> Ended {
        let outer = std::mem::take(&mut self.left);
        for round in 0..=MOST_ROUNDS {
            let before = self.copy();
            let ended = self.maybe(
                |shell| match run(shell) {
                    Err(Halt::Break(1) | Halt::Continue(1)) => Ok(None),
                    other => other,
                },
                |_| Ok(DONE),
            );
            match ended {
                Ok(_) => {}
                Err(Halt::Limit(why)) => return Err(Halt::Limit(why)),
                Err(_) => self.lost_at("a loop"),
            }
            if self.state.same(&before) {
                break;
            }
            if round == MOST_ROUNDS {
                self.lost_at("a loop");
            }
        }
        self.rejoin(outer);
        Ok(None)
    }

    /// Calls a function.
    pub(super) fn call(&mut self, name: &str, function: &Function, arguments: Option<Vec<String>>) -> Ended {
        let Some(body) = function.body.clone().filter(|_| self.calls < DEEPEST_CALL) else {
            self.cloud(quoted::command(name, None));
            return Ok(None);
        };
        self.step()?;
        self.calls += 1;
        let positional = std::mem::replace(&mut self.state.positional, arguments);
        let (file, line) = (std::mem::replace(&mut self.file, function.file.clone()), self.line);
        let fixed = std::mem::replace(&mut self.fixed_line, false);
        self.state.locals.push(std::collections::HashMap::new());
        let outer = std::mem::take(&mut self.left);
        let ended = self.compound(&body.body.0);
        let left = std::mem::replace(&mut self.left, outer);
        self.calls -= 1;
        self.file = file;
        self.fixed_line = fixed;
        let ended = self.joined(left, ended);
        for (name, before) in self.state.locals.pop().unwrap_or_default() {
            match before {
                Some(variable) => self.state.variables.insert(name, variable),
                None => self.state.variables.remove(&name),
            };
        }
        self.state.positional = positional;
        self.line = line;
        ended
    }

    /// A script that is malformed further down: `source` fails there, unless the script returns before.
    pub(super) fn before_fault(&mut self, lists: &[ast::CompoundList], fault: &Malformed) -> Ended {
        let outer = std::mem::take(&mut self.left);
        let mut ended = Ok(FAILED);
        for list in lists {
            if let Err(halt) = self.complete(list) {
                ended = Err(halt);
                break;
            }
        }
        if ended.is_ok() {
            self.fault = Some(fault.clone());
        }
        let left = std::mem::replace(&mut self.left, outer);
        self.joined(left, ended)
    }

    /// How a function or script ended that may have returned in other states before.
    fn joined(&mut self, left: Vec<State>, ended: Ended) -> Ended {
        let ended = match ended {
            Err(Halt::Return(status)) => Ok(status),
            other => other,
        };
        if left.is_empty() {
            return ended;
        }
        let ended = match ended {
            // Where it was left before, it did not end the shell there.
            Err(Halt::Ends(fault)) => {
                self.state = left[0].clone();
                self.may_stop(&fault.why);
                Ok(None)
            }
            Ok(_) => Ok(None),
            other => return other,
        };
        for state in left {
            let own = std::mem::take(&mut self.state);
            self.state = own.join(state);
        }
        ended
    }

    /// What `eval` is given, at the line of `eval`.
    pub(super) fn evaluate(&mut self, program: &ast::Program) -> Ended {
        let fixed = std::mem::replace(&mut self.fixed_line, true);
        let mut status = Ok(DONE);
        for list in &program.complete_commands {
            status = self.list(list);
            if status.is_err() {
                break;
            }
        }
        self.fixed_line = fixed;
        status
    }
}
