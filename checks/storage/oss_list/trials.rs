//! Buckets that cannot be listed.

use ackcheck::check::Trial;
use ackcheck::fault::Fault;

pub static TRIALS: &[Trial] = &[Trial {
    name: "the user lacks ListObjects",
    finding: "denied",
    faults: &[Fault::Add("/storage/key/denied", "\"oss:ListObjects\"")],
}];
