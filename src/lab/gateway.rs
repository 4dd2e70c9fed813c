//! The one loopback port behind which every named service stands.
//!
//! It takes a TLS connection by its server name, a plain HTTP request by its `Host`, and speaks the HTTP proxy protocol
//! (absolute form and `CONNECT`), so that any real client with a proxy setting can be pointed at the lab.

use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::Full;

/// A request whose body is read whole.
pub type Request = http::Request<Bytes>;
/// An answer.
pub type Response = http::Response<Full<Bytes>>;

/// One service of the lab.
#[async_trait]
pub trait Service: Send + Sync {
    /// True for the host names it answers for, lower case, without port.
    fn serves(&self, host: &str) -> bool;
    /// Answers. The request's URI has its path and query only; `host` is the name it was sent to.
    async fn answer(&self, host: &str, request: Request) -> Response;
}

/// An answer with a status, a content type and a body.
pub fn response(status: u16, content_type: &str, body: impl Into<Bytes>) -> Response {
    let mut response = http::Response::new(Full::new(body.into()));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(value) = content_type.parse() {
        response.headers_mut().insert(http::header::CONTENT_TYPE, value);
    }
    response
}
