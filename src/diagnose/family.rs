//! A family of known texts, as its file has it: `patterns/FAMILY.toml`. Its samples are there for the laws, and only they read
//! them.

#[cfg(test)]
use std::collections::BTreeMap;

use serde::Deserialize;

use ackcheck_core::seat::pull::PullCause;

/// A file of patterns.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub(crate) struct Family {
    /// What patterns that read a `pull` are matched by: regular expressions with the groups `image` and `said`.
    #[serde(default)]
    pub(crate) pull_texts: Vec<String>,
    pub(crate) pattern: Vec<Pattern>,
}

/// What is known of one cause.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, serde(deny_unknown_fields))]
pub(crate) struct Pattern {
    /// Lower case, hyphened; one in all families.
    pub(crate) id: String,
    /// The cause in one line; `{name}` stands for what the group of that name matched.
    pub(crate) cause: String,
    /// The findings of the catalogue that would prove it, the likeliest first: `oss-write/denied`.
    pub(crate) proof: Vec<String>,
    /// Regular expressions, any of which is this cause. Each holds a literal that no match can do without, and each has all
    /// groups that `cause` names.
    #[serde(default)]
    pub(crate) texts: Vec<String>,
    /// In place of `texts`: what the kubelet's words about an image mean, read by the reader that the checks have.
    pub(crate) pull: Option<PullCause>,
    /// A regular expression: where the line matches it, it is something else.
    pub(crate) unless: Option<String>,
    /// Patterns that say more of the same line, or of the same stack trace. Where one of them is there, this one is its
    /// consequence.
    #[serde(default)]
    pub(crate) yields_to: Vec<String>,
    /// Patterns whose cause brings this one about anywhere in what is read, where groups of the same name are equal.
    #[serde(default)]
    pub(crate) follows: Vec<String>,
    /// What must be recognised.
    #[cfg(test)]
    #[serde(default)]
    pub(crate) sample: Vec<Sample>,
    /// What nearly looks like it, and must not be recognised.
    #[cfg(test)]
    pub(crate) leaves: Vec<String>,
}

/// A text that must be recognised.
#[cfg(test)]
#[derive(Debug, Deserialize)]
pub(crate) struct Sample {
    pub(crate) text: String,
    /// Patterns that recognise it as well.
    #[serde(default)]
    pub(crate) also: Vec<String>,
    /// What its groups must match.
    #[serde(flatten)]
    pub(crate) groups: BTreeMap<String, String>,
}
