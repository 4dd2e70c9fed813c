//! `[[waiver]]`: failures that somebody has accepted until a date.

use jiff::civil::Date;

use super::Placed;
use super::section::Section;

/// `[[waiver]]`: a finding that is known and accepted, until a date and for a reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// The check's id.
    pub check: Placed,
    /// The code of the finding. A waiver is for one way to fail: another one of the same check is news.
    pub finding: Placed,
    /// A glob of subjects, by name or with their kind: `cn-hangzhou.10.0.1.*`, `bucket scratch-*`. All where not given.
    pub subject: Option<Placed>,
    /// Why it is accepted.
    pub reason: String,
    /// The last day, in UTC, on which it is.
    pub until: Date,
    /// Where it is followed up.
    pub ticket: Option<String>,
    /// The line of its header, from 1.
    pub line: usize,
}

/// The waivers of a site file.
pub(super) fn waivers(sections: Vec<Section<'_>>) -> Vec<Waiver> {
    sections.into_iter().filter_map(waiver).collect()
}

fn waiver(section: Section<'_>) -> Option<Waiver> {
    let check = section.required("check", section.placed("check"));
    let finding = section.required("finding", section.placed("finding"));
    let subject = section.placed("subject");
    let reason = section.required("reason", section.string("reason"));
    if reason.as_ref().is_some_and(|reason| reason.trim().is_empty()) {
        section.complain_of("reason", "must say why the failure is accepted");
    }
    let until = section.required("until", section.date("until"));
    let ticket = section.string("ticket");
    let line = section.line();
    section.finish();
    Some(Waiver { check: check?, finding: finding?, subject, reason: reason?, until: until?, ticket, line })
}
