//! Buckets that cannot be read from.

use ackcheck::check::Trial;
use ackcheck::fault::Fault;

pub static TRIALS: &[Trial] = &[Trial {
    name: "the user lacks GetObject",
    finding: "denied",
    faults: &[Fault::Add("/storage/key/denied", "\"oss:GetObject\"")],
}];
