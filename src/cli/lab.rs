//! `ackcheck lab`.

use std::fmt::Write as _;

use super::arguments;
use super::output::print;
use super::run;
use super::signals::Signals;
use ackcheck_core::catalogue::Catalogue;
use ackcheck_lab::Lab;

/// Serves the simulated deployment until Ctrl-C.
pub(super) async fn serve(catalogue: &'static Catalogue, arguments: arguments::Lab) -> anyhow::Result<u8> {
    let options = run::lab_options(catalogue, &arguments.world)?;
    let signals = Signals::heed()?;
    let lab = Lab::start(&options).await?;
    let mut text = String::from("The lab is running. Ctrl-C ends it and removes its files.\n\n");
    let width = lab.reach().iter().map(|reach| reach.service.chars().count()).max().unwrap_or(0);
    for reach in lab.reach() {
        writeln!(text, "  {:width$}  {}", reach.service, reach.how)?;
    }
    print(&text)?;
    signals.stop().cancelled().await;
    Ok(0)
}
