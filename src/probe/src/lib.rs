//! The program that answers ackcheck's questions inside a pod. No judgement is made here.

use ackcheck_probe_protocol::{AnyQuestion, Line};

pub mod command;
#[cfg(test)]
mod deaf;
mod dial;
pub mod http;
mod oss;
pub mod resolve;
mod sweep;
pub mod tls;

/// Answers one question.
pub fn answer(question: &AnyQuestion) -> Line {
    match question {
        AnyQuestion::Resolve(question) => resolve::resolve(&question.name).into(),
        AnyQuestion::Dial(question) => dial::dial(question).into(),
        AnyQuestion::Sweep(question) => sweep::sweep(question).into(),
        AnyQuestion::Http(question) => http::http(question).into(),
        AnyQuestion::Oss(question) => oss::round_trip(question).into(),
    }
}
