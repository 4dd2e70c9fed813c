//! An object's way to the store and back, by signed URLs. Messages leave their signatures out.

use ackcheck_probe_protocol::{CannotLook, Exchanges, Oss};

use crate::http::http;

/// Sends the put; if that succeeds gets and deletes the object by the other two URLs.
///
/// # Errors
/// If a URL is not one, or the certificates to trust cannot be read.
pub(crate) fn round_trip(question: &Oss) -> Result<Exchanges, CannotLook> {
    let put = http(&question.putting())?;
    if !put.succeeded() {
        return Ok(Exchanges { put, get: None, delete: None });
    }
    // The delete is sent whatever the get brought: the object is there.
    let (get, delete) = (http(&question.getting()), http(&question.deleting()));
    Ok(Exchanges { put, get: Some(get?), delete: Some(delete?) })
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use ackcheck_probe_protocol::Exchange;

    use super::*;

    /// Serves these answers, one a connection, and gives what was asked.
    fn store(answers: Vec<&'static str>) -> (String, std::thread::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("its address"));
        let served = std::thread::spawn(move || {
            let mut asked = Vec::new();
            for answer in answers {
                let (mut stream, _) = listener.accept().expect("a connection");
                let mut request = vec![0; 4096];
                let read = stream.read(&mut request).expect("a request");
                stream.write_all(answer.as_bytes()).expect("an answer");
                asked.push(String::from_utf8_lossy(&request[..read]).to_lowercase());
            }
            asked
        });
        (base, served)
    }

    fn oss(put: String, get: String, delete: String) -> Oss {
        Oss { timeout_ms: 2_000, ..Oss::new(put, get, delete, "hello".to_owned()) }
    }

    const EMPTY: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

    #[test]
    fn puts_gets_and_deletes_without_what_the_signatures_do_not_cover() {
        let hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
        let gone = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
        let (base, served) = store(vec![EMPTY, hello, gone]);
        let url = |number| format!("{base}/o?sig={number}");
        let Exchanges { put, get, delete } = round_trip(&oss(url(1), url(2), url(3))).expect("answers");
        assert!(matches!(put, Exchange::Http { status: 200, .. }), "{put:?}");
        assert!(matches!(&get, Some(Exchange::Http { status: 200, body, .. }) if body == "hello"), "{get:?}");
        assert!(matches!(delete, Some(Exchange::Http { status: 204, .. })), "{delete:?}");
        let asked = served.join().expect("the store");
        let starts = ["put /o?sig=1 ", "get /o?sig=2 ", "delete /o?sig=3 "];
        for (asked, start) in asked.iter().zip(starts) {
            assert!(asked.starts_with(start), "{asked}");
            assert!(!asked.contains("content-type") && !asked.contains("transfer-encoding"), "{asked}");
        }
    }

    #[test]
    fn a_refused_put_ends_it_and_no_signature_is_told() {
        let (base, _) = store(vec!["HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"]);
        let answer = round_trip(&oss(format!("{base}/o?sig=CANARY"), String::new(), String::new()));
        assert!(matches!(answer, Ok(Exchanges { get: None, delete: None, .. })), "{answer:?}");
        for url in ["ftp://store/o?sig=CANARY", "http://st ore/o?sig=CANARY", "http:///o?sig=CANARY"] {
            let answer = round_trip(&oss(url.to_owned(), url.to_owned(), url.to_owned()));
            assert!(!format!("{answer:?}").contains("CANARY"), "{answer:?}");
        }
    }
}
