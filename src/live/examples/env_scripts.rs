//! What ackcheck makes of `DKU_BACKEND_EXT_HOST` in data directories: their paths are lines of standard input, and each is
//! answered by a line of JSON. `ci/oracles` asks real bash the same.

use std::error::Error;
use std::io::{BufRead as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use ackcheck_core::config::{Config, DssConfig};
use ackcheck_core::evidence::Journal;
use ackcheck_core::seat::dss::ExtHost;
use ackcheck_core::secret::Scrubber;
use ackcheck_live::dss::{self, Source};
use ackcheck_live::wire::Wire;

fn main() -> Result<(), Box<dyn Error>> {
    // Asked by whatever opens a connection; nothing here does.
    rustls::crypto::ring::default_provider().install_default().map_err(|_| "there is a TLS provider already")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().build()?;
    for line in std::io::stdin().lock().lines() {
        let answer = runtime.block_on(answer(PathBuf::from(line?)))?;
        writeln!(std::io::stdout(), "{answer}")?;
    }
    Ok(())
}

async fn answer(data: PathBuf) -> Result<serde_json::Value, Box<dyn Error>> {
    let described = DssConfig { data_dir: Some(data), ..DssConfig::default() };
    let wire =
        Wire::new(Arc::new(Config { dss: Some(described), ..Config::default() })).map_err(|why| why.to_string())?;
    let seat = dss::open(&Source::new(&wire), Journal::new(Scrubber::default())).map_err(|why| why.to_string())?;
    let (scripts, (_, state)) = match (seat.env_scripts().await, seat.ext_host().await) {
        (Ok(scripts), Ok(state)) => (scripts, state),
        (Err(why), _) | (_, Err(why)) => return Ok(serde_json::json!({ "kind": "broken", "why": why.to_string() })),
    };
    let (kind, value, line) = match state {
        ExtHost::Unset => ("unset", String::new(), 0),
        ExtHost::Exported { value, line } => ("exported", value, line),
        ExtHost::NotExported { value, line } => ("unset", value, line),
        ExtHost::Dynamic { text, line } => ("uncertain", text, line),
        ExtHost::Malformed { why, line } => ("stops", why, line),
    };
    let may_stop = scripts.may_stop.map(|(what, place)| format!("{place}: {what}"));
    Ok(serde_json::json!({ "kind": kind, "value": value, "line": line, "may_stop": may_stop }))
}
