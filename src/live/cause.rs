//! Why no answer came: what the error of an HTTP client comes down to, and in words. The one place that reads them.

use std::error::Error;
use std::io::ErrorKind;
use std::time::Duration;

use super::names::Unresolved;
use ackcheck_core::io_error;
use ackcheck_core::seat::{NameAnswer, NoReply};

/// The most causes of an error that are looked at; real ones have five.
const DEEPEST: usize = 32;

/// What an error comes down to, from it and its causes; none where nothing in them is known. `address` is what was
/// dialled, and `waited` how long.
pub(crate) fn no_reply(error: &(dyn Error + 'static), address: &str, waited: Duration) -> Option<NoReply> {
    let mut known = None;
    for cause in causes(error) {
        if let Some(unresolved) = cause.downcast_ref::<Unresolved>() {
            let said = match &unresolved.answer {
                NameAnswer::NoSuchName { said } | NameAnswer::NoServer { said } => said.clone(),
                NameAnswer::Addresses(_) => String::new(),
            };
            return Some(NoReply::Unresolvable { name: unresolved.name.clone(), said });
        }
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return Some(tls_failed(tls));
        }
        if let Some(found) = cause.downcast_ref::<std::io::Error>().and_then(|io| of_io(io, address, waited)) {
            return Some(found);
        }
        // What an HTTP error itself comes from says more.
        known = cause.downcast_ref::<hyper::Error>().and_then(of_http).or(known);
    }
    known
}

/// The TLS error among the causes of an error.
pub(crate) fn tls_error<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e rustls::Error> {
    causes(error).find_map(|cause| {
        let inside = || innermost(cause.downcast_ref::<std::io::Error>()?).get_ref()?.downcast_ref::<rustls::Error>();
        cause.downcast_ref::<rustls::Error>().or_else(inside)
    })
}

fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source()).take(DEEPEST)
}

/// What the last of its causes says, where none is known.
pub(crate) fn last_words(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

/// What an I/O error comes down to.
fn of_io(error: &std::io::Error, address: &str, waited: Duration) -> Option<NoReply> {
    let error = innermost(error);
    if let Some(tls) = error.get_ref().and_then(|inside| inside.downcast_ref::<rustls::Error>()) {
        return Some(tls_failed(tls));
    }
    let (address, said) = (address.to_owned(), io_error::in_words(error));
    match error.kind() {
        ErrorKind::ConnectionRefused => Some(NoReply::Refused { address }),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::PermissionDenied => {
            Some(NoReply::Unreachable { address, said })
        }
        ErrorKind::TimedOut => Some(NoReply::NotConnected { after: waited }),
        ErrorKind::UnexpectedEof => Some(NoReply::Closed { said: "it ended without a word".to_owned() }),
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::ConnectionAborted => {
            Some(NoReply::Closed { said })
        }
        _ => None,
    }
}

fn tls_failed(error: &rustls::Error) -> NoReply {
    NoReply::Tls { said: ackcheck_probe::tls::in_words(error) }
}

fn of_http(error: &hyper::Error) -> Option<NoReply> {
    match () {
        () if error.is_incomplete_message() || error.is_closed() || error.is_canceled() => {
            Some(NoReply::Closed { said: "it ended without a word".to_owned() })
        }
        () if error.is_parse_too_large() => Some(NoReply::Garbled { said: "its headers are too long".to_owned() }),
        () if error.is_parse() => Some(NoReply::Garbled { said: "it is not HTTP".to_owned() }),
        () => None,
    }
}

/// An I/O error may wrap another, and its `source` leaves the wrapped one out.
fn innermost(error: &std::io::Error) -> &std::io::Error {
    let mut error = error;
    while let Some(inner) = error.get_ref().and_then(|inside| inside.downcast_ref::<std::io::Error>()) {
        error = inner;
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_inside_an_error_inside_an_error_is_found() {
        let deep = std::io::Error::other(std::io::Error::from_raw_os_error(nix::errno::Errno::ECONNRESET as i32));
        let found = no_reply(&deep, "a.example:443", Duration::ZERO);
        assert_eq!(found, Some(NoReply::Closed { said: "connection reset by peer".to_owned() }));
        assert_eq!(no_reply(&std::fmt::Error, "a.example:443", Duration::ZERO), None);
    }
}
