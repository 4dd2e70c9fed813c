//! Two runs compared: what fails now and did not, what was mended, and what else is different.
//!
//! Cases are paired by check and subject. Nodes come and go in a cluster that scales, so that their names say little: a
//! node that went and one that came are a pair if their cases ended alike, and of the others only the numbers count.

use std::collections::HashMap;
use std::time::Duration;

use crate::record::{Case, CaseId, Ending, FindingRecord, Report};
use crate::subject::Subject;

mod deployment;
mod format;
mod json;
mod kind;
mod markdown;
mod pairs;
mod seen;
mod terminal;
mod words;

pub use deployment::{Difference, Nodes};
pub use format::{Format, UnknownFormat, render};
pub use kind::Kind;

/// How a case ended in one of the runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// [`Ending::name`].
    pub outcome: &'static str,
    /// The code of its finding.
    pub finding: Option<String>,
    /// The checks that it was blocked by.
    pub by: Vec<String>,
    /// What was seen, or the reason; of several cases that are told as one, that of the first.
    pub said: String,
}

impl Ended {
    fn of(case: &Case) -> Ended {
        let said = match &case.ending {
            Ending::Pass | Ending::Blocked { .. } => String::new(),
            Ending::Warn(finding) | Ending::Fail(finding) => finding.seen.clone(),
            Ending::Waived { finding, waiver } => format!("{} (waived {waiver})", finding.seen),
            Ending::NotApplicable { reason } | Ending::Skipped { reason } => reason.clone(),
            Ending::Broken { why } => why.clone(),
            Ending::TimedOut { after } => format!("no answer within {}", crate::report::text::time(*after)),
        };
        let pairs::Ended { outcome, finding, by } = pairs::Ended::of(case);
        Ended { outcome, finding, by, said }
    }
}

/// Cases of one check to which the same happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub kind: Kind,
    pub check: String,
    /// The claim.
    pub title: String,
    /// None of cases that were not in the run at all.
    pub before: Option<Ended>,
    pub after: Option<Ended>,
    /// The subject in each run: two names only of nodes that took the place of others. Of checks with one case, none.
    pub subjects: Vec<(Option<Subject>, Option<Subject>)>,
    /// The part of what was seen that is different, before and after.
    pub seen: Option<(String, String)>,
    /// The checks whose failures bring this failure about.
    pub explained_by: Vec<String>,
    /// Of a case that is not judged now: the user requires it to be.
    pub required: bool,
}

impl Change {
    /// How many cases.
    pub fn cases(&self) -> usize {
        self.subjects.len()
    }
}

/// One of the two runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Of ackcheck.
    pub version: String,
    pub site: String,
    pub started: jiff::Timestamp,
    pub took: Duration,
    /// How many cases it had.
    pub cases: usize,
    pub exit_code: u8,
    pub interrupted: Option<String>,
}

impl Run {
    fn of(report: &Report) -> Run {
        Run {
            version: report.version.clone(),
            site: report.site.clone(),
            started: report.started,
            took: report.took,
            cases: report.cases.len(),
            exit_code: report.exit_code(),
            interrupted: report.interrupted.clone(),
        }
    }
}

/// Two runs compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    pub before: Run,
    pub after: Run,
    /// What is different about the deployment, and about how it was looked at.
    pub deployment: Vec<Difference>,
    /// Which nodes came and went, if any did.
    pub nodes: Option<Nodes>,
    /// By kind, then in the order of the later run.
    pub changes: Vec<Change>,
    /// How many cases of the later run there is nothing to tell about.
    pub unchanged: usize,
}

impl Comparison {
    /// What changed from one run to another.
    pub fn of(before: &Report, after: &Report) -> Comparison {
        let pairs = pairs::pair(before, after);
        let mut changes = Changes::default();
        let mut unchanged = 0;
        for (one, other) in pairs.iter(before, after) {
            match kind(one, other) {
                Some(kind) => changes.take(kind, one, other),
                None => unchanged += usize::from(other.is_some()),
            }
        }
        let mut changes = changes.told;
        changes.sort_by_key(|change| change.kind);
        Comparison {
            before: Run::of(before),
            after: Run::of(after),
            deployment: deployment::differences(before, after),
            nodes: pairs.nodes,
            changes,
            unchanged,
        }
    }

    /// How many cases changed in this way.
    pub fn count(&self, kind: Kind) -> usize {
        self.changes.iter().filter(|change| change.kind == kind).map(Change::cases).sum()
    }

    /// Whether the two runs say the same of the same deployment.
    pub fn is_unchanged(&self) -> bool {
        let same = |change: &Change| match change.kind {
            Kind::StillFailing => change.seen.is_none(),
            Kind::StillNotJudged => change.before == change.after,
            _ => false,
        };
        self.deployment.is_empty() && self.nodes.is_none() && self.changes.iter().all(same)
    }

    /// What the program ends with: 1 a case fails that did not; 2 a case that held could not be judged, or one that was
    /// asked and is required was not asked; 0 nothing got worse.
    pub fn exit_code(&self) -> u8 {
        let not_judged = |change: &Change| match change.kind {
            Kind::NoLongerJudged => true,
            Kind::NoLongerAsked => change.required || self.after.interrupted.is_some(),
            _ => false,
        };
        if self.count(Kind::NewFailure) > 0 {
            1
        } else if self.changes.iter().any(not_judged) {
            2
        } else {
            0
        }
    }
}

/// Marks each finding of a run that an earlier run had too with when it was first known: in the earlier run, or since when
/// that one knew it from a run before.
pub fn mark_known(report: &mut Report, baseline: &Report) {
    let pairs = pairs::pair(baseline, report);
    for (at, since) in pairs.known(baseline, report) {
        if let Some(finding) = report.cases[at].ending.finding_mut() {
            finding.known_since = Some(since);
        }
    }
}

fn finding(case: &Case) -> Option<&FindingRecord> {
    case.ending.finding()
}

/// How much is known of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Holds,
    Flawed,
    Fails,
    Waived,
    NotJudged,
    NotAsked,
}

fn standing(case: Option<&Case>) -> Standing {
    match case.map(|case| &case.ending) {
        Some(Ending::Pass) => Standing::Holds,
        Some(Ending::Warn(_)) => Standing::Flawed,
        Some(Ending::Fail(_)) => Standing::Fails,
        Some(Ending::Waived { .. }) => Standing::Waived,
        Some(Ending::Blocked { .. } | Ending::Broken { .. } | Ending::TimedOut { .. }) => Standing::NotJudged,
        Some(Ending::NotApplicable { .. } | Ending::Skipped { .. }) | None => Standing::NotAsked,
    }
}

/// What became of a case; none where there is nothing to tell.
fn kind(before: Option<&Case>, after: Option<&Case>) -> Option<Kind> {
    use Standing::{Fails, Flawed, Holds, NotAsked, NotJudged, Waived};
    let code = |case: Option<&Case>| case.and_then(finding).map(|finding| finding.code.clone());
    let same_code = code(before) == code(after);
    match (standing(before), standing(after)) {
        (Fails, Fails) if same_code => Some(Kind::StillFailing),
        (Fails, Fails) => Some(Kind::OtherFailure),
        (_, Fails) => Some(Kind::NewFailure),
        (Waived, Waived) if same_code => None,
        (_, Waived) => Some(Kind::NewlyWaived),
        // The waiver of a warning has ended.
        (Waived, Flawed) if same_code => Some(Kind::NewWarning),
        (Fails | Waived, Holds | Flawed) => Some(Kind::Mended),
        (Fails | Waived, NotJudged) => Some(Kind::FailedAndNotJudged),
        (Holds, Holds) | (NotAsked, NotAsked) => None,
        (Holds, Flawed) => Some(Kind::NewWarning),
        (Flawed, Holds) => Some(Kind::WarningGone),
        (Flawed, Flawed) => (!same_code || seen(before, after).is_some()).then_some(Kind::OtherWarning),
        (Holds | Flawed, NotJudged) => Some(Kind::NoLongerJudged),
        (NotJudged, NotJudged) => Some(Kind::StillNotJudged),
        (NotJudged, Holds | Flawed) => Some(Kind::JudgedAgain),
        (_, NotAsked) => Some(Kind::NoLongerAsked),
        (NotAsked, _) => Some(Kind::NewlyAsked),
    }
}

/// What is different in what was seen for the same finding.
fn seen(before: Option<&Case>, after: Option<&Case>) -> Option<(String, String)> {
    let (one, other) = (before?, after?);
    let (found, now) = (finding(one)?, finding(other)?);
    if found.code != now.code {
        return None;
    }
    seen::difference((&found.seen, one.id.subject_name()), (&now.seen, other.id.subject_name()))
}

/// The changes so far, each with the cases to which the same happened.
#[derive(Default)]
struct Changes {
    told: Vec<Change>,
    place: HashMap<Alike, usize>,
}

/// What cases have in common that are told as one.
#[derive(PartialEq, Eq, Hash)]
struct Alike {
    kind: Kind,
    check: String,
    before: Option<pairs::Ended>,
    after: Option<pairs::Ended>,
    seen: Option<(String, String)>,
    explained_by: Vec<String>,
    required: bool,
}

impl Changes {
    fn take(&mut self, kind: Kind, before: Option<&Case>, after: Option<&Case>) {
        let Some(case) = after.or(before) else { return };
        let subject = |case: Option<&Case>| case.and_then(|case: &Case| case.id.subject.clone());
        let subjects = (subject(before), subject(after));
        let alike = Alike {
            kind,
            check: case.id.check.clone(),
            before: before.map(pairs::Ended::of),
            after: after.map(pairs::Ended::of),
            seen: seen(before, after),
            explained_by: after.and_then(finding).map(|finding| checks(&finding.explained_by)).unwrap_or_default(),
            required: after.is_some_and(Case::is_missing),
        };
        if let Some(&at) = self.place.get(&alike) {
            return self.told[at].subjects.push(subjects);
        }
        self.told.push(Change {
            kind,
            check: alike.check.clone(),
            title: case.title.clone().into_owned(),
            before: before.map(Ended::of),
            after: after.map(Ended::of),
            subjects: vec![subjects],
            seen: alike.seen.clone(),
            explained_by: alike.explained_by.clone(),
            required: alike.required,
        });
        self.place.insert(alike, self.told.len() - 1);
    }
}

/// The checks of some cases' names, each once.
fn checks(names: &[String]) -> Vec<String> {
    let mut checks: Vec<String> = names.iter().map(|name| CaseId::check_of(name).to_owned()).collect();
    checks.sort_unstable();
    checks.dedup();
    checks
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
