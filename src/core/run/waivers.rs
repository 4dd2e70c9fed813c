//! Findings that the site file waives. A waiver is for one finding of one check: it says nothing of what is blocked by the
//! failure or explained by it.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::catalogue::glob;
use crate::config::Config;
use crate::config::Waiver;
use crate::record::{Case, CaseId, Ending, WaiverRecord};

/// The waivers of a run, and the day that decides about them.
pub(super) struct Waivers {
    today: Date,
    waivers: Vec<Waiver>,
    /// The site file, for messages.
    file: String,
}

impl Waivers {
    /// Those of a site file, for a run that started at a time: one day for the whole run, so that no case ends otherwise
    /// than another because it is midnight.
    pub(super) fn of(config: &Config, started: jiff::Timestamp) -> Waivers {
        let today = started.to_zoned(TimeZone::UTC).date();
        Waivers { today, waivers: config.waivers.clone(), file: config.file.display().to_string() }
    }

    /// The ending of a case in the light of the waivers: a finding that one of them covers is waived; where all that cover
    /// it have ended, the finding says so.
    pub(super) fn apply(&self, id: &CaseId, ending: Ending) -> Ending {
        let (Ending::Fail(finding) | Ending::Warn(finding)) = &ending else { return ending };
        let covering = self.waivers.iter().filter(|waiver| covers(waiver, id, &finding.code));
        // Of several the one that lasts longest.
        let Some(waiver) = covering.max_by_key(|waiver| waiver.until) else { return ending };
        let record = WaiverRecord { reason: waiver.reason.clone(), until: waiver.until, ticket: waiver.ticket.clone() };
        match ending {
            Ending::Fail(finding) | Ending::Warn(finding) if self.today <= waiver.until => {
                Ending::Waived { finding, waiver: record }
            }
            Ending::Fail(mut finding) => {
                finding.ended_waiver = Some(record);
                Ending::Fail(finding)
            }
            Ending::Warn(mut finding) => {
                finding.ended_waiver = Some(record);
                Ending::Warn(finding)
            }
            other => other,
        }
    }

    /// The waivers that nothing needed, in words: their checks were judged for all their subjects, and no finding was
    /// theirs. Of what was not judged nobody knows.
    pub(super) fn unused(&self, cases: &[Case]) -> Vec<String> {
        self.waivers.iter().filter_map(|waiver| self.without_use(waiver, cases)).collect()
    }

    fn without_use(&self, waiver: &Waiver, cases: &[Case]) -> Option<String> {
        let mut judged = false;
        let mut met = false;
        for case in cases.iter().filter(|case| case.id.check == waiver.check.text) {
            let is_judged = case.is_judged();
            judged |= is_judged;
            if is_about(waiver, &case.id) {
                met = true;
                let needed = case.ending.finding().is_some_and(|finding| finding.code == waiver.finding.text);
                if !is_judged || needed {
                    return None;
                }
            }
        }
        let (id, finding) = (&waiver.check.text, &waiver.finding.text);
        let subject = waiver.subject.as_ref().map(|subject| subject.text.as_str()).unwrap_or_default();
        let why = match (judged, met) {
            (false, _) => return None,
            (true, true) => format!("{id} does not find `{finding}` any more"),
            (true, false) => format!("{id} has no case for `{subject}`"),
        };
        Some(format!("{}:{}: this waiver has no use: {why}", self.file, waiver.line))
    }
}

fn covers(waiver: &Waiver, id: &CaseId, finding: &str) -> bool {
    waiver.finding.text == finding && waiver.check.text == id.check && is_about(waiver, id)
}

/// Whether a case is one of those that the waiver's glob names. The kind before it is no part of the glob: `b*` is not
/// every bucket.
fn is_about(waiver: &Waiver, id: &CaseId) -> bool {
    let Some(pattern) = &waiver.subject else { return true };
    id.subject.as_ref().is_some_and(|subject| {
        let of_kind = pattern.text.strip_prefix(subject.kind.name()).and_then(|rest| rest.strip_prefix(' '));
        glob(of_kind.unwrap_or(&pattern.text), &subject.name)
    })
}

#[cfg(test)]
#[path = "waivers_tests.rs"]
mod tests;
