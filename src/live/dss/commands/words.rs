//! Words of a script as bash expands them. What only a running shell can tell is said not to be known.

use brush_parser::ParserOptions;
use brush_parser::word::{
    self, BraceExpressionOrText, Parameter, ParameterExpr, ParameterTestType, SubstringMatchKind, WordPiece,
    WordPieceWithSource,
};

use super::super::patterns::{self, End};
use super::super::state::{Known, Value};
use super::{Halt, Shell};

/// An expansion: the text, or none where it is not known.
pub(super) type Expanded = Result<Option<String>, Halt>;

/// A part of a word.
struct Part {
    text: String,
    /// Neither split nor taken for a pattern.
    quoted: bool,
    /// Came from an expansion, and so is split into fields.
    split: bool,
}

/// What a word is expanded for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Document,
}

/// The most nested defaults, `${A:-${B:-…}}`.
const DEEPEST: usize = 50;
/// The longest text that an expansion makes.
const LONGEST: usize = 64 << 10;

/// The word's text where it has no expansion at all.
pub(super) fn literal(word: &str) -> Option<String> {
    let pieces = word::parse(word, &ParserOptions::default()).ok()?;
    plain(&pieces)
}

fn plain(pieces: &[WordPieceWithSource]) -> Option<String> {
    pieces
        .iter()
        .map(|piece| match &piece.piece {
            WordPiece::Text(text) | WordPiece::SingleQuotedText(text) => Some(text.clone()),
            WordPiece::DoubleQuotedSequence(inner) => plain(inner),
            WordPiece::EscapeSequence(text) => Some(unescaped(text)),
            _ => None,
        })
        .collect()
}

/// A backslash before a line's end joins the lines.
fn unescaped(sequence: &str) -> String {
    sequence.strip_prefix('\\').unwrap_or(sequence).replace('\n', "")
}

impl Shell {
    /// The word as the value of an assignment: not split, no names of files.
    pub(super) fn value(&mut self, word: &str) -> Expanded {
        let Some(parts) = self.parts(word, Kind::Word, true)? else { return Ok(None) };
        // A tilde after a colon is a home directory too.
        if parts.iter().any(|part| !part.quoted && !part.split && (part.text.contains(":~") || part.text == "~")) {
            return Ok(None);
        }
        Ok(Some(parts.into_iter().map(|part| part.text).collect()))
    }

    /// The body of a here-document, for what expanding it changes.
    pub(super) fn document(&mut self, body: &str) -> Result<(), Halt> {
        self.parts(body, Kind::Document, true).map(|_| ())
    }

    /// The fields that the word becomes; none where they are not known.
    pub(super) fn fields(&mut self, word: &str) -> Result<Option<Vec<String>>, Halt> {
        if braces(word) {
            self.parts(word, Kind::Word, false)?;
            return Ok(None);
        }
        let Some(parts) = self.parts(word, Kind::Word, false)? else { return Ok(None) };
        let globs = self.state.options.noglob != Some(true);
        let mut fields: Vec<String> = Vec::new();
        // What is open to be added to; a quote makes a field even where it is empty.
        let mut open: Option<String> = None;
        for part in parts {
            let blank = |c: char| matches!(c, ' ' | '\t' | '\n');
            if !part.quoted && globs && is_pattern(&part.text) {
                return Ok(None);
            }
            if !part.split || part.quoted {
                if part.quoted || !part.text.is_empty() {
                    open.get_or_insert_default().push_str(&part.text);
                }
                continue;
            }
            let separators = self.state.variables.contains_key("IFS") || self.state.opaque.is_some();
            if separators && !part.text.is_empty() {
                return Ok(None);
            }
            for (at, piece) in part.text.split(blank).enumerate() {
                if at > 0 {
                    fields.extend(open.take());
                }
                if !piece.is_empty() {
                    open.get_or_insert_default().push_str(piece);
                }
            }
        }
        fields.extend(open);
        Ok(Some(fields))
    }

    /// The parts of a word; each is expanded even after one that is not known, since an expansion may assign.
    fn parts(&mut self, word: &str, kind: Kind, assigning: bool) -> Result<Option<Vec<Part>>, Halt> {
        let options = ParserOptions::default();
        let parsed = match kind {
            Kind::Word => word::parse(word, &options),
            Kind::Document => word::parse_heredoc(word, &options),
        };
        let Ok(pieces) = parsed else {
            self.lost_at("a word that is not understood");
            return Ok(None);
        };
        let mut parts = Some(Vec::new());
        let mut length = 0;
        for piece in &pieces {
            let part = self.piece(&piece.piece, kind == Kind::Document, assigning)?;
            length += part.iter().flatten().map(|part| part.text.len()).sum::<usize>();
            parts = parts.zip(part).map(|(mut all, part): (Vec<Part>, Vec<Part>)| {
                all.extend(part);
                all
            });
            // What grows without end is not followed.
            parts = parts.filter(|_| length <= LONGEST);
        }
        Ok(parts)
    }

    fn piece(&mut self, piece: &WordPiece, in_quotes: bool, assigning: bool) -> Result<Option<Vec<Part>>, Halt> {
        let part = |text: String, quoted: bool| Some(vec![Part { text, quoted, split: false }]);
        Ok(match piece {
            WordPiece::Text(text) if in_quotes => part(text.replace("\\\n", ""), true),
            WordPiece::Text(text) => part(text.clone(), false),
            WordPiece::SingleQuotedText(text) => part(text.clone(), true),
            WordPiece::AnsiCQuotedText(text) => ansi(text).and_then(|text| part(text, true)),
            WordPiece::EscapeSequence(text) => part(unescaped(text), true),
            WordPiece::DoubleQuotedSequence(pieces) => {
                let mut all = Some(String::new());
                for piece in pieces {
                    let inner = self.piece(&piece.piece, true, assigning)?;
                    all = all.zip(inner).map(|(all, inner)| inner.into_iter().fold(all, |all, part| all + &part.text));
                    all = all.filter(|text| text.len() <= LONGEST);
                }
                all.and_then(|text| part(text, true))
            }
            WordPiece::ParameterExpansion(expression) => self
                .parameter(expression, in_quotes, assigning)?
                .map(|text| vec![Part { text, quoted: in_quotes, split: !in_quotes }]),
            WordPiece::ArithmeticExpression(expression) => {
                self.arithmetic(&expression.value);
                None
            }
            WordPiece::CommandSubstitution(_) | WordPiece::BackquotedCommandSubstitution(_) => {
                self.substituted = true;
                None
            }
            WordPiece::GettextDoubleQuotedSequence(_) | WordPiece::TildeExpansion(_) => None,
        })
    }

    /// `$((…))`, `((…))`, `let`: any name in it may be assigned to.
    pub(super) fn arithmetic(&mut self, expression: &str) {
        if !expression.contains(['=', '+', '-', '[', '$', '`']) {
            return;
        }
        let names = expression.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        for name in names.filter(|name| is_name(name)) {
            self.set_unknown(name, "arithmetic");
        }
    }

    fn parameter(&mut self, expression: &ParameterExpr, in_quotes: bool, assigning: bool) -> Expanded {
        use ParameterExpr as Expression;
        match expression {
            Expression::Parameter { parameter, indirect: false } => match self.look(parameter) {
                Known::Text(text) => Ok(Some(text)),
                Known::Unknown => {
                    self.may_be_unset();
                    Ok(None)
                }
                Known::Unset => match self.state.options.nounset {
                    Some(false) => Ok(Some(String::new())),
                    Some(true) => Err(self.ends("a variable that is not set is used under `set -u`")),
                    None => Ok(None),
                },
            },
            Expression::UseDefaultValues { parameter, indirect: false, test_type, default_value } => {
                self.or_else(parameter, test_type, default_value.as_deref(), in_quotes, assigning)
            }
            Expression::AssignDefaultValues { parameter, indirect: false, test_type, default_value } => {
                let before = self.look(parameter);
                let text = self.or_else(parameter, test_type, default_value.as_deref(), in_quotes, assigning)?;
                if let (Parameter::Named(name), true) = (parameter, takes_other(&before, test_type) != Some(false)) {
                    let value = text.clone().map_or_else(|| Value::Dynamic(format!("${{{name}:=…}}")), Value::Literal);
                    self.put(name, value, false);
                }
                Ok(text)
            }
            Expression::UseAlternativeValue { parameter, indirect: false, test_type, alternative_value } => {
                match takes_other(&self.look(parameter), test_type) {
                    Some(true) => Ok(Some(String::new())),
                    Some(false) => self.other(alternative_value.as_deref(), in_quotes, assigning),
                    None => {
                        self.maybe_assigned(alternative_value.as_deref());
                        Ok(None)
                    }
                }
            }
            Expression::IndicateErrorIfNullOrUnset { parameter, indirect: false, test_type, .. } => {
                let seen = self.look(parameter);
                match (takes_other(&seen, test_type), seen) {
                    (Some(true), _) => Err(self.ends("`${…:?}` finds that a variable is not set")),
                    (_, Known::Text(text)) => Ok(Some(text)),
                    _ => {
                        self.may_stop("`${…:?}`");
                        Ok(None)
                    }
                }
            }
            other => self.changed(other),
        }
    }

    /// Expansions that change the text of a variable.
    fn changed(&mut self, expression: &ParameterExpr) -> Expanded {
        use ParameterExpr as Expression;
        self.may_be_unset();
        let (parameter, pattern, end, longest) = match expression {
            Expression::RemoveSmallestSuffixPattern { parameter, indirect: false, pattern } => {
                (parameter, pattern, End::Back, false)
            }
            Expression::RemoveLargestSuffixPattern { parameter, indirect: false, pattern } => {
                (parameter, pattern, End::Back, true)
            }
            Expression::RemoveSmallestPrefixPattern { parameter, indirect: false, pattern } => {
                (parameter, pattern, End::Front, false)
            }
            Expression::RemoveLargestPrefixPattern { parameter, indirect: false, pattern } => {
                (parameter, pattern, End::Front, true)
            }
            Expression::LowercasePattern { parameter, indirect: false, pattern } if is_none(pattern) => {
                return Ok(self.ascii(parameter).map(|text| text.to_ascii_lowercase()));
            }
            Expression::UppercasePattern { parameter, indirect: false, pattern } if is_none(pattern) => {
                return Ok(self.ascii(parameter).map(|text| text.to_ascii_uppercase()));
            }
            Expression::ParameterLength { parameter, indirect: false } => {
                return Ok(self.ascii(parameter).map(|text| text.len().to_string()));
            }
            Expression::ReplaceSubstring { parameter, indirect: false, pattern, replacement, match_kind } => {
                return Ok(self.replaced(parameter, pattern, replacement.as_deref(), match_kind));
            }
            // Some of them fail: `${!A}` where A is not set.
            _ => {
                self.may_stop("an expansion that is not followed here");
                return Ok(None);
            }
        };
        let Some(text) = self.ascii(parameter) else { return Ok(None) };
        let pattern = pattern.as_deref().unwrap_or("");
        if pattern.contains(['$', '`', '"', '\'', '~']) {
            return Ok(None);
        }
        Ok(patterns::without(&text, pattern, end, longest))
    }

    /// What `-u` makes of a variable that is not known to be set.
    fn may_be_unset(&mut self) {
        if self.state.options.nounset != Some(false) {
            self.may_stop("a variable may not be set under `set -u`");
        }
    }

    fn replaced(
        &mut self,
        parameter: &Parameter,
        pattern: &str,
        replacement: Option<&str>,
        kind: &SubstringMatchKind,
    ) -> Option<String> {
        let text = self.ascii(parameter)?;
        let replacement = replacement.unwrap_or("");
        let special = ['*', '?', '[', '\\', '$', '`', '"', '\'', '&', '(', '~', '#', '%'];
        if pattern.is_empty() || pattern.contains(special) || replacement.contains(special) {
            return None;
        }
        match kind {
            SubstringMatchKind::FirstOccurrence => Some(text.replacen(pattern, replacement, 1)),
            SubstringMatchKind::Anywhere => Some(text.replace(pattern, replacement)).filter(|t| t.len() <= LONGEST),
            SubstringMatchKind::Prefix | SubstringMatchKind::Suffix => None,
        }
    }

    /// The text of a variable that is set, where it is ASCII.
    fn ascii(&self, parameter: &Parameter) -> Option<String> {
        match self.look(parameter) {
            Known::Text(text) if text.is_ascii() => Some(text),
            _ => None,
        }
    }

    fn look(&self, parameter: &Parameter) -> Known {
        match parameter {
            Parameter::Named(name) => self.state.known(name),
            Parameter::Positional(at) => match (&self.state.positional, at.checked_sub(1)) {
                (Some(all), Some(at)) => all.get(at as usize).map_or(Known::Unset, |text| Known::Text(text.clone())),
                _ => Known::Unknown,
            },
            _ => Known::Unknown,
        }
    }

    /// `${X:-other}`.
    fn or_else(
        &mut self,
        parameter: &Parameter,
        test: &ParameterTestType,
        other: Option<&str>,
        in_quotes: bool,
        assigning: bool,
    ) -> Expanded {
        let seen = self.look(parameter);
        match (takes_other(&seen, test), seen) {
            (Some(true), _) => self.other(other, in_quotes, assigning),
            (_, Known::Text(text)) => Ok(Some(text)),
            _ => {
                self.maybe_assigned(other);
                Ok(None)
            }
        }
    }

    /// The word after `:-`, where it is used.
    fn other(&mut self, word: Option<&str>, in_quotes: bool, assigning: bool) -> Expanded {
        let word = word.unwrap_or("");
        // Quotes within quotes have rules of their own, and fields of quoted parts are not split.
        let marks = word.contains(['\'', '"', '\\']);
        if (in_quotes && marks) || self.defaults > DEEPEST {
            return Ok(None);
        }
        self.defaults += 1;
        let text = self.value(word);
        self.defaults -= 1;
        Ok(text?.filter(|text| {
            (assigning || in_quotes || !marks || !(text.is_empty() || text.contains([' ', '\t', '\n', '*', '?', '['])))
                && text.len() <= LONGEST
        }))
    }

    /// A word that may or may not be expanded: what it would assign is not known any more.
    fn maybe_assigned(&mut self, word: Option<&str>) {
        if let Some(word) = word.filter(|word| word.contains('=') || word.contains("$((")) {
            self.arithmetic(word);
        }
    }
}

/// Whether the other value is taken; none where that is not known.
fn takes_other(seen: &Known, test: &ParameterTestType) -> Option<bool> {
    match (seen, test) {
        (Known::Unknown, _) => None,
        (Known::Unset, _) => Some(true),
        (Known::Text(text), ParameterTestType::UnsetOrNull) => Some(text.is_empty()),
        (Known::Text(_), ParameterTestType::Unset) => Some(false),
    }
}

/// Whether bash would look for files of such names.
fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?']) || text.split_once('[').is_some_and(|(_, after)| after.contains(']'))
}

/// Whether the word has a brace expansion.
pub(super) fn braces(word: &str) -> bool {
    word.contains('{')
        && match word::parse_brace_expansions(word, &ParserOptions::default()) {
            Ok(Some(pieces)) => pieces.iter().any(|piece| matches!(piece, BraceExpressionOrText::Expr(_))),
            Ok(None) => false,
            Err(_) => true,
        }
}

/// The text within `$'…'`, where each escape is one of the plain ones.
fn ansi(text: &str) -> Option<String> {
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        plain.push(match c {
            '\\' => match characters.next()? {
                'n' => '\n',
                't' => '\t',
                same @ ('\\' | '\'' | '"') => same,
                _ => return None,
            },
            other => other,
        });
    }
    Some(plain)
}

fn is_none(pattern: &Option<String>) -> bool {
    pattern.as_deref().is_none_or(str::is_empty)
}

pub(super) fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}
