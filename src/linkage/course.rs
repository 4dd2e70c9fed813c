//! What of Hadoop's and the SDK's code does not run for DSS, or not in every operation: what stands behind a setting that DSS
//! does not make, and the answers of OSS to what is refused or not there. A walk that only sees code cannot know it.

use crate::names::Name;
use crate::names::Names;

/// When something runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runs {
    /// From this operation on, by its number.
    From(usize),
    Never,
}

/// One exception from the code.
pub(crate) struct Rule {
    class: Name,
    method: Name,
    /// Of the method only what asks for a class or member that starts so; for what runs later also all that follows.
    asked: Option<String>,
    pub(crate) runs: Runs,
}

/// All exceptions.
#[derive(Default)]
pub(crate) struct Course(Vec<Rule>);

impl Course {
    pub(crate) fn add(&mut self, names: &mut Names, (class, method): (&str, &str), asked: Option<String>, runs: Runs) {
        self.0.push(Rule { class: names.of(class), method: names.of(method), asked, runs });
    }

    /// When a method runs, where that is not always.
    pub(crate) fn of_method(&self, class: Name, method: Name) -> Option<Runs> {
        let mut rules = self.0.iter().filter(|rule| rule.class == class && rule.method == method);
        rules.find(|rule| rule.asked.is_none()).map(|rule| rule.runs)
    }

    /// True where parts of the method do not always run.
    pub(crate) fn has_parts(&self, class: Name, method: Name) -> bool {
        self.0.iter().any(|rule| rule.class == class && rule.method == method && rule.asked.is_some())
    }

    /// When the instruction of a method that asks for this runs, where that is not always.
    pub(crate) fn of_part(&self, class: Name, method: Name, asked: &str) -> Option<Runs> {
        let mut rules = self.0.iter().filter(|rule| rule.class == class && rule.method == method);
        rules.find(|rule| rule.asked.as_ref().is_some_and(|start| asked.starts_with(start))).map(|rule| rule.runs)
    }
}
