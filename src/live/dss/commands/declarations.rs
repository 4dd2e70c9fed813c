//! `export`, `declare`, `readonly` and `local`, and plain assignments.

use brush_parser::ast;

use super::super::quoted;
use super::super::state::{Known, Value, Variable};
use super::words::{self, is_name};
use super::{DONE, FAILED, Halt, Shell, Status};

/// An argument of a command.
pub(super) enum Argument<'a> {
    /// `NAME=VALUE` before any expansion.
    Assignment(&'a ast::Assignment),
    /// The fields of a word; none where they are not known.
    Fields(Option<Vec<String>>),
}

/// What `export`, `declare`, `readonly` and `local` are told before the names.
#[derive(Default)]
struct Flags {
    exports: bool,
    /// `export -n`, `declare +x`.
    withdraws: bool,
    readonly: bool,
    /// In a function, a variable of its own.
    local: bool,
    /// The value is made otherwise: an integer, an array, in capitals.
    shaped: bool,
    /// Functions, or a list of what there is.
    other: bool,
    /// The names are those of functions, or are listed: bash refuses one that has a value.
    values_refused: bool,
}

impl Shell {
    /// `export A=b`, `export A`, `export -n A`, `declare -x A=b`.
    pub(super) fn declaration(&mut self, name: &str, arguments: &[Argument<'_>]) -> Result<(Status, String), Halt> {
        let within = !self.state.locals.is_empty();
        let mut flags = Flags {
            exports: name == "export",
            readonly: name == "readonly",
            local: matches!(name, "declare" | "typeset" | "local") && within,
            ..Flags::default()
        };
        let mut status = DONE;
        let mut what = format!("`{name}` fails");
        let mut ended = false;
        for argument in arguments {
            match argument {
                Argument::Assignment(_) if flags.values_refused => {
                    ended = true;
                    status = FAILED;
                    what = format!("`{name}` is given a value with an option that takes names alone");
                }
                Argument::Assignment(assignment) => {
                    ended = true;
                    self.declare_assigned(assignment, &flags)?;
                }
                Argument::Fields(None) => {
                    self.cloud(quoted::command(name, None));
                    status = status.and(None);
                }
                Argument::Fields(Some(fields)) => {
                    for field in fields {
                        if !ended && field == "--" {
                            ended = true;
                        } else if !ended && field.starts_with(['-', '+']) && field.len() > 1 {
                            self.flags(name, field, &mut flags);
                        } else {
                            ended = true;
                            if !flags.other && !self.declare(field, &flags) {
                                status = FAILED;
                                what = format!("`{name}` is given {:?}, which is not a name", quoted::name(field));
                            }
                        }
                    }
                }
            }
        }
        if name == "local" && !within {
            return Ok((FAILED, "`local` is used outside a function".to_owned()));
        }
        let failed = flags.values_refused && status == FAILED;
        Ok((if flags.other && !failed { None } else { status }, what))
    }

    fn flags(&mut self, command: &str, word: &str, flags: &mut Flags) {
        let on = word.starts_with('-');
        for flag in word[1..].chars() {
            match (command, flag) {
                ("export", 'n') => flags.withdraws = true,
                ("export" | "readonly", 'p') => {}
                ("export" | "readonly", 'f') | ("declare" | "typeset", 'f' | 'F' | 'p') => {
                    flags.values_refused = true;
                    flags.other = true;
                }
                ("declare" | "typeset" | "local", 'x') => {
                    flags.exports = on;
                    flags.withdraws = !on;
                }
                ("declare" | "typeset" | "local", 'r') => flags.readonly = on,
                ("declare" | "typeset", 'g') => flags.local = false,
                // It makes functions traced, and nothing of variables.
                ("declare" | "typeset" | "local", 't') => {}
                (_, 'a' | 'A' | 'i' | 'l' | 'u' | 'c') => flags.shaped = true,
                ("declare" | "typeset" | "local", 'n') => {
                    // From here on, one name may stand for another.
                    self.lost_at(&quoted::command("declare -n", None));
                }
                _ => flags.other = true,
            }
        }
    }

    /// `NAME`, or `NAME=VALUE` that came of an expansion or of quotes; false where it is no name.
    fn declare(&mut self, field: &str, flags: &Flags) -> bool {
        let (target, value) = match field.split_once('=') {
            Some((target, value)) => (target, Some(value)),
            None => (field, None),
        };
        let (target, appends) = match target.strip_suffix('+') {
            Some(target) if value.is_some() => (target, true),
            _ => (target, false),
        };
        if !is_name(target) {
            // An element of an array.
            let array = target.split_once('[').is_some_and(|(name, _)| is_name(name));
            if let (true, Some((name, _))) = (array, target.split_once('[')) {
                self.set_unknown(name, "declare");
                self.lost_shape(name);
            }
            return array;
        }
        self.hide(target, flags);
        if let Some(value) = value {
            let before = if appends { self.state.known(target) } else { Known::Unset };
            let value = match before {
                _ if flags.shaped => Value::Dynamic(quoted::command("declare", Some(target))),
                Known::Text(start) => Value::Literal(format!("{start}{value}")),
                Known::Unset => Value::Literal(value.to_owned()),
                Known::Unknown => Value::Dynamic(quoted::command("declare", Some(target))),
            };
            self.put(target, value, false);
        }
        self.attributes(target, flags);
        true
    }

    fn declare_assigned(&mut self, assignment: &ast::Assignment, flags: &Flags) -> Result<(), Halt> {
        let target = match &assignment.name {
            ast::AssignmentName::VariableName(name) => name,
            ast::AssignmentName::ArrayElementName(name, _) => name,
        };
        // Expanded before the name is hidden: `local A=$A`.
        let shaped = flags.shaped || words::braces(&assignment.to_string());
        let value = self.assigned(assignment, shaped)?;
        self.hide(target, flags);
        self.at(Some(assignment.loc.start.line));
        self.put(target, value, false);
        self.attributes(target, flags);
        Ok(())
    }

    /// A variable of the function's own hides another.
    fn hide(&mut self, name: &str, flags: &Flags) {
        if !flags.local {
            return;
        }
        let before = self.state.variables.get(name).cloned();
        if let Some(locals) = self.state.locals.last_mut()
            && !locals.contains_key(name)
        {
            locals.insert(name.to_owned(), before);
            self.put(name, Value::Unset, false);
            if let Some(variable) = self.state.variables.get_mut(name) {
                variable.exported = Some(false);
            }
        }
    }

    fn attributes(&mut self, name: &str, flags: &Flags) {
        let seen = self.state.view(name);
        if flags.readonly {
            self.state.readonly.insert(name.to_owned());
        }
        if !flags.exports && !flags.withdraws && !flags.shaped {
            return;
        }
        let known = match self.state.known(name) {
            Known::Unset => Value::Unset,
            _ => Value::Dynamic(quoted::command("export", Some(name))),
        };
        let place = self.place();
        let mut variable = seen.unwrap_or(Variable { value: known, exported: Some(false), place });
        if flags.withdraws {
            variable.exported = Some(false);
        } else if flags.exports {
            variable.exported = Some(true);
        }
        // What is assigned to it later is made otherwise too.
        if flags.shaped {
            self.lost_shape(name);
        }
        self.state.variables.insert(name.to_owned(), variable);
    }

    pub(super) fn lost_shape(&mut self, name: &str) {
        if name.starts_with("DKU_") {
            self.lost_at(&quoted::command("declare", Some(name)));
        }
    }

    pub(super) fn assign(&mut self, assignment: &ast::Assignment, exported: bool) -> Result<(), Halt> {
        let target = match &assignment.name {
            ast::AssignmentName::VariableName(name) => name,
            ast::AssignmentName::ArrayElementName(name, _) => name,
        };
        let value = self.assigned(assignment, false)?;
        self.at(Some(assignment.loc.start.line));
        self.put(target, value, exported);
        Ok(())
    }

    /// The value that an assignment gives.
    fn assigned(&mut self, assignment: &ast::Assignment, shaped: bool) -> Result<Value, Halt> {
        let dynamic = || Value::Dynamic(quoted::assignment(&assignment.to_string()));
        let (ast::AssignmentName::VariableName(name), ast::AssignmentValue::Scalar(word)) =
            (&assignment.name, &assignment.value)
        else {
            // An array is not exported, whatever is assigned to it later.
            let (ast::AssignmentName::VariableName(name) | ast::AssignmentName::ArrayElementName(name, _)) =
                &assignment.name;
            self.lost_shape(name);
            return Ok(dynamic());
        };
        let before = if assignment.append { self.state.known(name) } else { Known::Unset };
        let Some(text) = self.value(&word.value)?.filter(|_| !shaped) else { return Ok(dynamic()) };
        Ok(match before {
            Known::Unset => Value::Literal(text),
            Known::Text(start) if start.len() + text.len() <= 64 << 10 => Value::Literal(start + &text),
            _ => dynamic(),
        })
    }
}
