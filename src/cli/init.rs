//! `ackcheck init`.

use super::arguments::Init;

/// Writes a site file.
pub(super) fn init(_arguments: &Init) -> anyhow::Result<u8> {
    anyhow::bail!("init is being built")
}
