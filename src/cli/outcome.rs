//! What a run leaves: its reports and, where an earlier run was named, what is different from that one.

use std::sync::Arc;

use super::arguments::{Color, Run};
use super::output::{print, print_beside};
use super::reports::{Reports, looks};
use super::saved;
use ackcheck_core::compare::{self, Comparison};
use ackcheck_core::record::Report;
use ackcheck_core::report::{self, Format};

/// What to write at the end of a run, and where to.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    reports: Reports,
    /// The run to compare with.
    baseline: Option<Arc<Report>>,
    quiet: bool,
    color: Color,
}

impl Outcome {
    /// As the arguments ask for it; an earlier run is read at once, so that a mistake is found before anything is asked.
    ///
    /// # Errors
    /// Where a report could not be written, or the earlier run cannot be read.
    pub(super) fn to(arguments: &Run, color: Color) -> anyhow::Result<Outcome> {
        let for_people = (!arguments.quiet).then_some(Format::Terminal);
        Ok(Outcome {
            reports: Reports::to(arguments.report.clone(), for_people, color)?,
            baseline: arguments.baseline.as_deref().map(saved::read).transpose()?.map(Arc::new),
            quiet: arguments.quiet,
            color,
        })
    }

    /// The report, with since when its findings are known.
    pub(super) fn compared(&self, mut report: Report) -> Report {
        if let Some(baseline) = &self.baseline {
            compare::mark_known(&mut report, baseline);
        }
        report
    }

    /// Writes every report, and then prints what is different: behind the report for people, or on standard error where
    /// standard output has another format.
    ///
    /// # Errors
    /// Each report that was not written, in a line.
    pub(super) fn write(&self, report: &Report) -> anyhow::Result<()> {
        let written = self.reports.write(|format, looks| report::render(format, report, looks));
        let Some(baseline) = &self.baseline else { return written };
        let comparison = Comparison::of(baseline, report);
        let told = |looks| format!("\n{}", compare::render(compare::Format::Terminal, &comparison, looks));
        if self.reports.prints(Format::Terminal) {
            written.and(print(told(looks(self.color))).map(drop))
        } else {
            if !self.quiet {
                print_beside(&told(report::Options::default()));
            }
            written
        }
    }

    /// Writes again the reports that stand in files.
    ///
    /// # Errors
    /// Each that was not written, in a line.
    pub(super) fn write_files_again(&self, report: &Report) -> anyhow::Result<()> {
        self.reports.write_files_again(|format, looks| report::render(format, report, looks))
    }
}
