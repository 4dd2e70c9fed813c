//! Clocks that do not agree.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the host's clock is a thousand seconds behind",
        finding: &super::SKEWED,
        faults: &[Fault::Set("/storage/clock_ahead_seconds", "1000")],
    },
    Trial {
        name: "the host's clock is a day ahead",
        finding: &super::SKEWED,
        faults: &[Fault::Set("/storage/clock_ahead_seconds", "-86400")],
    },
    Trial {
        name: "the host's clock is three minutes ahead",
        finding: &super::DRIFTING,
        faults: &[Fault::Set("/storage/clock_ahead_seconds", "-180")],
    },
];
