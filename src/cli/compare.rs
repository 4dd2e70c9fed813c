//! `ackcheck compare`.

use anyhow::bail;

use super::arguments::{Color, Compare};
use super::reports::Reports;
use super::saved;
use ackcheck_core::compare::{self, Comparison, Format};

/// Compares two saved runs.
pub(super) fn compare(options: Compare, color: Color) -> anyhow::Result<u8> {
    if saved::is_standard_input(&options.before) && saved::is_standard_input(&options.after) {
        bail!("both runs cannot come from standard input; give one of them as a file");
    }
    let reports = Reports::to(options.report, Some(Format::Terminal), color)?;
    let comparison = Comparison::of(&saved::read(&options.before)?, &saved::read(&options.after)?);
    reports.write(|format, looks| compare::render(format, &comparison, looks))?;
    Ok(comparison.exit_code())
}
