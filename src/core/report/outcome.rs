//! How a case ended, as every format shows it: the one home of the words, the marks and the colours.

use super::text;
use crate::record::{Case, Ending, Report};

/// What a colour stands for; formats choose the colour, and none says anything by it alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    Bad,
    Doubtful,
    /// Not asked: it says nothing about the deployment.
    Faint,
}

impl Tone {
    /// The mark of a whole run.
    pub(super) fn mark(self) -> char {
        match self {
            Tone::Good => PASS.mark,
            Tone::Bad => FAIL.mark,
            Tone::Doubtful => BROKEN.mark,
            Tone::Faint => SKIPPED.mark,
        }
    }
}

/// How one kind of ending is shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    /// The word beside a case: `FAIL`.
    pub word: &'static str,
    /// One character that tells it from the others without colour.
    pub mark: char,
    pub tone: Tone,
    /// What a count of one such case, and of several, is called: `1 warning`, `2 warnings`.
    pub one: &'static str,
    pub many: &'static str,
}

const fn outcome(word: &'static str, mark: char, tone: Tone, one: &'static str, many: &'static str) -> Outcome {
    Outcome { word, mark, tone, one, many }
}

static FAIL: Outcome = outcome("FAIL", '✗', Tone::Bad, "failed", "failed");
static BROKEN: Outcome = outcome("BROKEN", '?', Tone::Doubtful, "could not be judged", "could not be judged");
static TIMEOUT: Outcome = outcome("TIMEOUT", '?', Tone::Doubtful, "could not be judged", "could not be judged");
static BLOCKED: Outcome = outcome("blocked", '⊘', Tone::Faint, "blocked", "blocked");
static WAIVED: Outcome = outcome("waived", '~', Tone::Doubtful, "waived", "waived");
static WARN: Outcome = outcome("WARN", '!', Tone::Doubtful, "warning", "warnings");
static PASS: Outcome = outcome("pass", '✓', Tone::Good, "passed", "passed");
static NOT_APPLICABLE: Outcome = outcome("n/a", '–', Tone::Faint, "not applicable", "not applicable");
static SKIPPED: Outcome = outcome("skipped", '–', Tone::Faint, "skipped", "skipped");

/// The columns of the widest word.
pub(super) const WIDEST: usize = 7;

impl Outcome {
    /// Every outcome, the gravest first. A pass outweighs what was not asked: of a whole of which a part holds and the
    /// rest does not apply, it is known that it holds.
    pub(super) const BY_GRAVITY: [&'static Outcome; 9] =
        [&FAIL, &BROKEN, &TIMEOUT, &WAIVED, &BLOCKED, &WARN, &PASS, &NOT_APPLICABLE, &SKIPPED];

    pub(super) fn of(ending: &Ending) -> &'static Outcome {
        match ending {
            Ending::Pass => &PASS,
            Ending::Warn(_) => &WARN,
            Ending::Fail(_) => &FAIL,
            Ending::Waived { .. } => &WAIVED,
            Ending::NotApplicable { .. } => &NOT_APPLICABLE,
            Ending::Blocked { .. } => &BLOCKED,
            Ending::Broken { .. } => &BROKEN,
            Ending::TimedOut { .. } => &TIMEOUT,
            Ending::Skipped { .. } => &SKIPPED,
        }
    }

    /// Whether the claim holds, be it with a flaw.
    pub(super) fn holds(&self) -> bool {
        *self == PASS || *self == WARN
    }

    /// Whether the claim does not hold, accepted or not.
    pub(super) fn fails(&self) -> bool {
        *self == FAIL || *self == WAIVED
    }

    /// 0 for the gravest, and so on.
    pub(super) fn gravity(&self) -> usize {
        Outcome::BY_GRAVITY.iter().position(|known| *known == self).unwrap_or(Outcome::BY_GRAVITY.len())
    }

    /// The gravest of some cases; none of none.
    pub(super) fn gravest<'r>(cases: impl IntoIterator<Item = &'r Case>) -> Option<&'static Outcome> {
        cases.into_iter().map(|case| Outcome::of(&case.ending)).min_by_key(|outcome| outcome.gravity())
    }
}

/// How many cases a report has of each outcome, under what the count is called; what there is none of is left out.
pub(super) fn counts(report: &Report) -> Vec<(String, Tone)> {
    let mut counts: Vec<(usize, &Outcome)> = Vec::new();
    for outcome in Outcome::BY_GRAVITY {
        let count = report.cases.iter().filter(|case| Outcome::of(&case.ending) == outcome).count();
        match counts.last_mut() {
            Some((sum, last)) if last.many == outcome.many => *sum += count,
            _ => counts.push((count, outcome)),
        }
    }
    let told = |(count, outcome): (usize, &Outcome)| (text::counted(count, outcome.one, outcome.many), outcome.tone);
    counts.into_iter().filter(|(count, _)| *count > 0).map(told).collect()
}

/// Why a case came to no verdict: what stood in the way, or why it was not asked; none where it was judged and nobody waived it.
pub(super) fn reason(ending: &Ending) -> Option<String> {
    match ending {
        Ending::Pass | Ending::Warn(_) | Ending::Fail(_) => None,
        Ending::Waived { finding, waiver } => Some(format!("{}: {waiver}", finding.code)),
        Ending::NotApplicable { reason } | Ending::Skipped { reason } => Some(reason.clone()),
        Ending::Broken { why } => Some(why.clone()),
        Ending::Blocked { by } => Some(format!("by {}", by.join(", "))),
        Ending::TimedOut { after } => Some(format!("no answer within {}", text::time(*after))),
    }
}

/// What an exit code says about a run, in words.
pub(super) fn meaning(report: &Report) -> (&'static str, Tone) {
    match report.exit_code() {
        0 => ("everything that was checked holds", Tone::Good),
        1 => ("at least one check failed", Tone::Bad),
        2 if report.cases.iter().any(Case::is_missing) => ("a required check was not judged", Tone::Doubtful),
        2 => ("at least one check could not be judged", Tone::Doubtful),
        4 => ("nothing was judged: no check was selected, or none applies", Tone::Doubtful),
        _ => ("stopped early", Tone::Doubtful),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_outcomes_that_differ_in_meaning_look_alike_without_colour() {
        for outcome in Outcome::BY_GRAVITY {
            assert!(outcome.word.len() <= WIDEST, "{}", outcome.word);
            let words = Outcome::BY_GRAVITY.iter().filter(|other| other.word == outcome.word).count();
            assert_eq!(words, 1, "{}", outcome.word);
            let alike = |other: &&&Outcome| other.mark == outcome.mark && other.tone != outcome.tone;
            assert_eq!(Outcome::BY_GRAVITY.iter().find(alike), None, "{}", outcome.word);
        }
    }
}
