//! `ackcheck image`.

use std::io::{IsTerminal as _, Write as _};

use anyhow::{Context as _, bail};

use super::arguments::Image;
use super::output::print;
use super::target;
use ackcheck_live::image::ProbeImage;

/// Writes the probe's image as one archive.
pub(super) fn image(options: &Image) -> anyhow::Result<u8> {
    let image = ProbeImage::of(ackcheck_live::probe::layer().map_err(anyhow::Error::msg)?);
    let archive = image.archive().context("the archive")?;
    match &options.output {
        Some(file) => target::write(file, &archive)?,
        None if std::io::stdout().is_terminal() => {
            bail!("a terminal cannot take an archive: ackcheck image > probe.tar, or --output probe.tar")
        }
        None => {
            print(&archive)?;
        }
    }
    // Beside the archive, and no matter where nobody reads it.
    let _ = writeln!(std::io::stderr(), "{}", image.name());
    Ok(0)
}
