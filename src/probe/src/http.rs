//! One HTTP exchange, with its kinds of failure.

use std::io::{ErrorKind, Read as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ackcheck_probe_protocol::{CannotLook, Exchange, Failure, Http, LONGEST_BODY, connects_within, milliseconds};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};

use crate::tls;

/// Makes one request, follows no redirect, asks no proxy, and reads at most [`LONGEST_BODY`].
///
/// # Errors
/// If the question makes no sense: a URL of another scheme, certificates that cannot be read.
pub(crate) fn http(question: &Http) -> Result<Exchange, CannotLook> {
    let started = Instant::now();
    match exchange(question) {
        Ok((status, headers, body)) => {
            Ok(Exchange::Http { status, headers, body, took_ms: milliseconds(started.elapsed()) })
        }
        Err(Trouble::Question(cannot)) => Err(cannot),
        Err(Trouble::Exchange(error)) => {
            let (failure, said) = classify(&error, question.timeout());
            let said = said.replace(question.url.as_str(), without_query(&question.url));
            Ok(Exchange::NoHttp { failure, said, took_ms: milliseconds(started.elapsed()) })
        }
    }
}

/// A URL as it may be printed: the query of a signed one is worth a key for a while.
fn without_query(url: &str) -> &str {
    url.split('?').next().unwrap_or(url)
}

enum Trouble {
    Question(CannotLook),
    Exchange(ureq::Error),
}

impl From<ureq::Error> for Trouble {
    fn from(error: ureq::Error) -> Trouble {
        Trouble::Exchange(error)
    }
}

fn wrong(why: impl Into<String>) -> Trouble {
    Trouble::Question(CannotLook::because(why))
}

/// A status, headers and a body.
type Reply = (u16, Vec<(String, String)>, String);

fn exchange(request: &Http) -> Result<Reply, Trouble> {
    let mut message = ureq::http::Request::builder().method(request.method.as_str()).uri(&request.url);
    for (name, value) in &request.headers {
        message = message.header(name, value);
    }
    let message = message
        .body(request.body.clone())
        .map_err(|error| wrong(format!("{} {}: {error}", request.method, without_query(&request.url))))?;
    if !matches!(message.uri().scheme_str(), Some("http" | "https")) {
        return Err(wrong(format!("{}: neither http nor https", without_query(&request.url))));
    }
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .allow_non_standard_methods(true)
        .proxy(None)
        .user_agent(concat!("ackcheck-probe/", env!("CARGO_PKG_VERSION")))
        .timeout_global(Some(request.timeout()))
        .timeout_connect(Some(connects_within(request.timeout())))
        .tls_config(tls(request)?)
        .build()
        .new_agent();
    // A request without a body must not say `Transfer-Encoding: chunked`: presigned URLs are refused with it.
    let mut reply = if request.body.is_empty() {
        let (parts, _) = message.into_parts();
        agent.run(ureq::http::Request::from_parts(parts, ()))?
    } else {
        agent.run(message)?
    };
    let headers = header_list(reply.headers());
    let mut body = Vec::new();
    reply
        .body_mut()
        .as_reader()
        .take(LONGEST_BODY as u64)
        .read_to_end(&mut body)
        .map_err(|error| Trouble::Exchange(ureq::Error::from(error)))?;
    Ok((reply.status().as_u16(), headers, String::from_utf8_lossy(&body).into_owned()))
}

/// Headers as they came, in text.
pub fn header_list(headers: &ureq::http::HeaderMap) -> Vec<(String, String)> {
    let text = |value: &ureq::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

fn tls(request: &Http) -> Result<TlsConfig, Trouble> {
    let mut roots: Vec<Certificate<'static>> =
        webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(|der| Certificate::from_der(der)).collect();
    if let Some(pem) = &request.ca_pem {
        let before = roots.len();
        for item in parse_pem(pem.as_bytes()) {
            match item {
                Ok(PemItem::Certificate(certificate)) => roots.push(certificate),
                Ok(_) => {}
                Err(error) => return Err(wrong(format!("the certificates to trust cannot be read: {error}"))),
            }
        }
        if roots.len() == before {
            return Err(wrong("there is no certificate among those to trust"));
        }
    }
    Ok(TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .root_certs(RootCerts::new_with_certs(&roots))
        .disable_verification(request.trust_any)
        .build())
}

fn classify(error: &ureq::Error, timeout: Duration) -> (Failure, String) {
    use ureq::Error;
    if let Some(tls) = tls_inside(error) {
        return (Failure::Tls, tls::in_words(tls));
    }
    let said = error.to_string();
    let failure = match error {
        Error::HostNotFound => Failure::Unresolvable,
        Error::Timeout(what) => return out_of_time(*what, timeout),
        Error::Tls(_) | Error::Pem(_) => Failure::Tls,
        Error::Io(io) => match io.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
            Some(Error::Timeout(what)) => return out_of_time(*what, timeout),
            _ => from_io(io.kind(), &said),
        },
        Error::ConnectionFailed => Failure::Unreachable,
        _ => Failure::Garbled,
    };
    (failure, said)
}

fn out_of_time(what: ureq::Timeout, timeout: Duration) -> (Failure, String) {
    match what {
        ureq::Timeout::Connect => {
            let waited = connects_within(timeout).as_secs_f64();
            (Failure::NotConnected, format!("no connection within {waited:.1} s"))
        }
        _ => (Failure::TimedOut, format!("no whole answer within {:.1} s", timeout.as_secs_f64())),
    }
}

/// The TLS error that it comes from: a handshake that fails comes wrapped by the reader.
fn tls_inside(error: &ureq::Error) -> Option<&rustls::Error> {
    let io = match error {
        ureq::Error::Rustls(tls) => return Some(tls),
        ureq::Error::Io(io) => io,
        _ => return None,
    };
    let inner: &(dyn std::error::Error + 'static) = io.get_ref()?;
    inner.downcast_ref().or_else(|| inner.source()?.downcast_ref())
}

fn from_io(kind: ErrorKind, said: &str) -> Failure {
    match kind {
        ErrorKind::ConnectionRefused => Failure::Refused,
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::PermissionDenied => {
            Failure::Unreachable
        }
        ErrorKind::TimedOut | ErrorKind::WouldBlock => Failure::TimedOut,
        ErrorKind::InvalidData => Failure::Garbled,
        // The resolver's errors carry no kind of their own.
        _ if said.contains("failed to lookup address information") => Failure::Unresolvable,
        _ => Failure::Closed,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::net::{SocketAddr, TcpListener};

    use super::*;

    fn get(url: &str) -> Http {
        let headers = vec![("x-test".to_owned(), "1".to_owned())];
        Http { headers, timeout_ms: 800, ..Http::new("GET", url) }
    }

    /// Serves one connection with these bytes and gives what it was sent.
    fn once(bytes: &'static [u8]) -> (SocketAddr, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        let served = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut head = [0u8; 4096];
            let read = stream.read(&mut head).expect("a request");
            stream.write_all(bytes).expect("an answer");
            String::from_utf8_lossy(&head[..read]).into_owned()
        });
        (address, served)
    }

    #[test]
    fn brings_a_redirect_back_without_following_it() {
        let (address, served) =
            once(b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 2\r\n\r\nhi");
        let answer = http(&get(&format!("http://{address}/a?b=%2F")));
        let Ok(Exchange::Http { status, headers, body, .. }) = answer else { panic!("{answer:?}") };
        assert_eq!((status, body.as_str()), (302, "hi"));
        assert!(headers.contains(&("location".to_owned(), "http://192.0.2.1/".to_owned())));
        let sent = served.join().expect("the server");
        assert!(sent.starts_with("GET /a?b=%2F HTTP/1.1\r\n"), "{sent}");
        assert!(!sent.to_ascii_lowercase().contains("transfer-encoding"), "{sent}");
    }

    #[test]
    fn tells_refused_garbage_no_tls_and_silence_apart() {
        let failure = |answer: Result<Exchange, CannotLook>| match answer {
            Ok(Exchange::NoHttp { failure, .. }) => failure,
            other => panic!("{other:?}"),
        };
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let silent = listener.local_addr().expect("its address");
        assert_eq!(failure(http(&get(&format!("http://{silent}/")))), Failure::TimedOut);
        // Its queue is full of connections that nobody takes: the kernel drops the next ones.
        let queued: Vec<std::net::TcpStream> =
            std::iter::from_fn(|| std::net::TcpStream::connect_timeout(&silent, Duration::from_millis(200)).ok())
                .take(10_000)
                .collect();
        assert_eq!(failure(http(&get(&format!("http://{silent}/")))), Failure::NotConnected);
        drop((queued, listener));
        assert_eq!(failure(http(&get(&format!("http://{silent}/")))), Failure::Refused);
        let (address, _) = once(b"220 smtp ready\r\n\r\n");
        assert_eq!(failure(http(&get(&format!("http://{address}/")))), Failure::Garbled);
        let (address, _) = once(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        assert_eq!(failure(http(&get(&format!("https://{address}/")))), Failure::Tls);
        let (address, _) = once(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
        assert_eq!(failure(http(&get(&format!("http://{address}/")))), Failure::Closed);
        assert!(http(&get("ftp://x/")).is_err());
        let bad_roots = Http { ca_pem: Some("none".to_owned()), ..get("https://127.0.0.1:1/") };
        assert!(http(&bad_roots).is_err());
    }
}
