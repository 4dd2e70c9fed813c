//! Ports of loopback: the loop that accepts their connections, and the serving of a service on a port of its own.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::http::{self, Connection, Stream};
use super::service::Service;

/// A free port of loopback, for `what`.
pub(crate) async fn bind(what: &str) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.with_context(|| format!("a loopback port for {what}"))?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Accepts connections and gives each a task of its own, until `stop` ends all of them.
pub(crate) fn accept<T>(listener: TcpListener, stop: CancellationToken, take: impl Fn(TcpStream) -> T + Send + 'static)
where
    T: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    tokio::spawn(async move {
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            // A connection that failed while it was accepted is the client's concern.
            let Ok((stream, _)) = accepted else { continue };
            let _ = stream.set_nodelay(true);
            let (stop, taken) = (stop.clone(), take(stream));
            tokio::spawn(async move {
                tokio::select! {
                    () = stop.cancelled() => {}
                    // How it ended is the client's concern as well: a client that gave up, a handshake that failed.
                    _ = taken => {}
                }
            });
        }
    });
}

/// Serves a service on a connection to its own port, where no host name says which service is meant.
pub(crate) async fn serve(
    service: Arc<dyn Service>,
    connection: Connection,
    stream: impl Stream,
) -> anyhow::Result<()> {
    http::serve(stream, move |mut request| {
        let (service, connection) = (service.clone(), connection.clone());
        async move {
            request.extensions_mut().insert(connection);
            match http::whole(request, service.longest_body(), service.discards()).await {
                Some(request) => service.answer("", request).await,
                None => service.too_long(),
            }
        }
    })
    .await
}
