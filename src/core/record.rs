//! What a run tells while it goes, and the report it leaves: all that run and report share. A report is plain owned
//! data, so that it can be written, read again and rendered in any format later.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::evidence::Evidence;
use crate::place::{Area, Stage, Vantage};
use crate::remedy::Block;
use crate::subject::Subject;
use crate::verdict::Severity;

#[cfg(test)]
pub(crate) mod samples;

/// Which case of which check.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CaseId {
    pub check: String,
    /// What the case is about, for checks with more than one case.
    pub subject: Option<Subject>,
}

impl std::fmt::Display for CaseId {
    /// `dss-version`, `registry-pull[cn-hangzhou.10.0.1.11]`, `oss-write[connection oss_managed]`: the JUnit test case's
    /// name.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.subject {
            Some(subject) => write!(f, "{}[{subject}]", self.check),
            None => f.write_str(&self.check),
        }
    }
}

impl CaseId {
    /// The check of a case's name: `registry-pull` of `registry-pull[a-node]`.
    pub fn check_of(name: &str) -> &str {
        match name.split_once('[') {
            Some((check, subject)) if subject.ends_with(']') => check,
            _ => name,
        }
    }

    /// The name of what the case is about, without its kind.
    pub fn subject_name(&self) -> Option<&str> {
        self.subject.as_ref().map(|subject| subject.name.as_str())
    }
}

/// What happens while a run goes.
#[derive(Debug, Clone)]
pub enum Event {
    /// The cases known so far; those of subjects are known once the subjects are.
    Planned {
        cases: usize,
    },
    Started {
        case: CaseId,
        title: Cow<'static, str>,
    },
    Ended {
        case: Arc<Case>,
    },
    /// Seats are removing what the run created.
    CleaningUp,
}

/// A finding, in words, with its remedy filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingRecord {
    pub code: String,
    pub severity: Severity,
    pub summary: String,
    /// What was seen.
    pub seen: String,
    /// Why it matters.
    pub why: String,
    /// What to do, placeholders filled.
    pub remedy: Vec<Block>,
    /// Commands for a shell that show whether the remedy worked.
    pub confirm: Option<String>,
    /// The failed cases of the same run that together bring it about, as `check` or `check[subject]`: it is their
    /// consequence, and no cause of its own.
    pub explained_by: Vec<String>,
    /// When the run started that first had this finding, as far as baselines lead back; none without a baseline.
    pub known_since: Option<jiff::Timestamp>,
    /// It was waived until a day that is over.
    pub ended_waiver: Option<WaiverRecord>,
}

/// Why a finding is accepted, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaiverRecord {
    pub reason: String,
    /// The last day, in UTC.
    pub until: jiff::civil::Date,
    /// Where it is followed up.
    pub ticket: Option<String>,
}

impl std::fmt::Display for WaiverRecord {
    /// `until 2026-12-31: the new bucket comes in January (OPS-12)`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "until {}: {}", self.until, self.reason)?;
        self.ticket.iter().try_for_each(|ticket| write!(f, " ({ticket})"))
    }
}

/// What became of a case, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    Pass,
    Warn(Box<FindingRecord>),
    /// Findings are apart: nearly all of the tens of thousands of cases of a report have none.
    Fail(Box<FindingRecord>),
    /// It was asked and has a finding, which the site file accepts for now. It does not hold, and what depends on it is
    /// blocked.
    Waived {
        finding: Box<FindingRecord>,
        waiver: WaiverRecord,
    },
    NotApplicable {
        reason: String,
    },
    Blocked {
        by: Vec<String>,
    },
    Broken {
        why: String,
    },
    TimedOut {
        after: Duration,
    },
    Skipped {
        reason: String,
    },
}

impl Ending {
    /// The name reports print: `pass`, `warn`, `fail`, `waived`, `not-applicable`, `blocked`, `broken`, `timed-out`, `skipped`.
    pub fn name(&self) -> &'static str {
        match self {
            Ending::Pass => "pass",
            Ending::Warn(_) => "warn",
            Ending::Fail(_) => "fail",
            Ending::Waived { .. } => "waived",
            Ending::NotApplicable { .. } => "not-applicable",
            Ending::Blocked { .. } => "blocked",
            Ending::Broken { .. } => "broken",
            Ending::TimedOut { .. } => "timed-out",
            Ending::Skipped { .. } => "skipped",
        }
    }

    /// What was found wrong, waived or not.
    pub fn finding(&self) -> Option<&FindingRecord> {
        match self {
            Ending::Warn(finding) | Ending::Fail(finding) | Ending::Waived { finding, .. } => Some(finding),
            _ => None,
        }
    }

    /// What was found wrong, waived or not, to add to it.
    pub fn finding_mut(&mut self) -> Option<&mut FindingRecord> {
        match self {
            Ending::Warn(finding) | Ending::Fail(finding) | Ending::Waived { finding, .. } => Some(finding),
            _ => None,
        }
    }

    /// The finding of a claim that does not hold, waived or not.
    pub fn failure(&self) -> Option<&FindingRecord> {
        self.finding().filter(|finding| finding.severity == Severity::Fail)
    }
}

/// One case of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub id: CaseId,
    /// The check's own; a report that was read again has it from there.
    pub title: Cow<'static, str>,
    pub area: Area,
    pub stage: Stage,
    pub vantage: Vantage,
    /// The user requires this case to be judged: where it was not, the run could not tell.
    pub required: bool,
    pub ending: Ending,
    pub evidence: Vec<Evidence>,
    pub took: Duration,
}

impl Case {
    /// Whether the claim was judged: it holds or does not.
    pub fn is_judged(&self) -> bool {
        matches!(self.ending, Ending::Pass | Ending::Warn(_) | Ending::Fail(_) | Ending::Waived { .. })
    }

    /// True for a required case that was not asked: nothing is known of what the user wants to know.
    pub fn is_missing(&self) -> bool {
        self.required && matches!(self.ending, Ending::NotApplicable { .. } | Ending::Skipped { .. })
    }
}

/// A finished run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Of ackcheck.
    pub version: String,
    /// What was looked at: the site file, or the lab with its faults.
    pub site: String,
    /// The options that shaped the run, by name, as given.
    pub options: Vec<(String, String)>,
    pub started: jiff::Timestamp,
    pub took: Duration,
    /// In the order of the catalogue, subjects sorted within a check.
    pub cases: Vec<Case>,
    /// How many checks the catalogue holds.
    pub catalogue: usize,
    /// The sections that the site file does not have, so that what they describe was not asked: `[registry]`.
    pub undescribed: Vec<String>,
    /// The waivers that nothing needed, in words.
    pub unused_waivers: Vec<String>,
    /// What the run created and could not remove, in words.
    pub left_behind: Vec<String>,
    /// Stopped before its end by the user or by `--timeout`, with the reason.
    pub interrupted: Option<String>,
}

/// How many cases ended in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub pass: usize,
    pub warn: usize,
    pub fail: usize,
    pub waived: usize,
    pub broken: usize,
    pub timed_out: usize,
    pub blocked: usize,
    pub not_applicable: usize,
    pub skipped: usize,
}

impl Report {
    /// How many cases ended in which way.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for case in &self.cases {
            let count = match &case.ending {
                Ending::Pass => &mut tally.pass,
                Ending::Warn(_) => &mut tally.warn,
                Ending::Fail(_) => &mut tally.fail,
                Ending::Waived { .. } => &mut tally.waived,
                Ending::Broken { .. } => &mut tally.broken,
                Ending::TimedOut { .. } => &mut tally.timed_out,
                Ending::Blocked { .. } => &mut tally.blocked,
                Ending::NotApplicable { .. } => &mut tally.not_applicable,
                Ending::Skipped { .. } => &mut tally.skipped,
            };
            *count += 1;
        }
        tally
    }

    /// How many checks of the catalogue have a case that was asked. Blocked cases were not.
    pub fn asked(&self) -> usize {
        let asked = |case: &&Case| {
            !matches!(case.ending, Ending::NotApplicable { .. } | Ending::Skipped { .. } | Ending::Blocked { .. })
        };
        let checks: BTreeSet<&str> = self.cases.iter().filter(asked).map(|case| case.id.check.as_str()).collect();
        checks.len()
    }

    /// What the program ends with: 130 interrupted; 1 something fails that is not waived; 2 something could not be judged, or was required
    /// and not asked; 4 nothing was asked, be it that nothing was selected or that nothing selected applies; 0 all hold.
    pub fn exit_code(&self) -> u8 {
        let tally = self.tally();
        if self.interrupted.is_some() {
            130
        } else if tally.fail > 0 {
            1
        } else if tally.broken + tally.timed_out + tally.blocked > 0 || self.cases.iter().any(Case::is_missing) {
            2
        } else if tally.pass + tally.warn + tally.waived == 0 {
            4
        } else {
            0
        }
    }
}
