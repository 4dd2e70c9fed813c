//! What there is to say about a run, before a format says it: causes and what follows from them, what could not be judged,
//! what was not asked and why.

use std::collections::BTreeSet;

use super::advice::Advice;
use super::causes::Causes;
use super::outcome::{self, Outcome, Tone};
use super::{names, text};
use crate::record::{Case, Ending, FindingRecord, Report};

/// A run, sorted for telling.
pub(super) struct Summary<'r> {
    pub report: &'r Report,
    pub causes: Causes,
    /// Failures that nothing else explains; those with most consequences first, then in the order of the catalogue.
    pub failures: Vec<Group<'r>>,
    /// What was asked and could not be judged, in the same order.
    pub unjudged: Vec<Group<'r>>,
    pub warnings: Vec<Group<'r>>,
    /// What somebody has accepted for now.
    pub waived: Vec<Group<'r>>,
    /// Not applicable and skipped cases, by reason.
    pub not_asked: Vec<NotAsked<'r>>,
}

/// Cases that were not asked for one reason.
pub(super) struct NotAsked<'r> {
    pub outcome: &'static Outcome,
    pub reason: String,
    pub cases: Vec<&'r Case>,
}

/// The cases of one check that ended alike: with the same finding, or without a judgement.
pub(super) struct Group<'r> {
    pub cases: Vec<&'r Case>,
    /// What it blocks, and the failures that it explains, by their places in the report.
    pub consequences: BTreeSet<usize>,
}

impl<'r> Summary<'r> {
    pub(super) fn of(report: &'r Report) -> Summary<'r> {
        let causes = Causes::of(report);
        Summary {
            failures: groups(report, &causes, |ending| matches!(ending, Ending::Fail(_))),
            unjudged: groups(report, &causes, |ending| {
                matches!(ending, Ending::Broken { .. } | Ending::TimedOut { .. })
            }),
            warnings: groups(report, &causes, |ending| matches!(ending, Ending::Warn(_))),
            waived: groups(report, &causes, |ending| matches!(ending, Ending::Waived { .. })),
            not_asked: not_asked(report),
            report,
            causes,
        }
    }

    /// What to look at, in order: failures, then what could not be judged.
    pub(super) fn to_fix(&self) -> impl DoubleEndedIterator<Item = &Group<'r>> {
        self.failures.iter().chain(&self.unjudged)
    }

    /// What the run leads back to: what there is to fix; only where that is nothing, what is waived and blocks
    /// others: those are not judged either.
    fn causing(&self) -> Vec<&Group<'r>> {
        let to_fix: Vec<&Group> = self.to_fix().collect();
        match to_fix.is_empty() {
            true => self.waived.iter().filter(|group| !group.consequences.is_empty()).collect(),
            false => to_fix,
        }
    }

    /// `1 cause, 13 consequences: start with oss-write`, if something follows from something else: the list of cases looks
    /// worse than it is.
    pub(super) fn headline(&self) -> Option<String> {
        let mut causes = self.causing();
        causes.retain(|group| !group.consequences.is_empty());
        let first = self.first()?;
        let all: BTreeSet<usize> = causes.iter().flat_map(|group| group.consequences.iter().copied()).collect();
        Some(format!(
            "{}, {}: start with {}",
            text::counted(causes.len(), "cause", "causes"),
            text::counted(all.len(), "consequence", "consequences"),
            text::one_line(&first.cases[0].id.check)
        ))
        .filter(|_| !causes.is_empty())
    }

    /// What to begin with: what most follows from, else the first failure, else the first that could not be judged.
    pub(super) fn first(&self) -> Option<&Group<'r>> {
        // If several have equally many, the first of them counts; `max_by_key` takes the last, so look from behind.
        self.causing().into_iter().rev().max_by_key(|group| group.consequences.len())
    }

    /// What the exit code says of the run, with a mark: `✗ at least one check failed`.
    pub(super) fn verdict(&self) -> (String, Tone) {
        let (meaning, tone) = outcome::meaning(self.report);
        (format!("{} {meaning}", tone.mark()), tone)
    }

    /// `exit 1: at least one check failed`.
    pub(super) fn exit(&self) -> (String, Tone) {
        let (meaning, tone) = outcome::meaning(self.report);
        (format!("exit {}: {meaning}", self.report.exit_code()), tone)
    }

    /// `127 cases`, and of which outcome how many.
    pub(super) fn counts(&self) -> (String, Vec<(String, Tone)>) {
        (text::counted(self.report.cases.len(), "case", "cases"), outcome::counts(self.report))
    }

    /// [`Summary::counts`] in a line.
    pub(super) fn counted(&self) -> String {
        let (all, counts) = self.counts();
        let counts: Vec<String> = counts.into_iter().map(|(count, _)| count).collect();
        format!("{all}: {}", counts.join(", "))
    }

    /// How much of the catalogue was asked, so that nobody takes a part for the whole.
    pub(super) fn asked(&self) -> String {
        let report = self.report;
        let without = match report.undescribed.as_slice() {
            [] => String::new(),
            sections => format!("; no {}", sections.join(", no ")),
        };
        format!("asked {} of {} checks{without}", report.asked(), report.catalogue)
    }

    /// The required checks that were not judged; none where all were.
    pub(super) fn missing(&self) -> Option<String> {
        let missing: Vec<&Case> = self.report.cases.iter().filter(|case| case.is_missing()).collect();
        (!missing.is_empty()).then(|| format!("required but not judged: {}", names::list(missing)))
    }
}

impl<'r> Group<'r> {
    pub(super) fn outcome(&self) -> &'static Outcome {
        Outcome::of(&self.cases[0].ending)
    }

    /// `oss-write/denied`; the check alone where there is no finding.
    pub(super) fn title(&self) -> String {
        match finding(self.cases[0]) {
            Some(found) => format!("{}/{}", self.cases[0].id.check, found.code),
            None => self.cases[0].id.check.clone(),
        }
    }

    /// What it is about: `3 nodes`, `bucket lab-dss-data`; none of the whole deployment.
    pub(super) fn about(&self) -> Option<String> {
        match self.cases.as_slice() {
            [one] => one.id.subject.as_ref().map(ToString::to_string),
            several => Some(names::subjects(several)),
        }
    }

    /// In a line: what is wrong, or why it could not be judged.
    pub(super) fn gist(&self) -> String {
        let ending = &self.cases[0].ending;
        finding(self.cases[0])
            .map(|found| found.summary.clone())
            .or_else(|| outcome::reason(ending))
            .unwrap_or_default()
    }

    /// The consequences: the failures that it explains, and what it blocks.
    pub(super) fn split<'s>(&self, report: &'s Report) -> (Vec<&'s Case>, Vec<&'s Case>) {
        let consequences = self.consequences.iter().map(|&at| &report.cases[at]);
        consequences.partition(|case| !matches!(case.ending, Ending::Blocked { .. }))
    }

    /// What there is to say about each case: once if only the subject's name differs, else for each subject.
    pub(super) fn told<T: PartialEq>(
        &self,
        tell: impl Fn(&'r Case) -> T,
        without: impl Fn(&T, &str) -> T,
    ) -> Vec<Told<'r, T>> {
        let mut told: Vec<(T, Told<'r, T>)> = Vec::new();
        for case in &self.cases {
            let words = tell(case);
            let subject = case.id.subject_name();
            let nameless = subject.map(|subject| without(&words, subject));
            let key = nameless.unwrap_or_else(|| without(&words, "\0"));
            match told.iter_mut().find(|(same, _)| *same == key) {
                Some((_, one)) => {
                    one.by_name |= one.words != words;
                    one.subjects.extend(subject);
                }
                None => told.push((key, Told { words, subjects: subject.into_iter().collect(), by_name: false })),
            }
        }
        told.into_iter().map(|(_, one)| one).collect()
    }

    /// What was seen of each, or why each could not be judged.
    pub(super) fn seen(&self) -> Vec<Told<'r, String>> {
        self.told(
            |case| match finding(case) {
                Some(found) => found.seen.clone(),
                None => outcome::reason(&case.ending).unwrap_or_default(),
            },
            |words, subject| words.replace(subject, ""),
        )
    }

    /// The remedy, or one for each subject if they differ by more than its name.
    pub(super) fn advice(&self) -> Vec<Told<'r, Option<Advice>>> {
        self.told(
            |case| finding(case).map(Advice::of),
            |advice, subject| advice.as_ref().map(|advice| advice.without(subject)),
        )
    }
}

/// One thing that can be known about a finding from elsewhere than its case.
struct Known {
    label: &'static str,
    tell: fn(&Case) -> Option<String>,
    /// What is said of the cases of a group for which there is nothing, where there is something for others.
    otherwise: &'static str,
}

static KNOWN: [Known; 4] = [
    Known {
        label: "Due to",
        tell: |case| Some(finding(case)?.explained_by.join(", ")).filter(|by| !by.is_empty()),
        otherwise: "nothing known",
    },
    Known { label: "Waived", tell: waived, otherwise: "" },
    Known {
        label: "Known",
        tell: |case| Some(format!("since the run of {:.0}", finding(case)?.known_since?)),
        otherwise: "new in this run",
    },
    Known {
        label: "Waiver",
        tell: |case| Some(format!("has ended; it was {}", finding(case)?.ended_waiver.as_ref()?)),
        otherwise: "none",
    },
];

impl<'r> Group<'r> {
    /// `Due to`, `Waived`, `Known` and `Waiver`, with what there is to say of each: mostly nothing in a run without waivers
    /// and baseline.
    pub(super) fn known(&self) -> Vec<(&'static str, Vec<Told<'r, String>>)> {
        let any = |known: &&Known| self.cases.iter().any(|case| (known.tell)(case).is_some());
        let told = KNOWN.iter().filter(any).map(|known| {
            let words = |case: &'r Case| (known.tell)(case).unwrap_or_else(|| known.otherwise.to_owned());
            (known.label, self.told(words, |words, _| words.clone()))
        });
        told.collect()
    }
}

/// `Known since the run of 2026-11-20T03:00:00Z`, or one for each of the subjects that it is said of.
pub(super) fn in_lines(label: &str, told: &[Told<String>]) -> Vec<String> {
    let line = |one: &Told<String>| match one.subjects.as_slice() {
        subjects if told.len() > 1 && !subjects.is_empty() => {
            format!("{label} {} ({})", one.words, names::some_of(subjects))
        }
        _ => format!("{label} {}", one.words),
    };
    told.iter().map(line).collect()
}

fn waived(case: &Case) -> Option<String> {
    match &case.ending {
        Ending::Waived { waiver, .. } => Some(waiver.to_string()),
        _ => None,
    }
}

/// What is the same for several subjects.
pub(super) struct Told<'r, T> {
    /// As reported for the first of them.
    pub words: T,
    pub subjects: Vec<&'r str>,
    /// The words name the subject, and differ between subjects by that alone.
    pub by_name: bool,
}

/// The finding of a case that has one.
pub(super) fn finding(case: &Case) -> Option<&FindingRecord> {
    case.ending.finding()
}

/// What a case's line says: the claim where it holds, else why not.
pub(super) fn said(case: &Case) -> String {
    match &case.ending {
        Ending::Pass => case.title.clone().into_owned(),
        Ending::Fail(finding) if !finding.explained_by.is_empty() => {
            format!("{}: explained by {}", finding.code, names::checks(&finding.explained_by))
        }
        Ending::Warn(finding) | Ending::Fail(finding) => format!("{}: {}", finding.code, finding.summary),
        Ending::Blocked { by } => format!("by {}", names::checks(by)),
        other => outcome::reason(other).unwrap_or_default(),
    }
}

/// The cases that ended as wanted and that nothing else explains, by check and finding.
fn groups<'r>(report: &'r Report, causes: &Causes, wanted: impl Fn(&Ending) -> bool) -> Vec<Group<'r>> {
    let mut groups: Vec<Group> = Vec::new();
    let causing = |at: &usize| !causes.is_explained(*at);
    for (index, case) in report.cases.iter().enumerate().filter(|(at, case)| wanted(&case.ending) && causing(at)) {
        let code = |case: &'r Case| finding(case).map_or(case.ending.name(), |finding| &finding.code);
        let same = |group: &&mut Group<'r>| {
            case.id.subject.is_some() && group.cases[0].id.check == case.id.check && code(group.cases[0]) == code(case)
        };
        let consequences = causes.consequences(index);
        match groups.iter_mut().find(same) {
            Some(group) => {
                group.cases.push(case);
                group.consequences.extend(consequences);
            }
            None => groups.push(Group { cases: vec![case], consequences }),
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.consequences.len()));
    groups
}

/// Not applicable cases, then skipped ones, by reason in the order they come.
fn not_asked(report: &Report) -> Vec<NotAsked<'_>> {
    let mut reasons: Vec<NotAsked> = Vec::new();
    for case in &report.cases {
        let (Ending::NotApplicable { reason } | Ending::Skipped { reason }) = &case.ending else { continue };
        let outcome = Outcome::of(&case.ending);
        match reasons.iter_mut().find(|same| same.outcome == outcome && same.reason == *reason) {
            Some(same) => same.cases.push(case),
            None => reasons.push(NotAsked { outcome, reason: reason.clone(), cases: vec![case] }),
        }
    }
    reasons.sort_by_key(|same| same.outcome.gravity());
    reasons
}
