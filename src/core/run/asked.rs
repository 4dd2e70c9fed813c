//! A run between its asking and its end: what it created is still there.

use super::Run;
use crate::record::Report;

/// Stands in a report for what only the removal can tell.
const NOT_YET_REMOVED: &str = "anything that this run created: this report was written before its removal had ended";

/// A run that asks no more, before it has removed what it created.
pub struct Asked<'a> {
    pub(super) run: Run<'a>,
    pub(super) started: jiff::Timestamp,
}

impl Asked<'_> {
    /// Whether it was stopped before everything was asked.
    pub fn interrupted(&self) -> bool {
        self.run.interrupted.is_some()
    }

    /// The report as it can be written before the removal, which says so. It is a copy: thousands of nodes leave tens of
    /// megabytes.
    pub fn report(&self) -> Report {
        self.run.report(self.started, vec![NOT_YET_REMOVED.to_owned()], self.run.cases.clone())
    }

    /// Removes what the run created, within `[limits] clean_up`, and returns what is left.
    pub async fn remove(&self) -> Vec<String> {
        self.run.clean_up().await
    }

    /// The report, once the removal has ended.
    pub fn finish(mut self, left_behind: Vec<String>) -> Report {
        let cases = std::mem::take(&mut self.run.cases);
        self.run.report(self.started, left_behind, cases)
    }
}
