//! What a shell knows at one point of a script: its variables, functions and options, and what of it is uncertain.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use brush_parser::ast;

/// Where something was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The script, as it is called in messages.
    pub file: Arc<str>,
    /// From 1; 0 for what was there before the scripts.
    pub line: usize,
}

/// What a variable was left at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Unset,
    /// This text.
    Literal(String),
    /// Not known without running the script; what decides, without what may be a secret in it.
    Dynamic(String),
}

/// A variable as the scripts leave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variable {
    pub value: Value,
    /// None where that is not known.
    pub exported: Switch,
    pub place: Place,
}

/// A function, as far as it is known.
#[derive(Clone)]
pub(super) struct Function {
    /// None where only a running shell knows which it is.
    pub body: Option<Arc<ast::FunctionDefinition>>,
    pub file: Arc<str>,
}

/// An option of the shell; none where it depends on what is not known.
pub(super) type Switch = Option<bool>;

/// The options that matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Options {
    /// `-e`: a command that fails ends the shell.
    pub errexit: Switch,
    /// `-u`: so does a variable that is not set.
    pub nounset: Switch,
    /// `-a`: what is assigned is exported.
    pub allexport: Switch,
    /// `-f`: no names of files.
    pub noglob: Switch,
    pub pipefail: Switch,
}

/// All that a fork of the shell would have of its own.
#[derive(Clone)]
pub(super) struct State {
    pub variables: HashMap<String, Variable>,
    pub functions: HashMap<String, Function>,
    pub options: Options,
    /// `$1` and on; none where they are not known.
    pub positional: Option<Vec<String>>,
    /// What `local` hides, by function.
    pub locals: Vec<HashMap<String, Option<Variable>>>,
    pub readonly: HashSet<String>,
    /// What may have changed any variable, such as `. FILE`.
    pub opaque: Option<(String, Place)>,
    /// From here on nothing is certain any more: `trap … DEBUG`, an option that is not known here.
    pub lost: Option<(String, Place)>,
    /// What may end the shell.
    pub may_stop: Option<(String, Place)>,
}

/// What is known of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known {
    Text(String),
    Unset,
    Unknown,
}

/// Variables that the shell sets anew each time they are asked for.
const OF_THE_SHELL: [&str; 12] = [
    "_",
    "RANDOM",
    "SRANDOM",
    "SECONDS",
    "LINENO",
    "EPOCHSECONDS",
    "EPOCHREALTIME",
    "BASHPID",
    "BASH_COMMAND",
    "FUNCNAME",
    "GROUPS",
    "DIRSTACK",
];
/// Variables that bash lets nobody change.
const READONLY: [&str; 6] = ["UID", "EUID", "PPID", "BASHOPTS", "SHELLOPTS", "BASH_VERSINFO"];

impl Default for State {
    fn default() -> Self {
        let off = Some(false);
        State {
            variables: HashMap::new(),
            functions: HashMap::new(),
            // DSS's start scripts run under `bash -e`.
            options: Options { errexit: Some(true), nounset: off, allexport: off, noglob: off, pipefail: off },
            positional: None,
            locals: Vec::new(),
            readonly: READONLY.iter().map(|name| (*name).to_owned()).collect(),
            opaque: None,
            lost: None,
            may_stop: None,
        }
    }
}

/// True for a variable that nothing but these scripts sets.
fn is_dss(name: &str) -> bool {
    name.starts_with("DKU_")
}

impl State {
    /// The variable; none where no script touched it and nothing says that another may have set it.
    pub(super) fn view(&self, name: &str) -> Option<Variable> {
        let uncertain = |(text, place): &(String, Place)| Variable {
            value: Value::Dynamic(text.clone()),
            exported: None,
            place: place.clone(),
        };
        if let Some(lost) = &self.lost {
            return Some(uncertain(lost));
        }
        self.variables.get(name).cloned().or_else(|| self.opaque.as_ref().map(uncertain))
    }

    pub(super) fn known(&self, name: &str) -> Known {
        if OF_THE_SHELL.contains(&name) {
            return Known::Unknown;
        }
        match self.view(name).map(|variable| variable.value) {
            Some(Value::Literal(text)) => Known::Text(text),
            Some(Value::Dynamic(_)) => Known::Unknown,
            Some(Value::Unset) => Known::Unset,
            // Others may come from the account's environment.
            None if is_dss(name) => Known::Unset,
            None => Known::Unknown,
        }
    }

    /// Any variable may have been changed.
    pub(super) fn cloud(&mut self, what: String, place: Place) {
        for variable in self.variables.values_mut() {
            *variable = Variable { value: Value::Dynamic(what.clone()), exported: None, place: place.clone() };
        }
        self.opaque = Some((what, place));
    }

    pub(super) fn lose(&mut self, what: String, place: Place) {
        self.lost.get_or_insert((what, place));
    }

    pub(super) fn may_stop(&mut self, what: String, place: Place) {
        self.may_stop.get_or_insert((what, place));
    }

    /// What is certain where either of two things happened.
    pub(super) fn join(mut self, other: State) -> State {
        let mut names: HashSet<String> = self.variables.keys().cloned().collect();
        names.extend(other.variables.keys().cloned());
        for name in names {
            let (one, two) = (self.view(&name), other.view(&name));
            if let Some(joined) = joined(&name, one, two) {
                self.variables.insert(name, joined);
            }
        }
        for (name, function) in other.functions {
            let same = self.functions.get(&name).is_some_and(|own| match (&own.body, &function.body) {
                (Some(one), Some(two)) => Arc::ptr_eq(one, two),
                _ => false,
            });
            if !same {
                self.functions.insert(name, Function { body: None, file: function.file });
            }
        }
        let switch = |one: Switch, two: Switch| if one == two { one } else { None };
        let (own, others) = (self.options, other.options);
        self.options = Options {
            errexit: switch(own.errexit, others.errexit),
            nounset: switch(own.nounset, others.nounset),
            allexport: switch(own.allexport, others.allexport),
            noglob: switch(own.noglob, others.noglob),
            pipefail: switch(own.pipefail, others.pipefail),
        };
        if self.positional != other.positional {
            self.positional = None;
        }
        self.readonly.extend(other.readonly);
        self.opaque = self.opaque.or(other.opaque);
        self.lost = self.lost.or(other.lost);
        self.may_stop = self.may_stop.or(other.may_stop);
        self
    }

    /// True where joining changed nothing that is asked for.
    pub(super) fn same(&self, other: &State) -> bool {
        self.variables == other.variables
            && self.options == other.options
            && self.opaque == other.opaque
            && self.lost == other.lost
            && self.functions.len() == other.functions.len()
    }
}

/// A variable that is one thing or another.
fn joined(name: &str, one: Option<Variable>, two: Option<Variable>) -> Option<Variable> {
    let (known, unknown) = match (one, two) {
        (Some(one), Some(two)) if one == two => return Some(one),
        (Some(one), Some(two)) => {
            // The later line is the one that may or may not have run.
            let (first, second) = if one.place.line > two.place.line { (two, one) } else { (one, two) };
            (second, Some(first))
        }
        (Some(only), None) | (None, Some(only)) => (only, None),
        (None, None) => return None,
    };
    let other = unknown.as_ref().map(|variable| &variable.value);
    let unset = Value::Unset;
    let same_value = match other {
        Some(value) => *value == known.value,
        None => is_dss(name) && known.value == unset,
    };
    // Of what is not there yet, only variables of DSS are known not to be exported by others.
    let other_export = unknown.as_ref().map_or(is_dss(name).then_some(false), |variable| variable.exported);
    let exported = if known.exported == other_export { known.exported } else { None };
    if same_value {
        return Some(Variable { exported, ..known });
    }
    let text = match &known.value {
        Value::Dynamic(text) => text.clone(),
        _ => format!("{name} depends on what the script finds when it runs"),
    };
    Some(Variable { value: Value::Dynamic(text), exported, place: known.place })
}
