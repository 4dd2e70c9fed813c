//! Which patterns a line matches. Literals decide first, for all patterns in one pass; only a line that holds one is
//! matched with regular expressions.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::Regex;

use ackcheck_core::seat::pull::PullCause;

use crate::family::Pattern;
use crate::literals;

/// What a group matched, by its name.
pub(crate) type Groups = BTreeMap<String, String>;

/// A pattern that a line matches.
#[derive(Debug)]
pub(crate) struct Match {
    /// The pattern's place among all.
    pub(crate) pattern: usize,
    pub(crate) groups: Groups,
    /// Where in the line.
    pub(crate) span: Range<usize>,
}

/// A regular expression, compiled when it is first met: most never are.
struct Text {
    expression: String,
    compiled: OnceLock<Option<Regex>>,
    /// The patterns that it is a text of.
    patterns: Vec<usize>,
}

impl Text {
    fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| Regex::new(&self.expression).ok()).as_ref()
    }
}

/// What of a pattern is asked beyond its texts.
struct Beyond {
    pull: Option<PullCause>,
    unless: Option<Regex>,
}

pub(crate) struct Matcher {
    literals: AhoCorasick,
    /// For each literal, the texts that hold it; none for what only says that a line must be looked at.
    texts_of: Vec<Vec<usize>>,
    texts: Vec<Text>,
    beyond: Vec<Beyond>,
}

/// A line with colours is looked at without them: a colour may begin within a word, as `grep` marks what it found.
const ESCAPE: &str = "\u{1b}[";

impl Matcher {
    pub(crate) fn of<'a>(
        patterns: impl Iterator<Item = &'a Pattern>,
        pull_texts: &[String],
    ) -> Result<Matcher, String> {
        let mut texts: Vec<Text> = pull_texts.iter().map(|text| Text::new(text)).collect();
        let of_pulls = texts.len();
        let mut beyond = Vec::new();
        for (place, pattern) in patterns.enumerate() {
            if pattern.pull.is_some() {
                texts[..of_pulls].iter_mut().for_each(|text| text.patterns.push(place));
            }
            texts.extend(pattern.texts.iter().map(|text| Text { patterns: vec![place], ..Text::new(text) }));
            let unless = pattern.unless.as_deref().map(Regex::new).transpose();
            let unless = unless.map_err(|error| format!("{}: unless: {error}", pattern.id))?;
            beyond.push(Beyond { pull: pattern.pull, unless });
        }
        let mut texts_of: BTreeMap<String, Vec<usize>> = BTreeMap::from([(ESCAPE.to_owned(), Vec::new())]);
        for (place, text) in texts.iter().enumerate() {
            let required =
                literals::required(&text.expression).map_err(|error| format!("{}: {error}", text.expression))?;
            let required =
                required.ok_or_else(|| format!("a match can do without any literal: {}", text.expression))?;
            required.into_iter().for_each(|literal| texts_of.entry(literal).or_default().push(place));
        }
        let literals = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA))
            .build(texts_of.keys())
            .map_err(|error| error.to_string())?;
        Ok(Matcher { literals, texts_of: texts_of.into_values().collect(), texts, beyond })
    }

    /// Where the first literal is; nothing before it is known.
    pub(crate) fn first(&self, bytes: &[u8]) -> Option<usize> {
        self.literals.find(bytes).map(|found| found.start())
    }

    /// Every place of a literal, in order.
    pub(crate) fn places<'a>(&'a self, line: &'a [u8]) -> impl Iterator<Item = Range<usize>> + 'a {
        self.literals.find_iter(line).map(|found| found.range())
    }

    /// The patterns that a line matches, each once.
    pub(crate) fn matches(&self, line: &str) -> Vec<Match> {
        let mut texts: Vec<usize> = self
            .literals
            .find_overlapping_iter(line)
            .flat_map(|found| &self.texts_of[found.pattern()])
            .copied()
            .collect();
        texts.sort_unstable();
        texts.dedup();
        let mut matches: Vec<Match> = Vec::new();
        for text in texts.into_iter().map(|place| &self.texts[place]) {
            let Some(regex) = text.regex() else { continue };
            let Some(captures) = regex.captures(line) else { continue };
            let named = regex.capture_names().flatten();
            let groups: Groups =
                named.filter_map(|name| Some((name.to_owned(), captures.name(name)?.as_str().to_owned()))).collect();
            for &pattern in &text.patterns {
                let known = matches.iter().any(|found| found.pattern == pattern);
                if !known && self.beyond[pattern].holds(line, &groups) {
                    matches.push(Match { pattern, groups: groups.clone(), span: captures.get_match().range() });
                }
            }
        }
        matches
    }
}

impl Text {
    fn new(expression: &str) -> Text {
        Text { expression: expression.to_owned(), compiled: OnceLock::new(), patterns: Vec::new() }
    }
}

impl Beyond {
    fn holds(&self, line: &str, groups: &Groups) -> bool {
        let group = |name: &str| groups.get(name).map_or("", String::as_str);
        let pulls = self.pull.is_none_or(|cause| PullCause::of(group("image"), group("said")) == cause);
        pulls && !self.unless.as_ref().is_some_and(|unless| unless.is_match(line))
    }
}
