//! the ECS machine under DSS.

use ackcheck::check::Check;

pub static CHECKS: &[&Check] = &[];
