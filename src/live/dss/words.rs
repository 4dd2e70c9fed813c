//! Shell words without a shell: quotes taken off, known variables put in, nothing guessed.

use brush_parser::ParserOptions;
use brush_parser::word::{self, Parameter, ParameterExpr, ParameterTestType, WordPiece, WordPieceWithSource};

/// The word's text; none where only a running shell can tell.
pub(super) fn expand(word: &str, known: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let pieces = word::parse(word, &ParserOptions::default()).ok()?;
    let mut text = String::new();
    for piece in &pieces {
        text.push_str(&expand_piece(piece, known)?);
    }
    Some(text)
}

/// The text of a word without any expansion in it.
pub(super) fn literal(word: &str) -> Option<String> {
    expand(word, &|_| None)
}

fn expand_piece(piece: &WordPieceWithSource, known: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    match &piece.piece {
        WordPiece::Text(text) | WordPiece::SingleQuotedText(text) => Some(text.clone()),
        // Without an escape it is as it stands.
        WordPiece::AnsiCQuotedText(text) => (!text.contains('\\')).then(|| text.clone()),
        WordPiece::DoubleQuotedSequence(pieces) => {
            pieces.iter().map(|piece| expand_piece(piece, known)).collect::<Option<String>>()
        }
        // A backslash before a line's end joins the lines.
        WordPiece::EscapeSequence(text) => Some(text.strip_prefix('\\').unwrap_or(text).replace('\n', "")),
        WordPiece::ParameterExpansion(expression) => expand_parameter(expression, known),
        WordPiece::GettextDoubleQuotedSequence(_)
        | WordPiece::TildeExpansion(_)
        | WordPiece::CommandSubstitution(_)
        | WordPiece::BackquotedCommandSubstitution(_)
        | WordPiece::ArithmeticExpression(_) => None,
    }
}

fn expand_parameter(expression: &ParameterExpr, known: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    match expression {
        ParameterExpr::Parameter { parameter: Parameter::Named(name), indirect: false } => known(name),
        ParameterExpr::UseDefaultValues {
            parameter: Parameter::Named(name),
            indirect: false,
            test_type,
            default_value,
        } => {
            let value = known(name)?;
            match test_type {
                ParameterTestType::UnsetOrNull if value.is_empty() => {
                    expand(default_value.as_deref().unwrap_or(""), known)
                }
                _ => Some(value),
            }
        }
        _ => None,
    }
}
