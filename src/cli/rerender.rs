//! `ackcheck report`.

use super::arguments::{Color, Rerender};
use super::reports::Reports;
use super::saved;
use ackcheck_core::report::{self, Format};

/// Renders a saved run again.
pub(super) fn rerender(options: Rerender, color: Color) -> anyhow::Result<u8> {
    let saved = saved::read(&options.file)?;
    let reports = Reports::to(options.report, Some(Format::Terminal), color)?;
    reports.write(|format, looks| report::render(format, &saved, looks))?;
    Ok(0)
}
