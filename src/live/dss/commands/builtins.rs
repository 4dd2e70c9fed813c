//! Simple commands: assignments, the builtins that change variables, functions, and programs that cannot.

use brush_parser::ast;

use super::super::state::Value;
use super::super::{quoted, shell};
use super::conditions;
use super::declarations::Argument;
use super::words::is_name;
use super::{DONE, Ended, FAILED, Halt, Shell, Status, Vain};

/// Builtins that change nothing a script like these asks for, and how they end.
const HARMLESS: [(&str, Status); 26] = [
    (":", DONE),
    ("true", DONE),
    ("false", FAILED),
    ("echo", DONE),
    ("pwd", DONE),
    ("alias", None),
    ("unalias", None),
    ("umask", None),
    ("ulimit", None),
    ("hash", None),
    ("type", None),
    ("times", DONE),
    ("jobs", None),
    ("wait", None),
    ("kill", None),
    ("caller", None),
    ("compgen", None),
    ("complete", None),
    ("bind", None),
    ("history", None),
    ("disown", None),
    ("dirs", None),
    ("help", None),
    ("fg", None),
    ("bg", None),
    ("compopt", None),
];
/// Programs that scripts run, which are never functions that another script defined.
const PROGRAMS: [&str; 24] = [
    "env", "mkdir", "rm", "cp", "mv", "ln", "chmod", "chown", "touch", "cat", "grep", "sed", "awk", "cut", "head",
    "tail", "tr", "sort", "hostname", "uname", "date", "sleep", "ls", "id",
];
/// How people misspell `export`.
const NOT_EXPORT: [&str; 8] = ["exprot", "exort", "expor", "epxort", "eport", "exporte", "exports", "xport"];

/// True for a word that is surely the name of no program: `DKU_X` (spaces about `=`), `setenv` of another shell, a word
/// with a byte order mark or a carriage return.
fn is_no_command(name: &str) -> bool {
    let other_case = name != "export" && name.eq_ignore_ascii_case("export");
    name.is_empty()
        || !name.is_ascii()
        || name.contains('=')
        || name.starts_with("DKU_")
        || matches!(name, "setenv" | "unsetenv")
        || other_case
        || NOT_EXPORT.contains(&name)
}

impl Shell {
    /// One simple command.
    pub(super) fn simple(&mut self, command: &ast::SimpleCommand) -> Ended {
        self.at(ast::SourceLocation::location(command).map(|span| span.start.line));
        let prefix = || command.prefix.iter().flat_map(|prefix| &prefix.0);
        let items = || command.suffix.iter().flat_map(|suffix| &suffix.0);
        let redirects: Vec<&ast::IoRedirect> = prefix()
            .chain(items())
            .filter_map(|item| match item {
                ast::CommandPrefixOrSuffixItem::IoRedirect(redirect) => Some(redirect),
                _ => None,
            })
            .collect();
        let before: Vec<&ast::Assignment> = prefix()
            .filter_map(|item| match item {
                ast::CommandPrefixOrSuffixItem::AssignmentWord(assignment, _) => Some(assignment),
                _ => None,
            })
            .collect();
        self.here_documents(&redirects);
        self.substituted = false;
        self.redirected(&redirects, |shell| match &command.word_or_name {
            None => shell.assignments(&before),
            Some(word) => shell.named(word, &before, &items().collect::<Vec<_>>()),
        })
    }

    /// A command that is nothing but assignments.
    fn assignments(&mut self, assignments: &[&ast::Assignment]) -> Ended {
        for assignment in assignments {
            self.assign(assignment, false)?;
        }
        // It ends as the last substitution did.
        let status = if std::mem::take(&mut self.substituted) { None } else { DONE };
        self.checked(status, "the command whose output is assigned fails")
    }

    fn named(
        &mut self,
        word: &ast::Word,
        before: &[&ast::Assignment],
        items: &[&ast::CommandPrefixOrSuffixItem],
    ) -> Ended {
        let mut fields = self.fields(&word.value)?;
        let mut arguments = Vec::new();
        // Only where the name stands as it is are the arguments of `export` taken as assignments.
        let declares = is_declaration(&word.value)
            || matches!(word.value.as_str(), "command" | "builtin")
                && items.iter().find_map(|item| as_word(item)).is_some_and(|first| is_declaration(&first.value));
        for item in items {
            match item {
                ast::CommandPrefixOrSuffixItem::Word(word) => {
                    let fields = self.fields(&word.value)?;
                    arguments.push(Argument::Fields(fields));
                }
                ast::CommandPrefixOrSuffixItem::AssignmentWord(assignment, _) if declares => {
                    arguments.push(Argument::Assignment(assignment));
                }
                ast::CommandPrefixOrSuffixItem::AssignmentWord(_, word) => {
                    let fields = self.fields(&word.value)?;
                    arguments.push(Argument::Fields(fields));
                }
                ast::CommandPrefixOrSuffixItem::ProcessSubstitution(..) => arguments.push(Argument::Fields(None)),
                ast::CommandPrefixOrSuffixItem::IoRedirect(_) => {}
            }
        }
        // What the first word expands to beyond the command's name are its first arguments.
        if let Some(extra) = fields.as_mut().filter(|fields| fields.len() > 1).map(|fields| fields.split_off(1)) {
            arguments.insert(0, Argument::Fields(Some(extra)));
        }
        // `A=(1 2)` before a carriage return is one word to bash.
        let array = before.iter().any(|assignment| matches!(assignment.value, ast::AssignmentValue::Array(_)));
        if array && !word.value.is_ascii() {
            self.lost_at("an array before a carriage return");
            return Ok(None);
        }
        let name = match fields.map(|fields| fields.into_iter().next()) {
            Some(Some(name)) => name,
            // A word that expands to nothing: its first argument is the command.
            Some(None) if arguments.is_empty() => {
                return self.checked(None, "a command that is only known when it runs");
            }
            _ => {
                self.cloud("a command that is only known when it runs".to_owned());
                return self.checked(None, "a command that is only known when it runs");
            }
        };
        let status = self.dispatch(name, before, arguments)?;
        Ok(status)
    }

    fn dispatch(&mut self, name: String, before: &[&ast::Assignment], mut arguments: Vec<Argument<'_>>) -> Ended {
        let mut name = name;
        let mut skips_functions = false;
        while matches!(name.as_str(), "command" | "builtin") && !arguments.is_empty() {
            skips_functions = true;
            match arguments.remove(0) {
                Argument::Fields(Some(fields)) if fields.len() == 1 && !fields[0].starts_with('-') => {
                    name.clone_from(&fields[0]);
                }
                // `command -v NAME` looks a command up.
                Argument::Fields(Some(fields)) if fields.first().is_some_and(|f| f == "-v" || f == "-V") => {
                    return self.checked(None, "`command -v` finds no such command");
                }
                _ => {
                    self.cloud(quoted::command("command", None));
                    return self.checked(None, "a command that is only known when it runs");
                }
            }
        }
        let function = (!skips_functions).then(|| self.state.functions.get(&name).cloned()).flatten();
        let lasting = function.is_some() || self.changes_variables(&name);
        for assignment in before {
            // For the command alone, except that some builtins keep it.
            let ast::Assignment { name: target, .. } = assignment;
            if lasting && let ast::AssignmentName::VariableName(target) = target {
                self.set_unknown(target, &name);
            }
            self.expand_only(assignment)?;
        }
        let known: Option<Vec<String>> = arguments
            .iter()
            .map(|argument| match argument {
                Argument::Fields(fields) => fields.clone(),
                Argument::Assignment(_) => None,
            })
            .collect::<Option<Vec<Vec<String>>>>()
            .map(|fields| fields.into_iter().flatten().collect());
        if let Some(function) = function {
            let status = self.call(&name, &function, known)?;
            return self.checked(status, "a function fails");
        }
        self.note_vain(&name, known.as_deref());
        let (status, what) = self.builtin(&name, &arguments, known)?;
        self.checked(status, &what)
    }

    fn changes_variables(&self, name: &str) -> bool {
        is_declaration(name)
            || matches!(name, "eval" | "." | "source" | "read" | "printf" | "unset" | "set" | "mapfile" | "readarray")
    }

    /// What an assignment for one command does beside: `A=${B:=c} command`.
    fn expand_only(&mut self, assignment: &ast::Assignment) -> Result<(), Halt> {
        if let ast::AssignmentValue::Scalar(word) = &assignment.value {
            self.value(&word.value)?;
        }
        Ok(())
    }

    /// Runs a builtin, or what is none; with what to say where it fails under `-e`.
    fn builtin(
        &mut self,
        name: &str,
        arguments: &[Argument<'_>],
        known: Option<Vec<String>>,
    ) -> Result<(Status, String), Halt> {
        let fails = format!("`{}` fails", quoted::name(name));
        if let Some((_, status)) = HARMLESS.iter().find(|(harmless, _)| *harmless == name) {
            return Ok((*status, fails));
        }
        let first = known.as_ref().and_then(|known| known.first().cloned());
        let status = match name {
            "export" | "declare" | "typeset" | "readonly" | "local" => {
                return self.declaration(name, arguments);
            }
            "unset" => self.unset(known),
            "set" => self.set(known),
            "eval" => self.eval(known)?,
            "source" | "." => {
                self.cloud(quoted::command(name, first.as_deref()));
                None
            }
            "read" | "mapfile" | "readarray" | "getopts" => {
                self.reads(name, known);
                None
            }
            "let" => {
                known.iter().flatten().for_each(|expression| self.arithmetic(expression));
                if known.is_none() {
                    self.cloud(quoted::command("let", None));
                }
                None
            }
            "printf" => self.printf(known),
            "test" | "[" => known.and_then(|known| conditions::holds(name, &known)),
            "return" | "exit" | "logout" | "exec" | "break" | "continue" => {
                let none = arguments.is_empty();
                return self.leave(name, none, first.as_deref()).map(|status| (status, fails));
            }
            "cd" | "pushd" | "popd" => {
                ["PWD", "OLDPWD"].iter().for_each(|variable| self.set_unknown(variable, name));
                None
            }
            "trap" => self.trap(known),
            "shift" => {
                self.state.positional = None;
                None
            }
            "shopt" | "enable" | "suspend" | "fc" => {
                self.lost_at(&quoted::command(name, None));
                None
            }
            other if is_no_command(other) => {
                return Ok((FAILED, format!("there is no command {:?}", quoted::name(other))));
            }
            other => {
                // What another script defined may be a function of any name.
                if self.state.opaque.is_some() && !PROGRAMS.contains(&other) && !other.contains('/') {
                    self.cloud(quoted::command(other, None));
                }
                None
            }
        };
        Ok((status, fails))
    }

    /// Commands after which the next one is not that of the next line.
    fn leave(&self, name: &str, without: bool, first: Option<&str>) -> Ended {
        match name {
            // It returns what the last command did.
            "return" if without => Err(Halt::Return(None)),
            "return" => Err(Halt::Return(first.and_then(|text| text.parse::<u8>().ok()).map(|code| code == 0))),
            "exec" if without => Ok(DONE),
            "exec" => Err(self.ends("`exec` puts another program in the place of DSS's start script")),
            "break" | "continue" => {
                let times = first.map_or(Some(1), |text| text.parse::<usize>().ok()).unwrap_or(1).max(1);
                Err(if name == "break" { Halt::Break(times) } else { Halt::Continue(times) })
            }
            _ => Err(self.ends("`exit` ends DSS's start script")),
        }
    }

    fn unset(&mut self, known: Option<Vec<String>>) -> Status {
        let Some(known) = known else {
            self.cloud(quoted::command("unset", None));
            return None;
        };
        for name in known.iter().filter(|name| !name.starts_with('-')) {
            if known.first().is_some_and(|first| first == "-f") {
                self.state.functions.remove(name);
            } else if !is_name(name) {
                return None;
            } else {
                self.put(name, Value::Unset, false);
                if let Some(variable) = self.state.variables.get_mut(name) {
                    variable.exported = Some(false);
                }
            }
        }
        if known.iter().any(|word| word.starts_with('-') && word != "-v" && word != "-f") { None } else { DONE }
    }

    /// `set -a`, `set +o allexport`, `set -- a b`.
    fn set(&mut self, known: Option<Vec<String>>) -> Status {
        let Some(known) = known else {
            self.lost_at("set …");
            return None;
        };
        let mut words = known.iter().enumerate();
        while let Some((at, word)) = words.next() {
            let Some(flags) = word.strip_prefix(['-', '+']).filter(|_| word.len() > 1) else {
                self.state.positional = Some(known[at + usize::from(word == "-")..].to_vec());
                return DONE;
            };
            if word == "--" {
                self.state.positional = Some(known[at + 1..].to_vec());
                return DONE;
            }
            // What is no option at all is refused before any is set.
            if !flags.chars().all(|flag| "abefhkmnoptuvxBCEHPT".contains(flag)) {
                return FAILED;
            }
            let on = word.starts_with('-');
            for flag in flags.chars() {
                let long = if flag == 'o' { words.next().map(|(_, word)| word.as_str()) } else { None };
                self.option(flag, long, on);
            }
        }
        DONE
    }

    fn option(&mut self, flag: char, long: Option<&str>, on: bool) {
        let options = &mut self.state.options;
        match (flag, long) {
            ('a', _) | ('o', Some("allexport")) => options.allexport = Some(on),
            ('e', _) | ('o', Some("errexit")) => options.errexit = Some(on),
            ('u', _) | ('o', Some("nounset")) => options.nounset = Some(on),
            ('f', _) | ('o', Some("noglob")) => options.noglob = Some(on),
            ('o', Some("pipefail")) => options.pipefail = Some(on),
            ('x' | 'v' | 'h' | 'm' | 'b' | 'C' | 'H' | 'P', _) => {}
            ('o', Some("xtrace" | "verbose" | "noclobber" | "history" | "monitor" | "notify")) => {}
            _ => self.lost_at("an option of `set` that is not followed here"),
        }
    }

    fn eval(&mut self, known: Option<Vec<String>>) -> Ended {
        let Some(known) = known else {
            self.cloud(quoted::command("eval", None));
            return Ok(None);
        };
        match shell::parse(&known.join(" ")) {
            Ok(program) => self.evaluate(&program),
            Err(shell::NotParsed::TooMuch(why)) => Err(Halt::Limit(why)),
            Err(shell::NotParsed::Malformed(_)) => Ok(FAILED),
        }
    }

    fn reads(&mut self, name: &str, known: Option<Vec<String>>) {
        let Some(known) = known else { return self.cloud(quoted::command(name, None)) };
        for variable in known.iter().filter(|word| is_name(word)) {
            self.set_unknown(variable, name);
        }
        if name != "read" || known.iter().any(|word| word.starts_with('-') && word.contains('a')) {
            known.iter().filter(|word| is_name(word)).for_each(|variable| self.lost_shape(variable));
        }
        ["REPLY", "MAPFILE", "OPTARG", "OPTIND"].iter().for_each(|variable| self.set_unknown(variable, name));
        // `-aNAME`, `NAME[0]`.
        if known.iter().any(|word| word.contains('[') || (word.starts_with('-') && word.len() > 2)) {
            self.cloud(quoted::command(name, None));
        }
    }

    /// `printf -v NAME FORMAT …`.
    fn printf(&mut self, known: Option<Vec<String>>) -> Status {
        let Some(known) = known else {
            self.cloud(quoted::command("printf", None));
            return None;
        };
        let [first, name, format, rest @ ..] = known.as_slice() else { return None };
        if !first.starts_with("-v") {
            return if known.iter().any(|word| word.contains(['%', '\\'])) { None } else { DONE };
        }
        if first != "-v" || !is_name(name) {
            self.cloud(quoted::command("printf", None));
            return None;
        }
        let text = match rest {
            [] if !format.contains(['%', '\\']) && !format.starts_with('-') => Some(format.clone()),
            [only] if format == "%s" => Some(only.clone()),
            _ => None,
        };
        match text {
            Some(text) => {
                self.put(name, Value::Literal(text), false);
                DONE
            }
            None => {
                self.set_unknown(name, "printf -v");
                None
            }
        }
    }

    /// A command for a signal does not run here; one for what the shell itself does may run at any command.
    fn trap(&mut self, known: Option<Vec<String>>) -> Status {
        let harmless = known.as_ref().is_some_and(|known| {
            let own = ["EXIT", "0", "DEBUG", "RETURN", "ERR"];
            known.len() < 2
                || matches!(known[0].as_str(), "-" | "" | "-p" | "-l")
                || known[1..].iter().all(|signal| {
                    !own.iter().any(|name| signal.to_ascii_uppercase().trim_start_matches("SIG") == *name)
                })
        });
        if !harmless {
            self.lost_at(&quoted::command("trap", None));
        }
        let signals = ["INT", "TERM", "HUP", "QUIT", "USR1", "USR2", "PIPE", "CHLD", "ALRM", "EXIT"];
        let known = known.unwrap_or_default();
        if known.iter().skip(1).all(|signal| signals.contains(&signal.as_str())) { DONE } else { None }
    }

    /// Notes what looks like an assignment of a variable of DSS and is none.
    fn note_vain(&mut self, name: &str, known: Option<&[String]>) {
        let Some(known) = known else { return };
        let assigned = |word: &String| {
            let (name, _) = word.split_once('=')?;
            (name.starts_with("DKU_") && is_name(name)).then(|| name.to_owned())
        };
        // With a program after them, they are for that program.
        let alone = known.iter().all(|word| word.contains('=') || word.starts_with('-'));
        let how = match name {
            "env" if alone => "`env` without a command only prints the environment",
            "set" => "`set` sets the arguments of a script, and no variable",
            "alias" => "`alias` names a command, and no variable",
            ":" | "true" | "test" | "[" => "no command of that name assigns",
            // Its failure may be caught.
            "setenv" => {
                if let Some(first) = known.first().filter(|first| first.starts_with("DKU_")) {
                    let how = "`setenv` is a command of another shell".to_owned();
                    self.vain.push(Vain { name: first.clone(), how, place: self.place() });
                }
                return;
            }
            // A word that is not `export`, such as an alias, which scripts do not expand.
            _ if alone && !self.changes_variables(name) && !PRINTS.contains(&name) => {
                "it is an argument of another command"
            }
            _ => return,
        };
        for variable in known.iter().filter_map(assigned) {
            self.vain.push(Vain { name: variable, how: how.to_owned(), place: self.place() });
        }
    }

    /// Lines of here-documents that look like assignments.
    fn here_documents(&mut self, redirects: &[&ast::IoRedirect]) {
        for redirect in redirects {
            let ast::IoRedirect::HereDocument(_, document) = redirect else { continue };
            for line in document.doc.value.lines() {
                let line = line.trim();
                let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
                let Some((name, _)) = line.split_once('=') else { continue };
                if name.starts_with("DKU_") && is_name(name) {
                    let how = "it stands in a here-document, which is the input of a command".to_owned();
                    self.vain.push(Vain { name: name.to_owned(), how, place: self.place() });
                }
            }
        }
    }
}

/// Commands to which such a word is a text, or their own to set.
const PRINTS: [&str; 6] = ["echo", "printf", "logger", "grep", "make", "let"];

pub(super) fn is_declaration(name: &str) -> bool {
    matches!(name, "export" | "declare" | "typeset" | "readonly" | "local")
}

fn as_word<'a>(item: &'a &ast::CommandPrefixOrSuffixItem) -> Option<&'a ast::Word> {
    match item {
        ast::CommandPrefixOrSuffixItem::Word(word) => Some(word),
        _ => None,
    }
}
