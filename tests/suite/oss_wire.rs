//! The lab's OSS on the wire, as the clients of others see it: the letters of its header names, and bodies of the size that
//! Hadoop sends.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ackcheck_core::evidence::Journal;
use ackcheck_core::secret::Scrubber;
use ackcheck_live::store::{NoConnections, StoreRun};
use ackcheck_live::wire::Wire;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::seats;

const HOST: &str = "lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com";

/// Sends one request with a body of so many zeros, and reads the answer whole.
async fn send(gateway: SocketAddr, method: &str, target: &str, zeros: usize) -> String {
    let mut stream = TcpStream::connect(gateway).await.unwrap();
    let head =
        format!("{method} {target} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {zeros}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = vec![0u8; 1 << 20];
    let mut left = zeros;
    while left > 0 {
        let now = left.min(chunk.len());
        stream.write_all(&chunk[..now]).await.expect("the body is taken to its end");
        left -= now;
    }
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn header_names_have_the_letters_of_the_real_ones_and_a_part_of_hadoops_is_taken() {
    let site = seats::site(&[]).await;
    let gateway = site.config.network.connect.last().unwrap().1;
    let wire = Wire::new(site.config.clone()).unwrap();
    let run = StoreRun::new(wire, "run1", Arc::new(NoConnections));
    let journal = Journal::new(Scrubber::default());
    let signed = run.presign(&journal, "large", Duration::from_secs(600)).await.unwrap().remove(0);
    let target = |url: &url::Url| format!("{}?{}", url.path(), url.query().unwrap());
    // `fs.oss.multipart.upload.size` is 104857600 where nobody sets it.
    let put = send(gateway, "PUT", &target(&signed.put), 104_857_600).await;
    assert!(put.starts_with("HTTP/1.1 200 OK\r\n"), "{put}");
    for name in
        ["\r\nETag: \"", "\r\nDate: ", "\r\nServer: AliyunOSS", "\r\nContent-Length: ", "\r\nx-oss-request-id: "]
    {
        assert!(put.contains(name), "{name:?}: {put}");
    }
    let deleted = send(gateway, "DELETE", &target(&signed.delete), 0).await;
    assert!(deleted.starts_with("HTTP/1.1 204 "), "{deleted}");
}

#[tokio::test]
async fn a_body_past_the_bound_is_read_to_its_end_and_answered_in_the_words_of_oss() {
    let site = seats::site(&[]).await;
    let gateway = site.config.network.connect.last().unwrap().1;
    let answer = send(gateway, "PUT", "/dss/huge", 300 << 20).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.contains("<Code>EntityTooLarge</Code>") && answer.contains("\r\nx-oss-request-id: "), "{answer}");
}
