//! The program that answers ackcheck's questions inside a pod. No judgement is made here.

use ackcheck_probe_protocol::{AnyQuestion, Line, RESOLVES_WITHIN};

pub mod command;
#[cfg(test)]
mod deaf;
mod dial;
pub mod greet;
pub mod http;
pub mod listen;
mod oss;
mod refusal;
mod resolv_conf;
pub mod resolve;
mod servers;
mod stopped;
mod sweep;
pub mod tls;

/// Answers one question.
pub fn answer(question: &AnyQuestion) -> Line {
    match question {
        AnyQuestion::Resolve(question) => stopped::asked(RESOLVES_WITHIN, || resolve::resolve(&question.name)).into(),
        AnyQuestion::Dial(question) => dial::dial(question).into(),
        AnyQuestion::Sweep(question) => sweep::sweep(question).into(),
        AnyQuestion::Http(question) => stopped::asked(question.timeout(), || http::http(question)).into(),
        AnyQuestion::Oss(question) => stopped::asked(question.putting().timeout(), || oss::round_trip(question)).into(),
        AnyQuestion::Greet(question) => greet::greet(question).into(),
        AnyQuestion::Listen(question) => listen::listen(question).into(),
        AnyQuestion::AskServers(question) => stopped::asked(servers::SLOW, || servers::ask(question)).into(),
    }
}
