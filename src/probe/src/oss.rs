//! An object's way to the store and back, by signed URLs. What is told of them leaves their signatures out.

use crate::Answer;
use crate::http::{Request, http};

/// Sends `put`; where that succeeds gets and deletes the object by the other two URLs.
pub fn round_trip(put: &Request, get: &str, delete: &str) -> Answer {
    let part = |method: &str, url: &str| {
        http(&Request { method: method.to_owned(), url: url.to_owned(), body: String::new(), ..put.clone() })
    };
    let written = http(put);
    let arrived = matches!(written, Answer::Http { status: 200..=299, .. });
    // The delete is sent whatever the get brought: the object is there.
    let (got, deleted) = match arrived {
        true => (Some(part("GET", get)), Some(part("DELETE", delete))),
        false => (None, None),
    };
    Answer::Oss { put: Box::new(written), get: got.map(Box::new), delete: deleted.map(Box::new) }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::time::Duration;

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

    fn put(url: String) -> Request {
        Request {
            method: "PUT".to_owned(),
            url,
            headers: Vec::new(),
            body: "hello".to_owned(),
            trust_any: false,
            ca_pem: None,
            timeout: Duration::from_secs(2),
        }
    }

    const EMPTY: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

    #[test]
    fn puts_gets_and_deletes_without_what_the_signatures_do_not_cover() {
        let hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
        let gone = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
        let (base, served) = store(vec![EMPTY, hello, gone]);
        let answer =
            round_trip(&put(format!("{base}/o?sig=1")), &format!("{base}/o?sig=2"), &format!("{base}/o?sig=3"));
        let Answer::Oss { put, get: Some(get), delete: Some(delete) } = answer else { panic!("{answer:?}") };
        assert!(matches!(*put, Answer::Http { status: 200, .. }), "{put:?}");
        assert!(matches!(&*get, Answer::Http { status: 200, body, .. } if body == "hello"), "{get:?}");
        assert!(matches!(*delete, Answer::Http { status: 204, .. }), "{delete:?}");
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
        let answer = round_trip(&put(format!("{base}/o?sig=CANARY")), "", "");
        assert!(matches!(answer, Answer::Oss { get: None, delete: None, .. }), "{answer:?}");
        for url in ["ftp://store/o?sig=CANARY", "http://st ore/o?sig=CANARY", "http:///o?sig=CANARY"] {
            let answer = round_trip(&put(url.to_owned()), url, url);
            assert!(!format!("{answer:?}").contains("CANARY"), "{answer:?}");
        }
    }
}
