//! Answers of a probe that was itself stopped while it waited: its node was suspended, or its pod had no processor.
//!
//! Ports are left out: the kernel dials them while the program is stopped, and what it has heard counts before the time.

use std::time::Duration;

use ackcheck_clock::Watch;
use ackcheck_probe_protocol::{AskedServers, CannotLook, Exchange, Exchanges, Failure, Resolved};

/// An answer that may have come about because time went by.
pub(crate) trait InVain {
    /// Whether this one may.
    fn in_vain(&self) -> bool;
}

impl InVain for Resolved {
    fn in_vain(&self) -> bool {
        matches!(self, Resolved::NoServer { .. })
    }
}

impl InVain for AskedServers {
    fn in_vain(&self) -> bool {
        // An answer that came late may have lain there: none of them counts.
        true
    }
}

impl InVain for Exchange {
    fn in_vain(&self) -> bool {
        matches!(self, Exchange::NoHttp { failure, .. } if *failure != Failure::Refused)
    }
}

impl InVain for Exchanges {
    fn in_vain(&self) -> bool {
        [Some(&self.put), self.get.as_ref(), self.delete.as_ref()].into_iter().flatten().any(Exchange::in_vain)
    }
}

/// Asks, and once more where it was in vain and this process did not run for a good part of `limit`.
///
/// # Errors
/// As of `ask`; and where the second time was no better.
pub(crate) fn asked<A: InVain>(
    limit: Duration,
    mut ask: impl FnMut() -> Result<A, CannotLook>,
) -> Result<A, CannotLook> {
    let mut timed = || {
        let watch = Watch::begin();
        let answer = ask()?;
        Ok(match watch.spoils(limit).filter(|_| answer.in_vain()) {
            None => Ok(answer),
            Some(stopped) => Err(stopped),
        })
    };
    let again = match timed()? {
        Ok(answer) => return Ok(answer),
        Err(_) => timed()?,
    };
    again.map_err(|stopped: Duration| {
        CannotLook::because(format!("the probe itself was stopped for {:.1} s while it waited", stopped.as_secs_f64()))
    })
}
