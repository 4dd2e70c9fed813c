//! HTTP as the lab's services speak it: a request whose body was read, an answer, and the serving of one connection.

use std::convert::Infallible;
use std::net::SocketAddr;

use bytes::{Bytes, BytesMut};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncWrite};

/// A request whose body was read whole.
pub type Request = http::Request<Bytes>;
/// The body of an answer: whole, or a stream.
pub type Body = UnsyncBoxBody<Bytes, Infallible>;
/// An answer.
pub type Response = http::Response<Body>;

/// The header with the node a request comes from: what its source address would show, and loopback cannot.
pub const FROM_NODE: &str = "x-lab-from-node";

/// A connection to a port of a service's own; in the extensions of every request that came over it.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    /// The address the client connected to.
    pub(crate) local: SocketAddr,
    /// The client's certificate, if it presented one. It was not verified.
    pub(crate) certificate: Option<CertificateDer<'static>>,
}

/// What HTTP can be spoken on.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + 'static> Stream for T {}

/// An answer with a status, a content type and a body. A status that does not exist becomes 500; a content type that
/// is not a header value is left out.
pub fn response(status: u16, content_type: &str, body: impl Into<Bytes>) -> Response {
    let mut response = http::Response::new(Full::new(body.into()).boxed_unsync());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(value) = content_type.parse() {
        response.headers_mut().insert(http::header::CONTENT_TYPE, value);
    }
    response
}

/// Reads the body of a request, up to `longest` bytes; none where it breaks off or is longer, of which `discarded` bytes
/// more are read and thrown away.
pub(crate) async fn whole(request: http::Request<Incoming>, longest: usize, discarded: u64) -> Option<Request> {
    let (parts, mut body) = request.into_parts();
    let mut read = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.ok()?.into_data() else { continue };
        if read.len() + data.len() > longest {
            // What was kept is given back before the rest is awaited.
            drop(read);
            discard(body, discarded).await;
            return None;
        }
        read.extend_from_slice(&data);
    }
    Some(http::Request::from_parts(parts, read.freeze()))
}

/// Reads the rest of a body, as far as `most` bytes.
async fn discard(mut body: Incoming, most: u64) {
    let mut seen = 0u64;
    while seen < most
        && let Some(Ok(frame)) = body.frame().await
    {
        seen += frame.data_ref().map_or(0, |data| data.len() as u64);
    }
}

/// Serves HTTP/1.1 and HTTP/2 on one connection, upgrades included, until the client closes it.
pub(crate) async fn serve<A>(
    stream: impl Stream,
    answer: impl Fn(http::Request<Incoming>) -> A + Send + 'static,
) -> anyhow::Result<()>
where
    A: Future<Output = Response> + Send + 'static,
{
    let service = service_fn(move |request| {
        let answer = answer(request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
    let served = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).await;
    served.map_err(|error| anyhow::anyhow!("{error}"))
}
