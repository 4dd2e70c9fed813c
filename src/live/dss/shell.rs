//! The syntax tree of a shell script, within bounds.

use std::io::Cursor;

use brush_parser::ast;
use brush_parser::{ParseError, Parser, ParserOptions, TokenizerError as Tokenizer};

/// A script that is not valid shell, or that nests deeper than any settings file does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Malformed {
    pub why: String,
    pub line: usize,
}

/// The longest script read, in bytes; the parser's time and stack grow with it.
pub(super) const LONGEST_SCRIPT: usize = 256 << 10;
/// The deepest nesting of brackets and blocks that is parsed: the parser's time doubles with each bracket.
pub(super) const DEEPEST: usize = 16;

/// The script's syntax tree.
pub(super) fn parse(script: &str) -> Result<ast::Program, Malformed> {
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
        let why = match &error {
            // The tags are words of the script.
            ParseError::Tokenizing {
                inner: Tokenizer::MissingHereTag(_) | Tokenizer::UnterminatedHereDocuments(..),
                ..
            } => "an unterminated here-document".to_owned(),
            _ => error.to_string(),
        };
        Malformed { why, line }
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
