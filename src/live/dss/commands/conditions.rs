//! Tests of bash, `[ … ]` and `[[ … ]]`, as far as texts alone decide them.

use brush_parser::ast::{BinaryPredicate, ExtendedTestExpr, UnaryPredicate};

use super::super::patterns;
use super::words;
use super::{Halt, Shell, Status};

/// `test` and `[`; none where it asks for more than texts.
pub(super) fn holds(name: &str, words: &[String]) -> Status {
    let words = match (name, words) {
        ("[", [inner @ .., last]) if last == "]" => inner,
        ("[", _) => return Some(false),
        (_, all) => all,
    };
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => Some(false),
        [only] => Some(!only.is_empty()),
        ["!", only] => Some(only.is_empty()),
        ["-n", text] => Some(!text.is_empty()),
        ["-z", text] => Some(text.is_empty()),
        [one, "=" | "==", two] => Some(one == two),
        [one, "!=", two] => Some(one != two),
        _ => None,
    }
}

impl Shell {
    /// `[[ … ]]`.
    pub(super) fn extended_test(&mut self, test: &ExtendedTestExpr) -> Result<Status, Halt> {
        Ok(match test {
            ExtendedTestExpr::And(one, two) => match self.extended_test(one)? {
                Some(true) => self.extended_test(two)?,
                Some(false) => Some(false),
                None => self.unsure(two)?,
            },
            ExtendedTestExpr::Or(one, two) => match self.extended_test(one)? {
                Some(false) => self.extended_test(two)?,
                Some(true) => Some(true),
                None => self.unsure(two)?,
            },
            ExtendedTestExpr::Not(inner) => self.extended_test(inner)?.map(|holds| !holds),
            ExtendedTestExpr::Parenthesized(inner) => self.extended_test(inner)?,
            ExtendedTestExpr::UnaryTest(predicate, word) => {
                let text = self.value(&word.value)?;
                match predicate {
                    UnaryPredicate::StringHasZeroLength => text.map(|text| text.is_empty()),
                    UnaryPredicate::StringHasNonZeroLength => text.map(|text| !text.is_empty()),
                    _ => None,
                }
            }
            ExtendedTestExpr::BinaryTest(predicate, one, two) => self.compare(predicate, &one.value, &two.value)?,
        })
    }

    /// The second part may not be looked at; what its expansion would assign is not known.
    fn unsure(&mut self, test: &ExtendedTestExpr) -> Result<Status, Halt> {
        self.maybe(|shell| shell.extended_test(test), |_| Ok(None))
    }

    fn compare(&mut self, predicate: &BinaryPredicate, one: &str, two: &str) -> Result<Status, Halt> {
        let (text, other) = (self.value(one)?, self.value(two)?);
        let (Some(text), Some(other)) = (text, other) else { return Ok(None) };
        // A pattern of which a part is quoted is not looked into.
        let plain = words::literal(two).is_some_and(|literal| literal == two);
        let matched =
            if plain || !other.contains(['*', '?', '[', '\\', '(']) { patterns::matches(&other, &text) } else { None };
        Ok(match predicate {
            BinaryPredicate::StringExactlyMatchesPattern => matched,
            BinaryPredicate::StringDoesNotExactlyMatchPattern => matched.map(|same| !same),
            BinaryPredicate::StringExactlyMatchesString => Some(text == other),
            BinaryPredicate::StringDoesNotExactlyMatchString => Some(text != other),
            _ => None,
        })
    }
}
