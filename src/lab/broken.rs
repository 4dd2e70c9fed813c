//! Hosts that misbehave, whatever service is behind them.

use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::gateway::{Response, response};
use super::world::World;

/// How a host misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// Nobody listens.
    Refused,
    /// It takes the connection and says nothing.
    Silent,
    /// It sends its answer a byte a second.
    Slow,
    /// It answers bytes that are not HTTP.
    Garbage,
    /// It ends the connection in the middle of a body.
    Half,
    /// It answers 500 to everything.
    #[serde(rename = "error-500")]
    Error500,
    /// It redirects to itself.
    RedirectLoop,
    /// It speaks no TLS where TLS is asked of it.
    NoTls,
    /// Its certificate is of an authority that nobody trusts.
    UnknownIssuer,
    /// Its certificate names another host.
    WrongName,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// The name, or `*.suffix`.
    host: String,
    how: How,
}

/// Which hosts misbehave.
#[derive(Debug, Clone, Default)]
pub struct Broken {
    entries: Vec<Entry>,
}

impl Broken {
    /// As the world has it.
    pub fn of(world: &World) -> anyhow::Result<Broken> {
        Ok(Broken { entries: world.at("/gateway/broken")? })
    }

    /// How a host misbehaves, if it does.
    pub fn how(&self, host: &str) -> Option<How> {
        let meant = |pattern: &str| match pattern.strip_prefix('*') {
            Some(suffix) => host.ends_with(suffix),
            None => host == pattern,
        };
        self.entries.iter().find(|entry| meant(&entry.host)).map(|entry| entry.how)
    }

    /// The names or patterns that refuse connections.
    pub fn refused(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter(|entry| entry.how == How::Refused).map(|entry| entry.host.as_str())
    }
}

impl How {
    /// True where the misbehaviour is below HTTP, on an established connection.
    pub fn breaks_http(self) -> bool {
        matches!(self, How::Slow | How::Garbage | How::Half)
    }

    /// The answer to every request, where it misbehaves by its answers.
    pub fn answer(self, host: &str, uri: &http::Uri) -> Option<Response> {
        match self {
            How::Error500 => Some(response(500, "text/html", "<html><body>Internal Server Error</body></html>")),
            How::RedirectLoop => {
                let mut answer = response(302, "text/html", "");
                let path = uri.path_and_query().map_or("/", |path| path.as_str());
                if let Ok(location) = format!("https://{host}{path}").parse() {
                    answer.headers_mut().insert(http::header::LOCATION, location);
                }
                Some(answer)
            }
            How::Refused => Some(response(502, "text/plain", format!("the lab cannot connect to {host}\n"))),
            _ => None,
        }
    }
}

/// What a server without TLS says to a handshake.
pub async fn answer_plainly(stream: &mut (impl AsyncWrite + Unpin)) -> anyhow::Result<()> {
    stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").await?;
    Ok(stream.shutdown().await?)
}

/// Misbehaves below HTTP.
pub async fn misbehave(how: How, stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> anyhow::Result<()> {
    let mut request = [0u8; 8192];
    let _ = stream.read(&mut request).await?;
    match how {
        How::Garbage => stream.write_all(&[0x00, 0xff, 0x13, 0x37, b'\r', b'\n', 0x80, b'?', b'\r', b'\n']).await?,
        How::Half => {
            stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4096\r\n\r\nhalf a")
                .await?;
        }
        How::Slow => {
            let answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4096\r\n\r\n";
            for byte in answer.iter().chain(std::iter::repeat_n(&b'.', 4096)) {
                stream.write_all(&[*byte]).await?;
                stream.flush().await?;
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
        _ => {}
    }
    Ok(stream.shutdown().await?)
}
