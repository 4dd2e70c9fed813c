//! Hosts that misbehave, whatever service is behind them.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::world::{GatewayWorld, Misbehaving};
use crate::http::{Response, response};
use crate::world::World;

pub use super::world::Malfunction;

/// Which hosts misbehave.
#[derive(Debug, Clone, Default)]
pub struct Malfunctions {
    entries: Vec<Misbehaving>,
}

impl Malfunctions {
    /// As the world has them.
    ///
    /// # Errors
    /// If the world's `/gateway` cannot be read.
    pub fn of(world: &World) -> anyhow::Result<Malfunctions> {
        Ok(Malfunctions { entries: world.section::<GatewayWorld>()?.broken })
    }

    /// How a host misbehaves, if it does.
    pub fn of_host(&self, host: &str) -> Option<Malfunction> {
        let meant = |pattern: &str| match pattern.strip_prefix('*') {
            Some(suffix) => host.ends_with(suffix),
            None => host == pattern,
        };
        self.entries.iter().find(|entry| meant(&entry.host)).map(|entry| entry.how)
    }

    /// The names or patterns that refuse connections.
    pub fn refused(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter(|entry| entry.how == Malfunction::Refused).map(|entry| entry.host.as_str())
    }
}

impl Malfunction {
    /// True if the misbehaviour is below HTTP, on an established connection.
    pub fn breaks_http(self) -> bool {
        matches!(self, Malfunction::Slow | Malfunction::Garbage | Malfunction::Half)
    }

    /// The answer to every request, where it misbehaves by its answers.
    pub fn answer(self, host: &str, uri: &http::Uri) -> Option<Response> {
        match self {
            Malfunction::Error500 => {
                Some(response(500, "text/html", "<html><body>Internal Server Error</body></html>"))
            }
            Malfunction::RedirectLoop => {
                let mut answer = response(302, "text/html", "");
                let path = uri.path_and_query().map_or("/", |path| path.as_str());
                if let Ok(location) = format!("https://{host}{path}").parse() {
                    answer.headers_mut().insert(http::header::LOCATION, location);
                }
                Some(answer)
            }
            Malfunction::Refused => Some(response(502, "text/plain", format!("the lab cannot connect to {host}\n"))),
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
pub async fn misbehave(
    malfunction: Malfunction,
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
) -> anyhow::Result<()> {
    let mut request = [0u8; 8192];
    let _ = stream.read(&mut request).await?;
    match malfunction {
        Malfunction::Garbage => {
            stream.write_all(&[0x00, 0xff, 0x13, 0x37, b'\r', b'\n', 0x80, b'?', b'\r', b'\n']).await?
        }
        Malfunction::Half => {
            stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4096\r\n\r\nhalf a")
                .await?;
        }
        Malfunction::Slow => {
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
