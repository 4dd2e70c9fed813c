//! The case of header names as the real services write them, for clients that compare it: Hadoop's OSS client reads a
//! listing's `ETag` and an object's `Last-Modified` by those letters alone. Hyper writes names in lower case or with each
//! word capitalised, so the heads are changed on their way out; no name changes its length.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream on which answers of OSS have names in OSS's case. Everything else passes as it is.
pub(super) struct OwnCase<S> {
    stream: S,
    /// Of a head that was taken: what the stream has not taken yet.
    head: Vec<u8>,
    written: usize,
}

impl<S> OwnCase<S> {
    pub(super) fn new(stream: S) -> OwnCase<S> {
        OwnCase { stream, head: Vec::new(), written: 0 }
    }
}

/// Answers of OSS, and no other, hold this.
const OF_OSS: &[u8] = b"\r\nserver: AliyunOSS\r\n";
/// What is not simply capitalised.
const NAMES: [(&str, &str); 3] =
    [("etag", "ETag"), ("content-md5", "Content-MD5"), ("www-authenticate", "WWW-Authenticate")];

/// The head of an answer at the start of what is written, with its names in OSS's case; none where it is not one of OSS's.
fn recased(written: &[u8]) -> Option<Vec<u8>> {
    let ends = written.windows(4).position(|four| four == b"\r\n\r\n").filter(|_| written.starts_with(b"HTTP/1."))?;
    let mut head = written[..ends + 4].to_vec();
    head.windows(OF_OSS.len()).any(|window| window == OF_OSS).then_some(())?;
    let mut line = head.iter().position(|byte| *byte == b'\n')? + 1;
    while line < ends {
        let colon = line + head[line..].iter().position(|byte| *byte == b':')?;
        capitalise(&mut head[line..colon]);
        line = colon + head[colon..].iter().position(|byte| *byte == b'\n')? + 1;
    }
    Some(head)
}

fn capitalise(name: &mut [u8]) {
    if let Some((_, right)) = NAMES.iter().find(|(lower, _)| lower.as_bytes() == name) {
        name.copy_from_slice(right.as_bytes());
    } else if !name.starts_with(b"x-oss-") {
        for word in name.split_mut(|byte| *byte == b'-') {
            if let Some(first) = word.first_mut() {
                first.make_ascii_uppercase();
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> OwnCase<S> {
    /// Writes what is left of a head.
    fn poll_head(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.written < self.head.len() {
            let taken = ready!(Pin::new(&mut self.stream).poll_write(context, &self.head[self.written..]))?;
            if taken == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += taken;
        }
        self.head.clear();
        self.written = 0;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for OwnCase<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for OwnCase<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        ready!(this.poll_head(context))?;
        match recased(bytes) {
            Some(head) => {
                let taken = head.len();
                this.head = head;
                // What cannot be written now goes before whatever comes next.
                match this.poll_head(context) {
                    Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                    _ => Poll::Ready(Ok(taken)),
                }
            }
            None => Pin::new(&mut this.stream).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let first = slices.iter().find(|slice| !slice.is_empty());
        match first {
            // A head stands at the start of the first slice.
            Some(first) if first.starts_with(b"HTTP/1.") => self.poll_write(context, first),
            _ => {
                ready!(self.poll_head(context))?;
                Pin::new(&mut self.stream).poll_write_vectored(context, slices)
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_head(context))?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_head(context))?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\netag: \"etag: 1\"\r\nlast-modified: x\r\nx-oss-hash-crc64ecma: 1\r\nserver: AliyunOSS\r\n\r\n";
    const RIGHT: &[u8] = b"HTTP/1.1 200 OK\r\nETag: \"etag: 1\"\r\nLast-Modified: x\r\nx-oss-hash-crc64ecma: 1\r\nServer: AliyunOSS\r\n\r\n";

    #[test]
    fn only_names_of_answers_of_oss_change() {
        let body = [HEAD, b"etag: in the body"].concat();
        assert_eq!(recased(&body).unwrap(), RIGHT);
        assert_eq!(recased(b"HTTP/1.1 200 OK\r\nserver: nginx\r\n\r\n"), None);
        assert_eq!(recased(b"etag: x\r\nserver: AliyunOSS\r\n\r\n"), None);
    }

    #[tokio::test]
    async fn a_head_that_goes_out_in_pieces_is_whole() {
        // The pipe takes three bytes at a time.
        let (near, mut far) = tokio::io::duplex(3);
        let mut stream = OwnCase::new(near);
        let write = async {
            stream.write_all(&[HEAD, b"body"].concat()).await.unwrap();
            stream.write_all(HEAD).await.unwrap();
            stream.shutdown().await.unwrap();
        };
        let mut seen = Vec::new();
        let read = async { far.read_to_end(&mut seen).await.unwrap() };
        tokio::join!(write, read);
        assert_eq!(seen, [RIGHT, b"body", RIGHT].concat());
    }
}
