//! The syntax tree of a shell script, within bounds.

use std::io::Cursor;

use brush_parser::ast;
use brush_parser::{ParseError, Parser, ParserOptions, TokenizerError as Tokenizer};

/// A script that is not valid shell, or that ends the shell that reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Malformed {
    pub why: String,
    pub line: usize,
}

/// Why there is no syntax tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NotParsed {
    /// bash refuses it too.
    Malformed(Malformed),
    /// A bound of this program, which says nothing about the script.
    TooMuch(String),
}

/// The longest script read, in bytes; the parser's time and stack grow with it.
pub(super) const LONGEST_SCRIPT: usize = 256 << 10;
/// The deepest nesting that the parser is asked to recurse into.
const DEEPEST: usize = 200;
/// The deepest nesting of `(` and `case`: where one is never closed, the parser's time doubles with each.
pub(super) const DEEPEST_DOUBLING: usize = 16;
/// The most brackets that may stand open in a text, comments and quotes included, before tokens are counted.
const MOST_OPEN: usize = 2000;
/// The parser's stack: what the deepest nesting takes, and more.
const STACK: usize = 256 << 20;

/// Runs what recurses as deep as a script nests, on a stack that has room for it.
pub(super) fn with_room<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, String> {
    std::thread::scope(|scope| {
        let started = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        let thread = started.map_err(|error| format!("no thread could be started: {error}"))?;
        thread.join().map_err(|_| "the reader of scripts stopped".to_owned())
    })
}

/// The script's syntax tree; called with room on the stack ([`with_room`]).
pub(super) fn parse(script: &str) -> Result<ast::Program, NotParsed> {
    if script.chars().count() > LONGEST_SCRIPT {
        return Err(NotParsed::TooMuch(format!("more than the {LONGEST_SCRIPT} bytes that are read of a script")));
    }
    if open_brackets(script) > MOST_OPEN {
        return Err(NotParsed::TooMuch(format!("more than {MOST_OPEN} brackets are open at once")));
    }
    let malformed = |error: ParseError| {
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
            } => "a here-document without its end".to_owned(),
            _ => error.to_string(),
        };
        NotParsed::Malformed(Malformed { why, line })
    };
    let options = ParserOptions::default();
    let mut selects = None;
    if let Ok(tokens) = brush_parser::uncached_tokenize_str(script, &options.tokenizer_options()) {
        within_bounds(&tokens)?;
        selects = select_command(&tokens);
    }
    // The parser does not know it, and bash does.
    let malformed = |error| match selects {
        Some(line) => NotParsed::TooMuch(format!("`select` is not read here, at line {line}")),
        None => malformed(error),
    };
    match Parser::new(Cursor::new(script), &options).parse_program() {
        // To bash, the end of the file ends it.
        Err(ParseError::Tokenizing { inner: Tokenizer::UnterminatedHereDocuments(tags, _), .. }) => {
            let ended = format!("{script}\n{}\n", tags.replace(['\'', '"', '\\'], "").replace(", ", "\n"));
            Parser::new(Cursor::new(ended.as_str()), &options).parse_program().map_err(malformed)
        }
        parsed => parsed.map_err(malformed),
    }
}

/// The most brackets open at once, whatever they stand in.
fn open_brackets(script: &str) -> usize {
    let (mut open, mut most) = (0usize, 0usize);
    for c in script.chars() {
        match c {
            '(' | '{' | '[' => open += 1,
            ')' | '}' | ']' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}

/// Counts what the parser recurses into: tokens, so that neither comments nor quotes count.
fn within_bounds(tokens: &[brush_parser::Token]) -> Result<(), NotParsed> {
    // What is open: `)` also ends a pattern of `case`.
    let mut open: Vec<&str> = Vec::new();
    for token in tokens {
        let text = token.to_str();
        let opened = match text {
            ")" => Some("("),
            "esac" => Some("case"),
            "}" => Some("{"),
            "fi" => Some("if"),
            "done" => Some("do"),
            "]]" => Some("[["),
            _ => None,
        };
        match text {
            "(" | "case" | "{" | "if" | "do" | "[[" => open.push(text),
            _ if opened.is_some() && open.last().copied() == opened => {
                open.pop();
            }
            _ => continue,
        }
        let doubling = open.iter().filter(|word| matches!(**word, "(" | "case")).count();
        if open.len() > DEEPEST || doubling > DEEPEST_DOUBLING {
            let line = token.location().start.line;
            return Err(NotParsed::TooMuch(format!("commands nest deeper than is read here at line {line}")));
        }
    }
    Ok(())
}

/// The line of the first `select NAME` that may be a command.
fn select_command(tokens: &[brush_parser::Token]) -> Option<usize> {
    let starts = |before: &str| {
        matches!(before, "\n" | ";" | "&" | "&&" | "||" | "|" | "(" | ")" | "{")
            || matches!(before, "do" | "then" | "else" | "!")
    };
    tokens.iter().enumerate().find_map(|(at, token)| {
        let first = at.checked_sub(1).is_none_or(|before| starts(tokens[before].to_str()));
        (first && token.to_str() == "select").then(|| token.location().start.line)
    })
}

/// The longest part of a malformed script, in whole lines before `line`, that is valid; bash runs it before it finds the
/// fault.
pub(super) fn part_before(script: &str, line: usize) -> Option<ast::Program> {
    /// A command of more lines than this that holds the fault is not looked behind.
    const LONGEST_COMMAND: usize = 50;
    let ends: Vec<usize> = script.match_indices('\n').map(|(at, _)| at + 1).collect();
    let last = line.saturating_sub(1).min(ends.len());
    (last.saturating_sub(LONGEST_COMMAND)..last).rev().find_map(|at| parse(&script[..ends[at]]).ok())
}

/// Where a command has no command in it that needs one: `do` and `done` with nothing between them. The parser lets it
/// pass, bash does not. The line, where the parser tells it.
pub(super) fn empty_part(list: &ast::CompoundList) -> Option<Option<usize>> {
    list.0.iter().find_map(|ast::CompoundListItem(and_or, _)| {
        let more = and_or.additional.iter().map(|(ast::AndOr::And(pipeline) | ast::AndOr::Or(pipeline))| pipeline);
        std::iter::once(&and_or.first).chain(more).flat_map(|pipeline| &pipeline.seq).find_map(empty_within)
    })
}

fn empty_within(command: &ast::Command) -> Option<Option<usize>> {
    let compound = match command {
        ast::Command::Compound(compound, _) => compound,
        ast::Command::Function(function) => &function.body.0,
        ast::Command::Simple(_) | ast::Command::ExtendedTest(..) => return None,
    };
    let lists: Vec<&ast::CompoundList> = match compound {
        ast::CompoundCommand::BraceGroup(group) => vec![&group.list],
        ast::CompoundCommand::Subshell(subshell) => vec![&subshell.list],
        ast::CompoundCommand::ForClause(clause) => vec![&clause.body.list],
        ast::CompoundCommand::ArithmeticForClause(clause) => vec![&clause.body.list],
        ast::CompoundCommand::WhileClause(clause) | ast::CompoundCommand::UntilClause(clause) => {
            vec![&clause.0, &clause.1.list]
        }
        ast::CompoundCommand::IfClause(clause) => {
            let elses = clause.elses.iter().flatten();
            let parts = elses.flat_map(|other| other.condition.iter().chain(std::iter::once(&other.body)));
            [&clause.condition, &clause.then].into_iter().chain(parts).collect()
        }
        // A case may have no command.
        ast::CompoundCommand::CaseClause(clause) => {
            return clause.cases.iter().filter_map(|case| case.cmd.as_ref()).find_map(empty_part);
        }
        ast::CompoundCommand::Arithmetic(_) | ast::CompoundCommand::Coprocess(_) => return None,
    };
    let line = ast::SourceLocation::location(compound).map(|span| span.start.line);
    lists.into_iter().find_map(|list| if list.0.is_empty() { Some(line) } else { empty_part(list) })
}
